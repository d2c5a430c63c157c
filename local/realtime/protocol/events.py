"""This module builds events and identifiers in the shapes that were recorded from Azure in July 2026."""

import re
import secrets
import string
from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]
"""One JSON event of the Realtime API, from a client or from the server.

It has a `type`, nearly always an `event_id`, and the fields of its type.
"""

_LETTERS = string.ascii_letters + string.digits
# In the recordings, each delta and its obfuscation are together a multiple of 16 characters long.
_PADDED_LENGTH = 16

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
"""The eleven server events that the data channel still receives with `webrtcfilter=on`.

The list is from Microsoft's "Use the GPT Realtime API via WebRTC" (September 2026).
"""


def new_id(prefix: str, length: int = 21) -> str:
    """Return a random identifier such as `event_E51ZPOt9Jftxuwj2dJ8DB`."""
    return f"{prefix}_{random_letters(length)}"


def random_letters(length: int) -> str:
    """Return a string of `length` random letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def event(kind: str, **fields: Any) -> Event:
    """Return a server event of type `kind` with a fresh `event_id` and these fields."""
    return {"type": kind, "event_id": new_id("event"), **fields}


def obfuscation(delta: str) -> str:
    """Return the random padding that hides the length of a delta on the wire."""
    return random_letters(-len(delta) % _PADDED_LENGTH or _PADDED_LENGTH)


def error_event(error: dict[str, Any], client_event_id: str | None = None) -> Event:
    """Return an `error` event; `client_event_id` is the id of the client event that caused it, if it had one."""
    return event("error", error={**error, "event_id": client_event_id})


def tokens(text: str) -> list[str]:
    """Split text roughly into the tokens of a model: words with the space before them, and punctuation marks.

    The pieces joined together are the text again.
    """
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    for match in re.finditer(r"\s?\w+|\s*[^\w\s]|\s+", text):
        yield match.group()
