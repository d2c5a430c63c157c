"""Defines the server events of the Realtime API that a call's record is made of, and reads them.

The names and types of the fields are those of openai-python's `types/realtime`. The service sends more types of event
and more fields than these. Other types become None and other fields are ignored; neither is an error. An event of these
types whose fields have changed their form is read as far as that does no harm, and is `Unreadable` otherwise.
"""

import logging
from functools import cache
from typing import Any

import msgspec

from switchboard.realtime.objects import ErrorDetail, Item, Response, TranscriptionUsage

log = logging.getLogger(__name__)


class Event(msgspec.Struct, tag_field="type", frozen=True):
    """This is the base of all server events."""

    event_id: str = ""
    """The service's id of this event."""


class ItemAdded(Event, tag="conversation.item.added", frozen=True, kw_only=True):
    """An item was added to the conversation."""

    item: Item
    """The item, whose content may still be empty."""
    previous_item_id: str | None = None
    """The item that it follows; None for the first item of the conversation."""


class ItemDone(Event, tag="conversation.item.done", frozen=True, kw_only=True):
    """An item is complete."""

    item: Item
    """The item with its whole content."""
    previous_item_id: str | None = None
    """The item that it follows. The service was also seen to send null here for an answer that follows another item."""


class ItemRetrieved(Event, tag="conversation.item.retrieved", frozen=True, kw_only=True):
    """The service answers a request for an item (`conversation.item.retrieve`)."""

    item: Item
    """The item as it is now."""


class ItemDeleted(Event, tag="conversation.item.deleted", frozen=True, kw_only=True):
    """An item was removed from the conversation."""

    item_id: str
    """The id of the removed item."""


class ItemTruncated(Event, tag="conversation.item.truncated", frozen=True, kw_only=True):
    """An item of the model was cut off where the caller interrupted it."""

    item_id: str
    """The id of the item."""
    audio_end_ms: int = 0
    """How much of the item's audio is left, in milliseconds."""


class SpeechStarted(Event, tag="input_audio_buffer.speech_started", frozen=True, kw_only=True):
    """The caller began to speak."""

    item_id: str = ""
    """The id of the item that will hold the caller's words."""
    audio_start_ms: int = 0
    """The position in the call's input audio, in milliseconds from its start."""


class SpeechStopped(Event, tag="input_audio_buffer.speech_stopped", frozen=True, kw_only=True):
    """The caller stopped speaking."""

    item_id: str = ""
    """The id of the item that will hold the caller's words."""
    audio_end_ms: int = 0
    """The position in the call's input audio, in milliseconds from its start."""


class TranscriptionCompleted(
    Event, tag="conversation.item.input_audio_transcription.completed", frozen=True, kw_only=True
):
    """The caller's words were transcribed."""

    item_id: str
    """The id of the item that holds them."""
    transcript: str = ""
    """What the caller said."""
    usage: TranscriptionUsage | None = None
    """What the transcription was billed for; None if the service does not say."""


class TranscriptionFailed(Event, tag="conversation.item.input_audio_transcription.failed", frozen=True, kw_only=True):
    """The caller's words could not be transcribed."""

    item_id: str
    """The id of the item that holds them."""
    error: ErrorDetail = ErrorDetail()
    """What went wrong."""


class ResponseCreated(Event, tag="response.created", frozen=True, kw_only=True):
    """The model begins to answer."""

    response: Response
    """The response, which has no output yet."""


class ResponseDone(Event, tag="response.done", frozen=True, kw_only=True):
    """The model has finished its response, or was stopped. The audio may still be playing."""

    response: Response
    """The response with its output and usage."""


class McpCallCompleted(Event, tag="response.mcp_call.completed", frozen=True, kw_only=True):
    """The service has called a tool of an MCP server, which has answered."""

    item_id: str
    """The id of the `mcp_call` item."""


class McpCallFailed(Event, tag="response.mcp_call.failed", frozen=True, kw_only=True):
    """The service has called a tool of an MCP server, and that has failed."""

    item_id: str
    """The id of the `mcp_call` item."""


