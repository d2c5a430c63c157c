"""What may stand in a journal: one JSON object a line, `type` first. Times `at`: Unix seconds by the gateway's clock.

Whoever reads a journal ignores lines and fields that it does not know: a newer gateway may have written them. Lines
that stem from an event of the service keep its `event_id`; two observers of one call write such a line twice, and the
fold takes the first.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from switchboard.realtime.events import ErrorDetail, ResponseUsage, TranscriptionUsage

EndReason = Literal[
    "hung_up_by_caller",
    "hung_up_by_operator",
    "max_call_seconds",
    "max_idle_seconds",
    "service_limit",
    "peer_left",
    "observer_failed",
    "unknown",
]


class Line(msgspec.Struct, tag_field="type", frozen=True, omit_defaults=True, kw_only=True):
    """What all lines have."""

    at: float
    event_id: str = ""


class CallCreated(Line, tag="call.created", frozen=True, kw_only=True):
    """The first line: whose call it is and what it runs with. `place` is what the caller's limit counts."""

    call_id: str
    caller_id: str
    caller_name: str = ""
    deployment: str = ""
    endpoint: str = ""
    protocol: str = "ga"
    signalling: Literal["proxy", "token"] = "proxy"
    voice: str = ""
    language: str = ""
    place: str = ""
    max_call_seconds: int = 0
    max_idle_seconds: int = 0

    @property
    def observable(self) -> bool:
        """Whether the service lets a server hear the call and end it: not with the preview protocol."""
        return self.protocol != "preview"

    @property
    def longest_due(self) -> float:
        """The Unix second at which the call has lasted as long as it may."""
        return self.at + self.max_call_seconds


class Attached(Line, tag="observer.attached", frozen=True, kw_only=True):
    """From here on the observer hears the call."""


class Watching(Line, tag="observer.watching", frozen=True, kw_only=True):
    """The observer hears the call, and nothing happened for a while. Bounds the gap when an observer is killed."""


class Detached(Line, tag="observer.detached", frozen=True, kw_only=True):
    """The observer's sideband ended; what happens until the next `observer.attached` is not seen."""

    how: str
    code: int | None = None


class HangUpRequested(Line, tag="call.hang_up_requested", frozen=True, kw_only=True):
    """Somebody, or a limit, asked for the call's end."""

    reason: EndReason


class CallEnded(Line, tag="call.ended", frozen=True, kw_only=True):
    """The call is over. `reason` as the observer saw it; a hang-up asked for before it explains it better."""

    reason: EndReason


class SpeechStarted(Line, tag="speech.started", frozen=True, kw_only=True):
    """The caller began to speak; `audio_ms` of the call's input audio."""

    item_id: str
    audio_ms: int = 0


class SpeechStopped(Line, tag="speech.stopped", frozen=True, kw_only=True):
    """The caller stopped speaking."""

    item_id: str
    audio_ms: int = 0


class ItemAdded(Line, tag="item.added", frozen=True, kw_only=True):
    """An item took its place after `previous_item_id`. `text` for typed words; `kind` is message, function_call, ….

    `recovered`: nobody heard it come, and its place is known only from the item that follows it.
    """

    item_id: str
    previous_item_id: str | None = None
    kind: str = "message"
    role: str | None = None
    text: str | None = None
    recovered: bool = False


class ItemDeleted(Line, tag="item.deleted", frozen=True, kw_only=True):
    """An item was taken out of the conversation."""

    item_id: str


class ItemTruncated(Line, tag="item.truncated", frozen=True, kw_only=True):
    """The caller heard `audio_end_ms` of the item and no more."""

    item_id: str
    audio_end_ms: int = 0


class Transcript(Line, tag="item.transcript", frozen=True, kw_only=True):
    """The final words of an item. `text` is None where words are not archived; `usage` for a caller's speech."""

    item_id: str
    role: Literal["user", "assistant"]
    text: str | None = None
    usage: TranscriptionUsage | None = None


class ResponseStarted(Line, tag="response.started", frozen=True, kw_only=True):
    """The model began to answer."""

    response_id: str


class ResponseDone(Line, tag="response.done", frozen=True, kw_only=True):
    """The model has answered, or was stopped; `reason` says why where it was. `item_ids` are the items it made."""

    response_id: str
    status: str = "completed"
    reason: str | None = None
    item_ids: list[str] = []
    usage: ResponseUsage | None = None


class PlaybackStarted(Line, tag="playback.started", frozen=True, kw_only=True):
    """The first audio of a response went out."""

    response_id: str


class PlaybackStopped(Line, tag="playback.stopped", frozen=True, kw_only=True):
    """The last audio of a response went out; `cut` where the rest was thrown away."""

    response_id: str
    cut: bool = False


class Fault(Line, tag="fault", frozen=True, kw_only=True):
    """Something went wrong and the call went on; `source` is service, transcription, response or gateway."""

    source: Literal["service", "transcription", "response", "gateway"]
    error: ErrorDetail


class EventSent(Line, tag="controller.event_sent", frozen=True, kw_only=True):
    """An operator sent a client event into the call; `outcome` is answered, refused or unanswered."""

    operator: str
    event: str
    outcome: Literal["answered", "refused", "unanswered"]


class BrowserReport(Line, tag="browser.report", frozen=True, kw_only=True):
    """The browser's own figures, as it tells them: nobody has checked them."""

    figures: dict[str, Any]


AnyLine = (
    CallCreated
    | Attached
    | Watching
    | Detached
    | HangUpRequested
    | CallEnded
    | SpeechStarted
    | SpeechStopped
    | ItemAdded
    | ItemDeleted
    | ItemTruncated
    | Transcript
    | ResponseStarted
    | ResponseDone
    | PlaybackStarted
    | PlaybackStopped
    | Fault
    | EventSent
    | BrowserReport
)


def created_line(lines: Iterable[AnyLine]) -> CallCreated | None:
    """The line that says whose call it is; None while it is still on its way."""
    return next((line for line in lines if isinstance(line, CallCreated)), None)


def has_ended(lines: Iterable[AnyLine]) -> bool:
    """Whether the journal says that the call is over."""
    return any(isinstance(line, CallEnded) for line in lines)


_DECODER = msgspec.json.Decoder(AnyLine)
_ENCODER = msgspec.json.Encoder()


def encode_lines(lines: Iterable[Line]) -> bytes:
    """The lines as they stand in a journal, each with its line feed."""
    return _ENCODER.encode_lines(list(lines))


def decode_lines(journal: bytes) -> Iterator[AnyLine]:
    """The lines of a journal, in their order; what cannot be read is left out."""
    for line in journal.splitlines():
        try:
            yield _DECODER.decode(line)
        except (msgspec.MsgspecError, UnicodeError):
            continue
