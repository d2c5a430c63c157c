"""Tests which times of a call nobody observed, and until when a call is known to have been up."""

import pytest

from switchboard.record.gaps import find_gaps, last_known_up, lines_before_the_end, observed_times
from switchboard.record.lines import (
    AnyLine,
    Attached,
    BrowserReport,
    CallEnded,
    Detached,
    EventSent,
    HangUpRequested,
    ItemAdded,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    Watching,
)
from tests.examples import call
from tests.unit.record.short_call import at


def attached(second: float, observer: str = "a") -> Attached:
    return Attached(at=at(second), observer=observer)


def watching(second: float, observer: str = "a") -> Watching:
    return Watching(at=at(second), observer=observer)


def detached(second: float, observer: str = "a") -> Detached:
    return Detached(at=at(second), how="lost", observer=observer)


def arrived(item_id: str, previous: str | None, *, second: float = 2, recovered: bool = False) -> ItemAdded:
    return ItemAdded(at=at(second), observer="a", item_id=item_id, previous_item_id=previous, recovered=recovered)


GAP_AT_THE_START = [("00:00.000", "00:00.400", 0.4)]


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        ([], []),
        ([call(), watching(1)], []),
        ([attached(1)], [(1, 1)]),
        ([attached(1), watching(31), SpeechStarted(at=at(40), item_id="u1", observer="a")], [(1, 40)]),
        ([attached(1), watching(31), detached(35), watching(60)], [(1, 35)]),
        # It attached again without having seen its sideband break.
        ([attached(1), watching(31), attached(90), watching(95)], [(1, 31), (90, 95)]),
        # Two at once, and one after the other without a break.
        ([attached(1), attached(5, "b"), watching(20), watching(30, "b"), detached(31)], [(1, 31)]),
        ([attached(1), detached(5), attached(5, "b"), watching(9, "b")], [(1, 9)]),
        ([attached(10, "b"), watching(20, "b"), attached(1), watching(5)], [(1, 5), (10, 20)]),
        # One that heard the call within the time of another adds nothing to it.
        ([attached(1), watching(50), attached(5, "b"), watching(9, "b")], [(1, 50)]),
        # A line that was written late moves nothing back.
        ([attached(1), watching(31), SpeechStarted(at=at(20), item_id="u1", observer="a")], [(1, 31)]),
    ],
)
def test_observed_times(lines: list[AnyLine], times: list[tuple[float, float]]) -> None:
    """An observer heard the call from where it attached to its last line, and what several heard is joined."""
    assert observed_times(lines) == [(at(begin), at(until)) for begin, until in times]


@pytest.mark.parametrize(
    "line",
    [
        HangUpRequested(at=at(50), reason="hung_up_by_caller", observer="a"),
        EventSent(at=at(50), operator="aad:eve", event="response.cancel", outcome="answered", observer="a"),
        BrowserReport(at=at(50), figures={}, observer="a"),
        call(at=at(50), observer="a"),
        watching(50, "b"),
        watching(50, ""),
    ],
)
def test_what_shows_no_observer(line: AnyLine) -> None:
    """What others write, and what an observer may write without hearing anything, does not lengthen its time."""
    assert observed_times([attached(1), line]) == [(at(1), at(1))]


@pytest.mark.parametrize(
    ("lines", "over", "gaps"),
    [
        ([], None, []),
        ([], 60.0, [("00:00.000", "01:00.000", 60)]),
        # A second is what the first observer takes to attach. Later on, something may be missed in any moment.
        ([attached(0.999), watching(30)], None, []),
        ([attached(0.999), detached(30), attached(30.1)], None, [("00:30.000", "00:30.100", 0.1)]),
        # Within that second, something was said all the same if an item follows one that nobody saw arrive.
        ([attached(0.4), arrived("a1", "u1"), arrived("u1", None)], None, []),
        ([attached(0.4), arrived("a1", "u1")], None, GAP_AT_THE_START),
        ([attached(0.4), arrived("u1", None, recovered=True), arrived("a1", "u1")], None, GAP_AT_THE_START),
        ([attached(0.4), ResponseDone(at=at(1), observer="a", response_id="r1")], None, GAP_AT_THE_START),
        (
            [
                *(attached(0.4), arrived("u1", None), ResponseStarted(at=at(1), observer="a", response_id="r1")),
                ResponseDone(at=at(2), observer="a", response_id="r1"),
            ],
            None,
            [],
        ),
        # What was missed later lies in a gap of its own.
        (
            [attached(0.4), watching(3), attached(5), arrived("a1", "u1", second=6)],
            None,
            [("00:03.000", "00:05.000", 2)],
        ),
        (
            [attached(1, "b"), detached(30, "b"), attached(30, "c"), watching(40, "c")],
            40.0,
            [("00:00.000", "00:01.000", 1)],
        ),
        (
            [attached(1), detached(30), attached(31)],
            None,
            [("00:00.000", "00:01.000", 1), ("00:30.000", "00:31.000", 1)],
        ),
        # The call was found to be over after nobody had heard it for a while, or when its sideband closed.
        ([attached(0), watching(30)], 95.5, [("00:30.000", "01:35.500", 65.5)]),
        ([attached(0), watching(30)], 30.5, [("00:30.000", "00:30.500", 0.5)]),
        ([attached(0), watching(30), detached(40)], 40.0, []),
        ([attached(0), watching(30)], None, []),
    ],
)
def test_gaps(lines: list[AnyLine], over: float | None, gaps: list[tuple[str, str, float]]) -> None:
    """What no observer covers is a gap, from the call's beginning to its end; a call under way has no last gap yet."""
    found = find_gaps(lines, at(0), None if over is None else at(over))

    assert [(gap.from_[14:-1], gap.to[14:-1], gap.seconds) for gap in found] == gaps


@pytest.mark.parametrize(
    ("lines", "second"),
    [
        ([], 0),
        ([attached(1), watching(31)], 31),
        ([attached(1), HangUpRequested(at=at(5), reason="hung_up_by_caller")], 5),
        ([attached(1), watching(31), HangUpRequested(at=at(5), reason="hung_up_by_caller")], 31),
    ],
)
def test_last_known_up(lines: list[AnyLine], second: float) -> None:
    """An observer, or somebody who asked for the end, shows that a call was up; else only its beginning does."""
    assert last_known_up(lines, at(0)) == at(second)


def test_lines_before_the_end() -> None:
    """The first line that closes the record divides the journal; an open record has no such line."""
    ended = CallEnded(at=at(9), reason="peer_left")
    later = CallEnded(at=at(99), reason="unknown")

    assert lines_before_the_end([call(), ended, watching(50), later]) == ([call()], ended)
    assert lines_before_the_end([call(), watching(5)]) == ([call(), watching(5)], None)
