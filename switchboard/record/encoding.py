"""Turns lines into the bytes of a journal, and back."""

from collections.abc import Iterable, Iterator

import msgspec

from switchboard.record.lines import AnyLine, Line

_DECODER = msgspec.json.Decoder(AnyLine)
_ENCODER = msgspec.json.Encoder()


def encode_lines(lines: Iterable[Line]) -> bytes:
    """Return the lines as a journal holds them: JSON objects, each followed by a line feed."""
    return _ENCODER.encode_lines(list(lines))


def decode_lines(journal: bytes) -> Iterator[AnyLine]:
    """Yield the lines of a journal in their order. A line that cannot be read is skipped."""
    for line in journal.splitlines():
        try:
            yield _DECODER.decode(line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            continue
