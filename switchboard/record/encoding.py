"""Turns lines into the bytes of a journal, and back."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from switchboard.record.lines import AnyLine, Line

_DECODER = msgspec.json.Decoder(AnyLine)
_ENCODER = msgspec.json.Encoder()
# The fields of lines that hold words of the conversation.
_WORDS = ("text", "arguments", "result")
_REASON_IN_WORDS = "call.hand_over_requested"


def encode_lines(lines: Iterable[Line]) -> bytes:
    """Return the lines as a journal holds them: JSON objects, each followed by a line feed."""
    return _ENCODER.encode_lines(list(lines))


def without_words(journal: bytes) -> bytes:
    """Return the journal with None in the place of everything that was said, typed, or given to and by a tool.

    A line that is not a JSON object is left out, because nobody knows what it contains.
    """
    kept: list[dict[str, Any]] = []
    for line in journal.splitlines():
        try:
            fields = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            continue
        words = (*_WORDS, "reason") if fields.get("type") == _REASON_IN_WORDS else _WORDS
        kept.append({name: None if name in words else value for name, value in fields.items()})
    return _ENCODER.encode_lines(kept)


def decode_lines(journal: bytes) -> Iterator[AnyLine]:
    """Yield the lines of a journal in their order. A line that cannot be read is skipped."""
    for line in journal.splitlines():
        try:
            yield _DECODER.decode(line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            continue
