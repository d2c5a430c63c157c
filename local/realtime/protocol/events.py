"""Building events and identifiers in the service's own shapes (as recorded from Azure, July 2026)."""

import re
import secrets
import string
from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]
"""One JSON event of the Realtime API, client or server: `type`, mostly `event_id`, and the event's own fields."""

_LETTERS = string.ascii_letters + string.digits
_PADDED_LENGTH = 16  # every recorded delta is padded to 16 characters by its obfuscation

FILTERED_EVENTS = frozenset(
    {
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "conversation.item.input_audio_transcription.completed",
        "conversation.item.added",
        "conversation.item.created",
        "response.output_text.delta",
        "response.output_text.done",
        "response.output_audio_transcript.delta",
        "response.output_audio_transcript.done",
    }
)
"""The server events that `webrtcfilter=on` lets through to the data channel: these eleven and no others
(Microsoft's "Use the GPT Realtime API via WebRTC", September 2026)."""


def new_id(prefix: str, length: int = 21) -> str:
    """A random identifier such as `event_E51ZPOt9Jftxuwj2dJ8DB`."""
    return f"{prefix}_{random_letters(length)}"


def random_letters(length: int) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def event(kind: str, **fields: Any) -> Event:
    """A server event with a fresh `event_id`."""
    return {"type": kind, "event_id": new_id("event"), **fields}


def obfuscation(delta: str) -> str:
    """The random padding that hides a delta's length on the wire."""
    return random_letters(-len(delta) % _PADDED_LENGTH or _PADDED_LENGTH)


def error_event(error: dict[str, Any], client_event_id: str | None = None) -> Event:
    """An `error` event; `client_event_id` is the id of the client event that caused it."""
    return event("error", error={**error, "event_id": client_event_id})


def tokens(text: str) -> list[str]:
    """Split text roughly as the model's tokens come: words with their leading blank, and punctuation."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    for match in re.finditer(r"\s?\w+|\s*[^\w\s]|\s+", text):
        yield match.group()
