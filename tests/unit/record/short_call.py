"""Holds the journal of a short call, which several test modules fold."""

from switchboard.realtime.objects import ErrorDetail, ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record.lines import (
    AnyLine,
    Attached,
    CallEnded,
    Detached,
    Fault,
    HangUpRequested,
    ItemAdded,
    ItemTruncated,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from tests.examples import MIDNIGHT, call


def at(seconds: float) -> float:
    return MIDNIGHT + seconds


def usage(text: int, audio: int, cached: int = 0) -> ResponseUsage:
    return ResponseUsage(
        total_tokens=text + audio + 50,
        input_tokens=text + audio,
        output_tokens=50,
        input_token_details=TokenDetails(
            text_tokens=text,
            audio_tokens=audio,
            cached_tokens=cached,
            cached_tokens_details=TokenDetails(text_tokens=cached),
        ),
        output_token_details=TokenDetails(text_tokens=10, audio_tokens=40),
    )


# A caller asks, is answered, asks again while the answer still plays, types a line, and hangs up.
JOURNAL: list[AnyLine] = [
    call(),
    Attached(at=at(0.4)),
    SpeechStarted(at=at(2), event_id="e1", item_id="u1", audio_ms=1900),
    SpeechStopped(at=at(3.5), event_id="e2", item_id="u1", audio_ms=3400),
    ItemAdded(at=at(3.51), event_id="e3", item_id="u1", role="user"),
    ResponseStarted(at=at(3.55), event_id="e4", response_id="r1"),
    ItemAdded(at=at(3.6), event_id="e5", item_id="a1", previous_item_id="u1", role="assistant"),
    PlaybackStarted(at=at(3.9), event_id="e6", response_id="r1"),
    # The caller's words are known only after the answer has begun.
    Transcript(
        at=at(4),
        event_id="e7",
        item_id="u1",
        role="user",
        text="What time is it?",
        usage=TranscriptionUsage(
            total_tokens=20, input_tokens=15, output_tokens=5, input_token_details=TokenDetails(audio_tokens=15)
        ),
    ),
    Transcript(at=at(4.5), event_id="e8", item_id="a1", role="assistant", text="It is midnight, and a fine one."),
    ResponseDone(at=at(4.6), event_id="e9", response_id="r1", item_ids=["a1"], usage=usage(100, 15)),
    SpeechStarted(at=at(5), event_id="e10", item_id="u2"),
    PlaybackStopped(at=at(5.01), event_id="e11", response_id="r1", cut=True),
    ItemTruncated(at=at(5.02), event_id="e12", item_id="a1", audio_end_ms=1100),
    SpeechStopped(at=at(6), event_id="e13", item_id="u2"),
    ItemAdded(at=at(6.01), event_id="e14", item_id="u2", previous_item_id="a1", role="user"),
    ResponseStarted(at=at(6.05), event_id="e15", response_id="r2"),
    ItemAdded(at=at(6.06), event_id="e16", item_id="a2", previous_item_id="u2", role="assistant"),
    PlaybackStarted(at=at(6.25), event_id="e17", response_id="r2"),
    Transcript(at=at(6.3), event_id="e18", item_id="u2", role="user", text="Thanks!"),
    Transcript(at=at(6.4), event_id="e19", item_id="a2", role="assistant", text="You are welcome."),
    ResponseDone(at=at(6.5), event_id="e20", response_id="r2", item_ids=["a2"], usage=usage(140, 30, cached=64)),
    PlaybackStopped(at=at(8), event_id="e21", response_id="r2"),
    Fault(at=at(8.5), event_id="e22", source="service", error=ErrorDetail(type="invalid_request_error", code="x")),
    ItemAdded(at=at(9), event_id="e23", item_id="u3", previous_item_id="a2", role="user", text="Bye"),
    HangUpRequested(at=at(10), reason="hung_up_by_caller"),
    Detached(at=at(10.1), how="clean", code=1000),
    CallEnded(at=at(10.2), reason="peer_left"),
]
