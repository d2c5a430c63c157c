"""Server events of the Realtime API that a call's record is made of. All others become None, none is an error.

Fields as in openai-python's `types/realtime`; real frames carry more of them, which are ignored.
"""

from typing import Any

import msgspec


class Event(msgspec.Struct, tag_field="type", frozen=True):
    """What all events have."""

    event_id: str = ""


class ContentPart(msgspec.Struct, frozen=True):
    """A part of an item: typed text in `text`, spoken words in `transcript`."""

    type: str = ""
    text: str | None = None
    transcript: str | None = None


class Item(msgspec.Struct, frozen=True):
    """An item of the conversation; `type` is message, function_call, function_call_output or an mcp_ kind."""

    id: str = ""
    type: str = "message"
    role: str | None = None
    status: str | None = None
    content: list[ContentPart] = []


class ErrorDetail(msgspec.Struct, frozen=True):
    """What went wrong; only `type` is always there."""

    type: str | None = None
    code: str | None = None
    message: str | None = None
    param: str | None = None
    event_id: str | None = None
    """Of the client event that the service complains of."""


class TokenDetails(msgspec.Struct, frozen=True):
    """Tokens by kind; `cached_tokens_details` has those of them that were cached, by kind."""

    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0
    cached_tokens: int = 0
    cached_tokens_details: "TokenDetails | None" = None


class ResponseUsage(msgspec.Struct, frozen=True):
    """What one response was billed for: the whole context again as input, and its own output."""

    total_tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    input_token_details: TokenDetails = TokenDetails()
    output_token_details: TokenDetails = TokenDetails()


class TranscriptionUsage(msgspec.Struct, frozen=True):
    """What one transcription was billed for, apart from responses: `type` is tokens, or duration (then `seconds`)."""

    type: str = "tokens"
    total_tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    input_token_details: TokenDetails = TokenDetails()
    seconds: float = 0.0


class StatusDetails(msgspec.Struct, frozen=True):
    """Why a response ended as it did; `reason` is turn_detected, client_cancelled, max_output_tokens, …."""

    type: str | None = None
    reason: str | None = None
    error: ErrorDetail | None = None


class Response(msgspec.Struct, frozen=True):
    """A response; `status` is in_progress, completed, cancelled, incomplete or failed."""

    id: str = ""
    status: str | None = None
    status_details: StatusDetails | None = None
    output: list[Item] = []
    usage: ResponseUsage | None = None


class ItemAdded(Event, tag="conversation.item.added", frozen=True, kw_only=True):
    """An item has its place in the conversation: after `previous_item_id`."""

    item: Item
    previous_item_id: str | None = None


class ItemDone(Event, tag="conversation.item.done", frozen=True, kw_only=True):
    """An item is complete. For an answer, `previous_item_id` was also seen to be null."""

    item: Item
    previous_item_id: str | None = None


class ItemRetrieved(Event, tag="conversation.item.retrieved", frozen=True, kw_only=True):
    """An item that somebody asked for, as it stands."""

    item: Item


class ItemDeleted(Event, tag="conversation.item.deleted", frozen=True, kw_only=True):
    """An item was taken out of the conversation."""

    item_id: str


class ItemTruncated(Event, tag="conversation.item.truncated", frozen=True, kw_only=True):
    """An assistant's item was cut where the caller had stopped listening: `audio_end_ms` into its audio."""

    item_id: str
    audio_end_ms: int = 0


class SpeechStarted(Event, tag="input_audio_buffer.speech_started", frozen=True, kw_only=True):
    """The caller began to speak; `item_id` is the item that will hold it."""

    item_id: str = ""
    audio_start_ms: int = 0


class SpeechStopped(Event, tag="input_audio_buffer.speech_stopped", frozen=True, kw_only=True):
    """The caller stopped speaking."""

    item_id: str = ""
    audio_end_ms: int = 0


class TranscriptionCompleted(
    Event, tag="conversation.item.input_audio_transcription.completed", frozen=True, kw_only=True
):
    """What the caller said."""

    item_id: str
    transcript: str = ""
    usage: TranscriptionUsage | None = None


class TranscriptionFailed(Event, tag="conversation.item.input_audio_transcription.failed", frozen=True, kw_only=True):
    """What the caller said could not be transcribed."""

    item_id: str
    error: ErrorDetail = ErrorDetail()


class ResponseCreated(Event, tag="response.created", frozen=True, kw_only=True):
    """The model begins to answer."""

    response: Response


class ResponseDone(Event, tag="response.done", frozen=True, kw_only=True):
    """The model has answered, or was stopped. Its audio may still be playing."""

    response: Response


class AudioTranscriptDone(Event, tag="response.output_audio_transcript.done", frozen=True, kw_only=True):
    """What the model says aloud."""

    item_id: str
    response_id: str = ""
    transcript: str = ""


class TextDone(Event, tag="response.output_text.done", frozen=True, kw_only=True):
    """What the model wrote."""

    item_id: str
    response_id: str = ""
    text: str = ""


class PlaybackStarted(Event, tag="output_audio_buffer.started", frozen=True, kw_only=True):
    """The first audio of a response goes out."""

    response_id: str = ""


class PlaybackStopped(Event, tag="output_audio_buffer.stopped", frozen=True, kw_only=True):
    """The last audio of a response has gone out."""

    response_id: str = ""


class PlaybackCleared(Event, tag="output_audio_buffer.cleared", frozen=True, kw_only=True):
    """The rest of a response's audio was thrown away."""

    response_id: str = ""


class ErrorEvent(Event, tag="error", frozen=True, kw_only=True):
    """The service complains; the session mostly goes on."""

    error: ErrorDetail = ErrorDetail()


class _Envelope(msgspec.Struct):
    type: str


_KINDS: dict[str, type[Event]] = {kind.__struct_config__.tag: kind for kind in Event.__subclasses__()}  # type: ignore[misc]
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {tag: msgspec.json.Decoder(kind) for tag, kind in _KINDS.items()}
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def parse_event(frame: str | bytes) -> Event | None:
    """The event in a frame; None for types that are not kept and for frames that cannot be read."""
    try:
        # Most frames are deltas: their type alone is read, not their payload.
        decoder = _DECODERS.get(_ENVELOPE.decode(frame).type)
        return decoder.decode(frame) if decoder else None
    except (msgspec.MsgspecError, UnicodeError):
        return None
