"""Tests what each event means for the journal and for the call's limits."""

import pytest

from switchboard.observing.observation import Observation
from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import ContentPart, ErrorDetail, Item, Response, StatusDetails
from switchboard.record.lines import (
    AnyLine,
    Attached,
    CallEnded,
    Fault,
    ItemAdded,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from tests.examples import MIDNIGHT, call


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


def test_unreadable_events() -> None:
    """Each type of event that cannot be read is noted once in a call, also when another observer takes over."""
    text, done = (events.Unreadable(event_id="e1", kind=f"response.{kind}") for kind in ("output_text.done", "done"))
    seen = observation()
    (fault,) = seen.receive(text, MIDNIGHT)

    assert isinstance(fault, Fault)
    assert (fault.source, fault.event_id, fault.error.code) == ("gateway", "e1", "event_unreadable")
    assert "response.output_text.done" in (fault.error.message or "")
    assert seen.receive(text, MIDNIGHT + 1) == []
    assert len(seen.receive(done, MIDNIGHT + 2)) == 1

    other = observation()
    other.resume([call(), fault])
    assert other.receive(text, MIDNIGHT + 3) == []
    assert len(other.receive(done, MIDNIGHT + 4)) == 1
    assert other.limit_due() == (MIDNIGHT + 300, "max_idle_seconds")


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
    assert seen.limit_due() == (MIDNIGHT + 356, "max_idle_seconds")
    assert not seen.ended

    seen.resume([PlaybackStopped(at=MIDNIGHT + 60, response_id="r1"), CallEnded(at=MIDNIGHT + 61, reason="peer_left")])
    assert seen.ended
