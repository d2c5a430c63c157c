"""The fold of a journal into a call summary. Sans-I/O, pure: the same journal gives the same bytes, always.

A journal may hold a line twice (a write that was sent again, two observers of one call) and lines in an odd order (two
writers): everything is therefore kept by the id of what it is about, and the first word on a matter stands.
"""

from collections.abc import Iterable
from statistics import median
from typing import Any

import msgspec

from switchboard.record.conversation import Conversation, Turn, Utterance
from switchboard.record.lines import (
    AnyLine,
    Attached,
    BrowserReport,
    CallCreated,
    CallEnded,
    Detached,
    EndReason,
    EventSent,
    Fault,
    HangUpRequested,
    created_line,
)
from switchboard.record.times import iso
from switchboard.record.usage import Usage, total_usage

SCHEMA = 1
# An observer attaches within a second of the call, and again within one of a closed sideband: that is no gap.
LONGEST_UNNOTED_GAP_SECONDS = 1.0
# Lines that others write: they do not show that an observer was there.
_NOT_OBSERVED = (HangUpRequested, EventSent, BrowserReport)


class CallerRecord(msgspec.Struct, frozen=True):
    """Whose call it was. `name` is empty for an anonymous caller."""

    id: str
    name: str


class ErrorRecord(msgspec.Struct, frozen=True):
    """Something that went wrong while the call went on; `source` is service, transcription, response or gateway."""

    at: str
    source: str
    type: str | None
    code: str | None
    message: str | None


class Gap(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A time in which nobody observed the call, at the most; what was said in it is missing here."""

    from_: str
    to: str
    seconds: float


class Steering(msgspec.Struct, frozen=True):
    """A client event that an operator sent into the call, and whether the service answered or refused it."""

    at: str
    operator: str
    event: str
    outcome: str


class Report(msgspec.Struct, frozen=True):
    """The browser's own figures, unchecked."""

    at: str
    reported_by: str
    figures: dict[str, Any]


class CallSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a call. Times are ISO 8601 in UTC with milliseconds; durations are seconds unless named _ms.

    `observed` is false where no observer ever heard the call: then there is no transcript, turn or usage, which does
    not mean that nothing was said, and the end is what the browser, or a limit, said it was.
    """

    schema: int = SCHEMA
    call_id: str
    caller: CallerRecord
    deployment: str
    endpoint: str
    protocol: str
    signalling: str
    observed: bool
    voice: str
    language: str
    started: str
    ended: str | None
    duration_seconds: float
    end_reason: EndReason | None
    transcript: list[Utterance]
    turns: list[Turn]
    interruptions: int
    usage: Usage
    errors: list[ErrorRecord]
    gaps: list[Gap]
    steering: list[Steering]
    reports: list[Report]


def fold(lines: Iterable[AnyLine]) -> CallSummary | None:
    """The summary of what a journal holds so far; None when it does not say whose call it is."""
    lines = _without_repeats(lines)
    call = created_line(lines)
    if call is None:
        return None
    conversation = Conversation(lines)
    ended, reason = _end(lines)
    last = ended if ended is not None else max(line.at for line in lines)
    return CallSummary(
        call_id=call.call_id,
        caller=CallerRecord(call.caller_id, call.caller_name),
        deployment=call.deployment,
        endpoint=call.endpoint,
        protocol=call.protocol,
        signalling=call.signalling,
        observed=any(isinstance(line, Attached) for line in lines),
        voice=call.voice,
        language=call.language,
        started=iso(call.at),
        ended=None if ended is None else iso(ended),
        duration_seconds=round(last - call.at, 3),
        end_reason=reason,
        transcript=conversation.transcript(),
        turns=(turns := conversation.turns()),
        interruptions=sum(turn.interrupted for turn in turns),
        usage=total_usage(lines),
        errors=[_error(line) for line in lines if isinstance(line, Fault)],
        gaps=_gaps(lines),
        steering=[
            Steering(iso(line.at), line.operator, line.event, line.outcome)
            for line in lines
            if isinstance(line, EventSent)
        ],
        reports=[Report(iso(line.at), "browser", line.figures) for line in lines if isinstance(line, BrowserReport)],
    )


def encode_summary(summary: CallSummary) -> bytes:
    """The summary as it is archived: indented JSON, ending in a line feed."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n"


def median_latency_ms(summary: CallSummary) -> int | None:
    """The middle one of the turns' response latencies; None where no spoken turn was answered."""
    known = [turn.response_latency_ms for turn in summary.turns if turn.response_latency_ms is not None]
    return round(median(known)) if known else None


def _without_repeats(lines: Iterable[AnyLine]) -> list[AnyLine]:
    seen: set[object] = set()
    kept: list[AnyLine] = []
    for line in lines:
        # An event may make more than one line, each of its own type. A line without an event is itself its identity.
        key = (type(line), line.event_id) if line.event_id else msgspec.json.encode(line)
        if key not in seen:
            seen.add(key)
            kept.append(line)
    return kept


def _end(lines: list[AnyLine]) -> tuple[float | None, EndReason | None]:
    ended = next((line for line in lines if isinstance(line, CallEnded)), None)
    if ended is None:
        return None, None
    asked = next((line for line in lines if isinstance(line, HangUpRequested) and line.at <= ended.at), None)
    # The observer sees only that the peer is gone; who asked for it says why.
    return ended.at, asked.reason if asked and ended.reason == "peer_left" else ended.reason


def _error(line: Fault) -> ErrorRecord:
    return ErrorRecord(iso(line.at), line.source, line.error.type, line.error.code, line.error.message)


def _gaps(lines: list[AnyLine]) -> list[Gap]:
    """From an observer's last sign of life, or the call's beginning, to the next one's first, or the call's end."""
    gaps: list[Gap] = []
    last: float | None = None
    attached = False
    for line in lines:
        unseen_until = isinstance(line, Attached) or (isinstance(line, CallEnded) and not attached)
        if unseen_until and last is not None and line.at - last >= LONGEST_UNNOTED_GAP_SECONDS:
            gaps.append(Gap(iso(last), iso(line.at), round(line.at - last, 3)))
        if isinstance(line, CallCreated | Attached | Detached):
            last, attached = line.at, isinstance(line, Attached)
        elif attached and not isinstance(line, _NOT_OBSERVED):
            last = line.at
    return gaps
