"""Journal lines: what was written is read again; what cannot be read is left out."""

from switchboard.record.encoding import decode_lines, encode_lines
from switchboard.record.lines import CallEnded, SpeechStarted
from tests.examples import call


def test_round_trip() -> None:
    """One line each, of JSON that begins with its type."""
    lines = [call(), SpeechStarted(at=2.5, item_id="item_1", audio_ms=120), CallEnded(at=3, reason="peer_left")]
    journal = encode_lines(lines)

    assert journal.startswith(b'{"type":"call.created"')
    assert journal.count(b"\n") == 3
    assert list(decode_lines(journal)) == lines


def test_lines_of_a_newer_gateway() -> None:
    """Unknown types and fields, and half a line, do not hide the rest."""
    journal = (
        b'{"type":"call.transferred","at":1}\n'
        b'{"type":"call.ended","at":2,"reason":"peer_left","colour":"blue"}\n'
        b"not json\n\n"
        b'{"type":"call.ended","at":3,"reason":"peer_'
    )

    assert list(decode_lines(journal)) == [CallEnded(at=2, reason="peer_left")]
