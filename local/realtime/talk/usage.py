"""Tokens: the whole conversation is billed again with every response, and what was seen before counts as cached."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.realtime.protocol.events import tokens
from local.realtime.talk.conversation import USER_AUDIO_TOKENS_PER_SECOND, Item

_CACHE_BLOCK = 64  # recorded: of 96 input tokens, 85 of them known, 64 were cached


@dataclass(frozen=True)
class Tokens:
    """Tokens of one direction, by kind."""

    text: int = 0
    audio: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.text + other.text, self.audio + other.audio)

    @property
    def total(self) -> int:
        """Both kinds."""
        return self.text + self.audio


def context(items: Sequence[Item], session: dict[str, Any]) -> Tokens:
    """What a response reads: instructions, tools and every item."""
    fixed = len(tokens(session["instructions"])) + sum(len(tokens(str(tool))) for tool in session["tools"])
    return Tokens(
        fixed + sum(item.text_tokens for item in items),
        sum(item.audio_tokens for item in items),
    )


def cached(before: Tokens, now: Tokens) -> Tokens:
    """How much of the context `now` was part of the context `before`, in whole blocks."""
    return Tokens(
        min(before.text, now.text) // _CACHE_BLOCK * _CACHE_BLOCK,
        min(before.audio, now.audio) // _CACHE_BLOCK * _CACHE_BLOCK,
    )


def response_usage(read: Tokens, known: Tokens, written: Tokens) -> dict[str, Any]:
    """`usage` of `response.done`."""
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
    """`usage` of a transcription: billed apart from the responses."""
    audio = math.ceil(audio_ms * USER_AUDIO_TOKENS_PER_SECOND / 1000)
    written = len(tokens(transcript))
    return {
        "type": "tokens",
        "total_tokens": audio + written,
        "input_tokens": audio,
        "output_tokens": written,
        "input_token_details": {"text_tokens": 0, "audio_tokens": audio},
    }
