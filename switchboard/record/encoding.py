"""Turns lines into the bytes of a journal, and back."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import msgspec

from switchboard.record.lines import AnyLine, Line

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


def unlinked(journal: bytes, call_id: str) -> bytes:
    """Return the journal without what says that its call continued another one, or was continued by it.

    All other lines are returned as they are, also those that a newer gateway has written.
    """
    kept = []
    for line in journal.splitlines(keepends=True):
        try:
            fields = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            fields = {}
        if fields.get("type") == "call.continued_by" and fields.get("call_id") == call_id:
            continue
        if fields.get("type") == "call.created" and fields.get("continues") == call_id:
            line = _ENCODER.encode(fields | {"continues": ""}) + b"\n"
        kept.append(line)
    return b"".join(kept)


# One append carries 4 MB at most.
BLOCK_BYTES = 4 * 1024 * 1024


def blocks(content: bytes, most: int) -> Iterator[bytes]:
    """Yield the content in blocks of `most` bytes at most. Each ends with a line: no reader sees half of one."""
    start = 0
    while start < len(content):
        rest = len(content) - start
        end = start + rest if rest <= most else content.rindex(b"\n", start, start + most) + 1
        yield content[start:end]
        start = end


def decode_lines(journal: bytes) -> Iterator[AnyLine]:
    """Yield the lines of a journal in their order. A line that cannot be read is skipped."""
    decode = _decoder().decode
    for line in journal.splitlines():
        try:
            yield decode(line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            continue


@cache
def _decoder() -> msgspec.json.Decoder[AnyLine]:
    # A cold start imports this module and reads nothing.
    return msgspec.json.Decoder(AnyLine)
