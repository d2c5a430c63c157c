"""This module counts tokens as the service bills them.

Every response is billed for the whole conversation again; what an earlier response has read or written counts as
cached.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.realtime.protocol.events import tokens
from local.realtime.talk.conversation import USER_AUDIO_TOKENS_PER_SECOND, Item

# In a recording, 85 of 96 input tokens had been seen before, and 64 counted as cached.
_CACHE_BLOCK = 64


@dataclass(frozen=True)
class Tokens:
    """This class counts the tokens that go in one direction, by kind."""

    text: int = 0
    """The number of text tokens."""
    audio: int = 0
    """The number of audio tokens."""

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.text + other.text, self.audio + other.audio)

    @property
    def total(self) -> int:
        """Return the number of tokens of both kinds together."""
        return self.text + self.audio


def context(items: Sequence[Item], session: dict[str, Any]) -> Tokens:
    """Return the tokens that a response reads: instructions, tools and all items."""
    fixed = len(tokens(session["instructions"])) + sum(len(tokens(str(tool))) for tool in session["tools"])
    return Tokens(
        fixed + sum(item.text_tokens for item in items),
        sum(item.audio_tokens for item in items),
    )


def cached(before: Tokens, now: Tokens) -> Tokens:
    """Return how many tokens of the context `now` were in the context `before`, rounded down to whole cache blocks."""
    return Tokens(
        min(before.text, now.text) // _CACHE_BLOCK * _CACHE_BLOCK,
        min(before.audio, now.audio) // _CACHE_BLOCK * _CACHE_BLOCK,
    )


def response_usage(read: Tokens, known: Tokens, written: Tokens) -> dict[str, Any]:
    """Return the `usage` of a `response.done`: tokens read, those of them that were cached, and tokens written."""
    return {
        "total_tokens": read.total + written.total,
        "input_tokens": read.total,
        "output_tokens": written.total,
        "input_token_details": {
            "text_tokens": read.text,
            "audio_tokens": read.audio,
            "image_tokens": 0,
            "cached_tokens": known.total,
            "cached_tokens_details": {"text_tokens": known.text, "audio_tokens": known.audio, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": written.text, "audio_tokens": written.audio},
    }


def transcription_usage(audio_ms: int, transcript: str) -> dict[str, Any]:
    """Return the `usage` of a transcription, which is billed apart from the responses."""
    audio = math.ceil(audio_ms * USER_AUDIO_TOKENS_PER_SECOND / 1000)
    written = len(tokens(transcript))
    return {
        "type": "tokens",
        "total_tokens": audio + written,
        "input_tokens": audio,
        "output_tokens": written,
        "input_token_details": {"text_tokens": 0, "audio_tokens": audio},
    }