class McpListToolsFailed(Event, tag="mcp_list_tools.failed", frozen=True, kw_only=True):
    """The service could not learn which tools an MCP server has."""

    item_id: str
    """The id of the `mcp_list_tools` item."""


class AudioTranscriptDone(Event, tag="response.output_audio_transcript.done", frozen=True, kw_only=True):
    """The words of a spoken answer are complete."""

    item_id: str
    """The id of the item that holds them."""
    response_id: str = ""
    """The id of the response that the item belongs to."""
    transcript: str = ""
    """What the model says."""


class TextDone(Event, tag="response.output_text.done", frozen=True, kw_only=True):
    """The words of a written answer are complete."""

    item_id: str
    """The id of the item that holds them."""
    response_id: str = ""
    """The id of the response that the item belongs to."""
    text: str = ""
    """What the model wrote."""


class PlaybackStarted(Event, tag="output_audio_buffer.started", frozen=True, kw_only=True):
    """The service began to send the audio of a response to the caller."""

    response_id: str = ""
    """The id of the response."""


class PlaybackStopped(Event, tag="output_audio_buffer.stopped", frozen=True, kw_only=True):
    """The service has sent all the audio of a response."""

    response_id: str = ""
    """The id of the response."""


class PlaybackCleared(Event, tag="output_audio_buffer.cleared", frozen=True, kw_only=True):
    """The service discarded the rest of a response's audio."""

    response_id: str = ""
    """The id of the response."""


class ErrorEvent(Event, tag="error", frozen=True, kw_only=True):
    """The service reports an error. The session goes on after most of them."""

    error: ErrorDetail = ErrorDetail()
    """What went wrong."""


class Unreadable(Event, frozen=True, kw_only=True):
    """An event that belongs in the record cannot be read, because its fields have another form than they had."""

    kind: str
    """The type of the event, one of those above."""


class _Envelope(msgspec.Struct):
    type: str


class _Identity(msgspec.Struct):
    event_id: str = ""


_KINDS: dict[str, type[Event]] = {
    kind.__struct_config__.tag: kind  # type: ignore[misc]
    for kind in Event.__subclasses__()
    if kind is not Unreadable
}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {tag: msgspec.json.Decoder(kind) for tag, kind in _KINDS.items()}
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_IDENTITY = msgspec.json.Decoder(_Identity)
# Numbers whose names end like this are whole. Rounding one that is not does no harm.
_WHOLE = ("_ms", "_tokens")
# A float beyond this is not exact, and no count of milliseconds or tokens.
_MOST = 2**53


def parse_event(frame: str | bytes) -> Event | None:
    """Return the event in a frame, or None if its type is not kept or the frame cannot be read at all.

    Return Unreadable if the type is kept but the rest cannot be read. The first such event of each type in the process
    is logged.
    """
    try:
        # Most frames are deltas, which are not kept. So read the type first, and the rest only if it is wanted.
        kind = _ENVELOPE.decode(frame).type
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    decoder = _DECODERS.get(kind)
    if decoder is None:
        return None
    try:
        event: Event = decoder.decode(frame)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _changed_event(kind, frame)
    return event


def _changed_event(kind: str, frame: str | bytes) -> Event:
    """Return an event that is not in the form that its type had: without its nulls, and with whole numbers rounded."""
    try:
        event: Event = msgspec.convert(_mended(msgspec.json.decode(frame)), _KINDS[kind])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        _warn_once(kind)
        return Unreadable(event_id=_event_id(frame), kind=kind)
    return event


def _mended(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _mended(below, key) for key, below in value.items() if below is not None}
    if isinstance(value, list):
        return [_mended(below) for below in value]
    countable = isinstance(value, float) and abs(value) < _MOST and name.endswith(_WHOLE)
    return round(value) if countable else value


def _event_id(frame: str | bytes) -> str:
    try:
        return _IDENTITY.decode(frame).event_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""


@cache
def _warn_once(kind: str) -> None:
    """Log a warning about a type of event. The cache makes the second call with the same type do nothing."""
    log.warning("the service sent an event of type %s in a form that cannot be read", kind)
