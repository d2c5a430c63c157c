"""Tests what each event means for the journal and for the call's limits."""

from typing import Any

import pytest

from switchboard.observing.observation import Observation
from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import (
    ContentPart,
    ErrorDetail,
    Item,
    Response,
    StatusDetails,
)
from switchboard.record.lines import (
    AnyLine,
    Attached,
    CallEnded,
    Fault,
    ItemAdded,
    Line,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from tests.examples import MIDNIGHT, call
from tests.unit.observing.lines_of_events import LINES_OF_EVENTS

SIDES: list[tuple[Event, str | None]] = [
    (events.PlaybackStarted(response_id="r1"), "assistant"),
    (events.SpeechStarted(item_id="u1"), "caller"),
    (events.PlaybackCleared(response_id="r1"), "caller"),
    (events.SpeechStopped(item_id="u1"), None),
]


def observation(*, keep_words: bool = True) -> Observation:
    return Observation(call(), keep_words=keep_words)


TYPED = events.ItemAdded(
    event_id="e1", item=Item(id="u1", role="user", content=[ContentPart(type="input_text", text="Hello")])
)
SPOKEN = events.TranscriptionCompleted(event_id="e2", item_id="u2", transcript="Good morning")
ANSWERED = events.AudioTranscriptDone(event_id="e3", item_id="a1", response_id="r1", transcript="Hi there")
WRITTEN = events.TextDone(event_id="e4", item_id="a2", response_id="r2", text="In writing")


@pytest.mark.parametrize(
    ("event", "text"),
    [(TYPED, "Hello"), (SPOKEN, "Good morning"), (ANSWERED, "Hi there"), (WRITTEN, "In writing")],
)
def test_words(event: Event, text: str) -> None:
    """Words arrive in four kinds of event, and none of them is kept if words are not to be archived."""
    (kept,) = observation().receive(event, MIDNIGHT)
    (silent,) = observation(keep_words=False).receive(event, MIDNIGHT)

    assert isinstance(kept, ItemAdded | Transcript)
    assert isinstance(silent, ItemAdded | Transcript)
    assert (kept.text, silent.text) == (text, None)
    assert kept.event_id == event.event_id


def test_instructions_are_not_kept() -> None:
    """The text of a system message is not kept, because it is the operator's and not the caller's."""
    item = Item(id="s1", role="system", content=[ContentPart(type="input_text", text="You are a pirate.")])
    (line,) = observation().receive(events.ItemAdded(item=item), MIDNIGHT)

    assert isinstance(line, ItemAdded)
    assert line.text is None


def test_failed_response() -> None:
    """One event gives two lines if a response fails: the end of the response and a fault."""
    event = events.ResponseDone(
        event_id="e1",
        response=Response(
            id="r1",
            status="failed",
            status_details=StatusDetails(type="failed", error=ErrorDetail(code="server_error")),
        ),
    )
    done, fault = observation().receive(event, MIDNIGHT)

    assert isinstance(done, ResponseDone)
    assert done.status == "failed"
    assert isinstance(fault, Fault)
    assert (fault.source, fault.error.code) == ("response", "server_error")


def test_failed_transcription() -> None:
    """If the transcription deployment does not exist, the record shows a fault for every turn."""
    error = ErrorDetail(type="invalid_request_error", code="DeploymentNotFound")
    (line,) = observation().receive(events.TranscriptionFailed(item_id="u1", error=error), MIDNIGHT)

    assert isinstance(line, Fault)
    assert (line.source, line.error.code) == ("transcription", "DeploymentNotFound")


def test_idle_limit_counts_from_the_last_activity() -> None:
    """The limit that will be reached first is the one that is due."""
    seen = observation()
    assert seen.limit_due() == (MIDNIGHT + 300, "max_idle_seconds")

    seen.receive(SPOKEN, MIDNIGHT + 100)
    assert seen.limit_due() == (MIDNIGHT + 400, "max_idle_seconds")

    seen.receive(SPOKEN, MIDNIGHT + 1700)
    assert seen.limit_due() == (MIDNIGHT + 1800, "max_call_seconds")


def test_nobody_is_idle_while_somebody_speaks() -> None:
    """A call is not idle during a long answer or a long question."""
    seen = observation()
    seen.receive(events.SpeechStarted(item_id="u1"), MIDNIGHT + 10)
    assert seen.limit_due() == (MIDNIGHT + 1800, "max_call_seconds")

    seen.receive(events.SpeechStopped(item_id="u1"), MIDNIGHT + 400)
    seen.receive(events.PlaybackStarted(response_id="r1"), MIDNIGHT + 401)
    assert seen.idle_due() is None

    seen.receive(events.PlaybackCleared(response_id="r1"), MIDNIGHT + 410)
    assert seen.limit_due() == (MIDNIGHT + 710, "max_idle_seconds")


def test_errors_are_no_activity() -> None:
    """A call in which only errors happen is idle."""
    seen = observation()
    seen.receive(events.ErrorEvent(error=ErrorDetail(code="x")), MIDNIGHT + 200)

    assert seen.limit_due() == (MIDNIGHT + 300, "max_idle_seconds")


def test_resume() -> None:
    """A second observer takes the limits over from the first one's journal.

    Whoever was speaking when the first observer was lost may have stopped since then.
    """
    lines: list[AnyLine] = [
        call(),
        Attached(at=MIDNIGHT),
        SpeechStarted(at=MIDNIGHT + 50, item_id="u1"),
        SpeechStopped(at=MIDNIGHT + 55, item_id="u1"),
        PlaybackStarted(at=MIDNIGHT + 56, response_id="r1"),
    ]
    seen = observation()
    seen.resume(lines)
    assert seen.idle_due() is None

    seen.resume([*lines, Attached(at=MIDNIGHT + 120)])
    assert seen.limit_due() == (MIDNIGHT + 420, "max_idle_seconds")
    assert not seen.ended

    seen.resume([PlaybackStopped(at=MIDNIGHT + 60, response_id="r1"), CallEnded(at=MIDNIGHT + 61, reason="peer_left")])
    assert seen.ended


@pytest.mark.parametrize(("event", "line"), LINES_OF_EVENTS)
def test_line_of_each_event(event: Event, line: Line) -> None:
    """Each event that matters gives one line, with the event's own id and the moment at which it came."""
    assert observation().receive(event, MIDNIGHT) == [line]


def test_times_are_whole_milliseconds() -> None:
    """A journal needs no more, and times that differ by nothing else compare as equal."""
    (line,) = observation().receive(events.ItemDeleted(item_id="u1"), MIDNIGHT + 0.12345)

    assert line.at == MIDNIGHT + 0.123


def test_errors_about_our_own_events() -> None:
    """If the service does not know an item that the observer asks for, nothing is wrong with the call."""
    seen = observation()

    assert seen.receive(events.ErrorEvent(error=ErrorDetail(event_id="switchboard_item_1")), MIDNIGHT) == []
    assert len(seen.receive(events.ErrorEvent(error=ErrorDetail(event_id="page_1")), MIDNIGHT)) == 1


def item(item_id: str, **fields: Any) -> Item:
    return Item(id=item_id, **{"role": "user", **fields})


def test_item_that_nobody_heard_come() -> None:
    """Its end is taken instead of its beginning; a null in it does not say that the item is the first one."""
    seen = observation()
    lines = [
        *seen.receive(events.ItemAdded(item=item("u1")), MIDNIGHT),
        *seen.receive(events.ItemDone(item=item("u1")), MIDNIGHT),
        *seen.receive(events.ItemDone(item=item("u2"), previous_item_id="u1"), MIDNIGHT),
        *seen.receive(events.ItemDone(item=item("u3")), MIDNIGHT),
        *seen.receive(events.ItemDone(item=item("u3")), MIDNIGHT),
    ]

    assert lines == [
        ItemAdded(at=MIDNIGHT, item_id="u1", role="user"),
        ItemAdded(at=MIDNIGHT, item_id="u2", role="user", previous_item_id="u1"),
        ItemAdded(at=MIDNIGHT, item_id="u3", role="user", recovered=True),
    ]
    assert seen.take_missing() == []


def test_missing_items() -> None:
    """An item that others follow and that nobody heard of is asked for, once; an earlier observer's are known."""
    seen = observation()
    seen.resume([ItemAdded(at=MIDNIGHT, item_id="u1")])
    for previous in ("u1", "u5", "u5", None):
        seen.receive(events.ItemAdded(item=item("u6"), previous_item_id=previous), MIDNIGHT)

    assert seen.take_missing() == ["u5"]
    assert seen.take_missing() == []


@pytest.mark.parametrize(
    ("role", "content", "lines"),
    [
        (
            "user",
            [ContentPart(type="input_audio", transcript="Good "), ContentPart(type="input_audio", transcript="day")],
            [
                ItemAdded(at=MIDNIGHT, item_id="i1", role="user", recovered=True),
                Transcript(at=MIDNIGHT, item_id="i1", role="user", text="Good day"),
            ],
        ),
        (
            "assistant",
            [ContentPart(type="output_audio", transcript="Hello")],
            [
                ItemAdded(at=MIDNIGHT, item_id="i1", role="assistant", recovered=True),
                Transcript(at=MIDNIGHT, item_id="i1", role="assistant", text="Hello"),
            ],
        ),
        (
            "user",
            [ContentPart(type="input_text", text="One "), ContentPart(type="input_text", text="line")],
            [ItemAdded(at=MIDNIGHT, item_id="i1", role="user", text="One line", recovered=True)],
        ),
        (
            "system",
            [ContentPart(type="input_audio", transcript="Be brief.")],
            [ItemAdded(at=MIDNIGHT, item_id="i1", role="system", recovered=True)],
        ),
        (
            "user",
            [ContentPart(type="input_audio")],
            [ItemAdded(at=MIDNIGHT, item_id="i1", role="user", recovered=True)],
        ),
    ],
)
def test_retrieved_item(role: str, content: list[ContentPart], lines: list[Line]) -> None:
    """What was said before the observer came is taken from the item as it stands now."""
    retrieved = events.ItemRetrieved(item=item("i1", role=role, content=content))

    assert observation().receive(retrieved, MIDNIGHT) == lines
    silent = observation(keep_words=False).receive(retrieved, MIDNIGHT)
    assert [line.text for line in silent if isinstance(line, ItemAdded | Transcript)] == [None] * len(lines)


def test_who_speaks() -> None:
    """A caller who interrupts counts as the one who speaks."""
    seen = observation()
    for event, side in SIDES:
        seen.receive(event, MIDNIGHT)
        assert seen.standing().speaking == side
