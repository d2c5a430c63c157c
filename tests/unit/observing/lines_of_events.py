"""Says which line each event of the service gives, one example each."""

from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import (
    ErrorDetail,
    Item,
    Response,
    ResponseUsage,
    StatusDetails,
    TranscriptionUsage,
)
from switchboard.record.lines import (
    Fault,
    ItemAdded,
    ItemDeleted,
    ItemTruncated,
    Line,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from tests.examples import MIDNIGHT

ERROR = ErrorDetail(type="invalid_request_error", code="x")
BILL = ResponseUsage(total_tokens=9)
HEARD = TranscriptionUsage(total_tokens=3)

LINES_OF_EVENTS: list[tuple[Event, Line]] = [
    (
        events.SpeechStarted(event_id="e", item_id="u1", audio_start_ms=120),
        SpeechStarted(at=MIDNIGHT, event_id="e", item_id="u1", audio_ms=120),
    ),
    (
        events.SpeechStopped(event_id="e", item_id="u1", audio_end_ms=980),
        SpeechStopped(at=MIDNIGHT, event_id="e", item_id="u1", audio_ms=980),
    ),
    (
        events.ItemAdded(
            event_id="e", previous_item_id="u1", item=Item(id="f1", type="function_call", role="assistant")
        ),
        ItemAdded(
            at=MIDNIGHT,
            event_id="e",
            item_id="f1",
            previous_item_id="u1",
            kind="function_call",
            role="assistant",
        ),
    ),
    (events.ItemDeleted(event_id="e", item_id="u1"), ItemDeleted(at=MIDNIGHT, event_id="e", item_id="u1")),
    (
        events.ItemTruncated(event_id="e", item_id="a1", audio_end_ms=700),
        ItemTruncated(at=MIDNIGHT, event_id="e", item_id="a1", audio_end_ms=700),
    ),
    (
        events.TranscriptionCompleted(event_id="e", item_id="u1", transcript="Hello", usage=HEARD),
        Transcript(at=MIDNIGHT, event_id="e", item_id="u1", role="user", text="Hello", usage=HEARD),
    ),
    (
        events.TranscriptionFailed(event_id="e", item_id="u1", error=ERROR),
        Fault(at=MIDNIGHT, event_id="e", source="transcription", error=ERROR),
    ),
    (
        events.AudioTranscriptDone(event_id="e", item_id="a1", response_id="r1", transcript="Hi"),
        Transcript(at=MIDNIGHT, event_id="e", item_id="a1", role="assistant", text="Hi"),
    ),
    (
        events.TextDone(event_id="e", item_id="a1", response_id="r1", text="Hi"),
        Transcript(at=MIDNIGHT, event_id="e", item_id="a1", role="assistant", text="Hi"),
    ),
    (
        events.ResponseCreated(event_id="e", response=Response(id="r1")),
        ResponseStarted(at=MIDNIGHT, event_id="e", response_id="r1"),
    ),
    (
        events.ResponseDone(event_id="e", response=Response(id="r1", output=[Item(id="a1")], usage=BILL)),
        ResponseDone(at=MIDNIGHT, event_id="e", response_id="r1", status="completed", item_ids=["a1"], usage=BILL),
    ),
    (
        events.ResponseDone(
            event_id="e",
            response=Response(id="r1", status="cancelled", status_details=StatusDetails(reason="turn_detected")),
        ),
        ResponseDone(at=MIDNIGHT, event_id="e", response_id="r1", status="cancelled", reason="turn_detected"),
    ),
    (
        events.PlaybackStarted(event_id="e", response_id="r1"),
        PlaybackStarted(at=MIDNIGHT, event_id="e", response_id="r1"),
    ),
    (
        events.PlaybackStopped(event_id="e", response_id="r1"),
        PlaybackStopped(at=MIDNIGHT, event_id="e", response_id="r1"),
    ),
    (
        events.PlaybackCleared(event_id="e", response_id="r1"),
        PlaybackStopped(at=MIDNIGHT, event_id="e", response_id="r1", cut=True),
    ),
    (events.ErrorEvent(event_id="e", error=ERROR), Fault(at=MIDNIGHT, event_id="e", source="service", error=ERROR)),
]
