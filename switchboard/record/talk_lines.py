"""Defines the lines that a journal holds about the conversation: speech, items, words, responses and their audio."""

from typing import Literal

from switchboard.realtime.objects import ResponseUsage, TranscriptionUsage
from switchboard.record.line import Line


class SpeechStarted(Line, tag="speech.started", frozen=True, kw_only=True):
    """The caller began to speak."""

    item_id: str
    """The item of the conversation that will hold the caller's words."""
    audio_ms: int = 0
    """The position in the call's input audio, in milliseconds from its start."""


class SpeechStopped(Line, tag="speech.stopped", frozen=True, kw_only=True):
    """The caller stopped speaking."""

    item_id: str
    """The item of the conversation that holds the caller's words."""
    audio_ms: int = 0
    """The position in the call's input audio, in milliseconds from its start."""


class ItemAdded(Line, tag="item.added", frozen=True, kw_only=True):
    """An item got its place in the conversation."""

    item_id: str
    """The id of the new item."""
    previous_item_id: str | None = None
    """The item that it follows; None for the first item, or when `recovered` is true and nobody knows."""
    kind: str = "message"
    """The item's type: `message`, `function_call`, `function_call_output` or an `mcp_` type."""
    role: str | None = None
    """Whose item it is: `user`, `assistant` or `system`; None for an item that is no message."""
    text: str | None = None
    """The typed words of the item; None if there are none, or if words are not archived."""
    recovered: bool = False
    """Whether no observer saw the item arrive, so that only the item after it tells its place."""


class ItemDeleted(Line, tag="item.deleted", frozen=True, kw_only=True):
    """An item was removed from the conversation."""

    item_id: str
    """The id of the removed item."""


class ItemTruncated(Line, tag="item.truncated", frozen=True, kw_only=True):
    """An item of the model was cut off where the caller interrupted it."""

    item_id: str
    """The id of the item."""
    audio_end_ms: int = 0
    """How much of the item's audio the caller heard, in milliseconds."""


class Transcript(Line, tag="item.transcript", frozen=True, kw_only=True):
    """The final words of an item are known."""

    item_id: str
    """The id of the item."""
    role: Literal["user", "assistant"]
    """Who said it: `user` is the caller, `assistant` the model."""
    text: str | None = None
    """The words; None if words are not archived."""
    usage: TranscriptionUsage | None = None
    """What transcribing the caller's speech was billed for; None for the model's own words."""


class ResponseStarted(Line, tag="response.started", frozen=True, kw_only=True):
    """The model began to answer."""

    response_id: str
    """The id of the response."""


class ResponseDone(Line, tag="response.done", frozen=True, kw_only=True):
    """The model finished its response, or was stopped. The audio may still be playing."""

    response_id: str
    """The id of the response."""
    status: str = "completed"
    """How it ended: `completed`, `cancelled`, `incomplete` or `failed`."""
    reason: str | None = None
    """Why it ended early, for example `turn_detected`; None when it was completed."""
    item_ids: list[str] = []  # noqa: RUF012  msgspec copies it
    """The ids of the items that the response consists of."""
    usage: ResponseUsage | None = None
    """What the response was billed for; None when the service did not say."""


class PlaybackStarted(Line, tag="playback.started", frozen=True, kw_only=True):
    """The service began to send the audio of a response to the caller."""

    response_id: str
    """The id of the response."""


class PlaybackStopped(Line, tag="playback.stopped", frozen=True, kw_only=True):
    """The service stopped sending the audio of a response."""

    response_id: str
    """The id of the response."""
    cut: bool = False
    """Whether the rest of the audio was discarded because somebody interrupted it."""
