"""Tests that journal lines are read as they were written, and that unreadable lines are skipped."""

from switchboard.record.encoding import decode_lines, encode_lines
from switchboard.record.lines import CallEnded, SpeechStarted
from tests.examples import call


def test_round_trip() -> None:
    """Lines become one JSON object each, which begins with its type, and are read back unchanged."""
    lines = [call(), SpeechStarted(at=2.5, item_id="item_1", audio_ms=120), CallEnded(at=3, reason="peer_left")]
    journal = encode_lines(lines)

    assert journal.startswith(b'{"type":"call.created"')
    assert journal.count(b"\n") == 3
    assert list(decode_lines(journal)) == lines


def test_lines_of_a_newer_gateway() -> None:
    """Unknown types, unknown fields and half a line do not keep the other lines from being read."""
    journal = (
        b'{"type":"call.transferred","at":1}\n'
        b'{"type":"call.ended","at":2,"reason":"peer_left","colour":"blue"}\n'
        b"not json\n\n"
        b'{"type":"call.ended","at":3,"reason":"peer_'
    )

    assert list(decode_lines(journal)) == [CallEnded(at=2, reason="peer_left")]
