"""Finds the times in which nobody observed a call, from the lines of its journal.

Every line of an observer carries the observer's id. From its `observer.attached` to its last line (or until it
detached) that observer heard the call. What no observer covers is a gap.
"""

from collections.abc import Iterable

import msgspec

from switchboard.record.lines import (
    AnyLine,
    Attached,
    BrowserReport,
    CallCreated,
    CallEnded,
    Detached,
    EventSent,
    HangUpRequested,
    ItemAdded,
    ResponseDone,
    ResponseStarted,
)
from switchboard.record.times import iso

# An observer needs up to a second to attach to a new call, in which mostly nobody has said anything yet. So short a
# time is noted as a gap only if the conversation shows that something was said in it. Later on every gap is noted: what
# the service says while nobody listens is not said again, and one event may bill a whole answer.
LONGEST_UNNOTED_GAP_SECONDS = 1.0
# Journals know times to the millisecond.
MEASURABLE_SECONDS = 0.001
# Lines that others than the observer write, or that say nothing of what it hears.
_NOT_HEARD = (CallCreated, HangUpRequested, EventSent, BrowserReport)


class Gap(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A time in which the call may have been unobserved. What was said during it is missing from the summary."""

    from_: str
    """When the call was last known to be observed, or when it began, in ISO 8601, UTC."""
    to: str
    """When an observer attached again, or when the call was found to be over, in ISO 8601, UTC."""
    seconds: float
    """The length of the gap in seconds."""


def observed_times(lines: Iterable[AnyLine]) -> list[tuple[float, float]]:
    """Return the times in which an observer heard the call, as (from, to) in Unix seconds, in order and apart."""
    times: list[tuple[float, float]] = []
    attached: dict[str, tuple[float, float]] = {}
    for line in lines:
        if isinstance(line, Attached):
            # An observer that attaches again without having detached is one that did not see its sideband break.
            if line.observer in attached:
                times.append(attached[line.observer])
            attached[line.observer] = (line.at, line.at)
        elif line.observer in attached and not isinstance(line, _NOT_HEARD):
            begin, end = attached[line.observer]
            attached[line.observer] = (begin, max(end, line.at))
            if isinstance(line, Detached):
                # It knows best until when the call was heard: a sideband may have been dead for a while.
                del attached[line.observer]
                times.append((begin, max(begin, line.at)))
    return _joined([*times, *attached.values()])


def find_gaps(lines: Iterable[AnyLine], began: float, over: float | None) -> list[Gap]:
    """Return the gaps between `began` and `over` (Unix seconds; None while the call goes on)."""
    gaps: list[Gap] = []
    seen_until = began
    lines = list(lines)
    observed = observed_times(lines)
    end = [] if over is None else [(over, over)]
    for number, (begin, until) in enumerate(observed + end):
        seconds = begin - seen_until
        if seconds >= MEASURABLE_SECONDS and (
            number or seconds >= LONGEST_UNNOTED_GAP_SECONDS or (observed and _something_before(lines, until))
        ):
            gaps.append(Gap(iso(seen_until), iso(begin), round(seconds, 3)))
        seen_until = max(seen_until, until)
    return gaps


def last_known_up(lines: Iterable[AnyLine], began: float) -> float:
    """Return the last moment at which the journal shows that the call was up, in Unix seconds.

    This is the end of what was observed, or the moment at which somebody asked for the call to be hung up.
    """
    lines = list(lines)
    asked = [line.at for line in lines if isinstance(line, HangUpRequested)]
    return max([began, *asked, *(until for _, until in observed_times(lines))])


def lines_before_the_end(lines: Iterable[AnyLine]) -> tuple[list[AnyLine], CallEnded | None]:
    """Return the lines before the one that closes the record, and that one; None while the record is open."""
    before: list[AnyLine] = []
    for line in lines:
        if isinstance(line, CallEnded):
            return before, line
        before.append(line)
    return before, None


def _something_before(lines: list[AnyLine], until: float) -> bool:
    """Return whether a line until then (Unix seconds) follows an item, or ends a response, that nobody heard before."""
    arrived = [line for line in lines if isinstance(line, ItemAdded) and not line.recovered]
    items = {None, *(line.item_id for line in arrived)}
    responses = {line.response_id for line in lines if isinstance(line, ResponseStarted)}
    for line in lines:
        match line:
            case ItemAdded(recovered=False, previous_item_id=known):
                unheard = known not in items
            case ResponseDone(response_id=known):
                unheard = known not in responses
            case _:
                continue
        if unheard and line.at <= until:
            return True
    return False


def _joined(times: list[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for begin, until in sorted(times):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((begin, until))
    return joined
