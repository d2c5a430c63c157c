"""Tests that journal lines are read as they were written, and that unreadable lines are skipped."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from switchboard.record import encoding
from switchboard.record.encoding import blocks, decode_lines, encode_lines, unlinked, without_words
from switchboard.record.lines import AnyLine, BrowserReport, CallEnded, ContinuedBy, SpeechStarted, Transcript
from tests.examples import call
from tests.strategies import JSON


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


PIECES = st.sampled_from(
    [
        encode_lines([call()]),
        encode_lines([SpeechStarted(at=2.5, item_id="item_1")]),
        *(b"\n", b"{", b"}", b'{"type":"call.ended"', b'"', b"\r", b"\x0b", b"\xff", b"null\n", b"\xc3"),
    ]
)


@given(st.lists(PIECES, max_size=12).map(b"".join) | st.binary(max_size=200))
def test_any_journal(journal: bytes) -> None:
    """Whatever a journal contains, its lines are read or skipped; a whole line is read whatever stands around it."""
    whole = journal.split(b"\n").count(encode_lines([call()]).rstrip())

    assert sum(line == call() for line in decode_lines(journal)) >= whole


@given(st.text(), st.text(), st.dictionaries(st.text(max_size=8), JSON, max_size=3))
def test_any_words(words: str, name: str, figures: dict[str, Any]) -> None:
    """What was said, whoever said it and whatever a page reports, is read again as it was written."""
    lines: list[AnyLine] = [
        call(caller_name=name),
        Transcript(at=1.5, item_id="i", role="user", text=words),
        BrowserReport(at=2.5, figures=figures),
    ]

    assert list(decode_lines(encode_lines(lines))) == lines


def test_a_journal_without_words() -> None:
    """Everything that was said, typed or given to a tool is gone; the rest of a line stays, also of a newer one."""
    spoken = Transcript(at=2.5, item_id="item_1", role="user", text="Swordfish")
    newer = b'{"type":"tool.called","name":"look_up","arguments":"Swordfish"}\nSwordfish\n[]\n'
    newer += b'{"type":"call.hand_over_requested","at":3,"tool_call_id":"call_1","reason":"Swordfish"}\n'
    newer += b'{"type":"call.hang_up_requested","at":4,"reason":"peer_left"}\n'
    left = without_words(encode_lines([call(), spoken]) + newer)

    assert b"Swordfish" not in left
    assert left.count(b"\n") == 5
    assert b"peer_left" in left
    assert b'"name":"look_up"' in left
    assert list(decode_lines(left))[:2] == [call(), Transcript(at=2.5, item_id="item_1", role="user")]


def test_a_journal_that_names_another_call() -> None:
    """The links to one call are gone, and every other line is as it was, also one that nobody can read."""
    other = b'{"type":"call.transferred","at":1,"call_id":"rtc_0"}\nnot json\n'
    ended = encode_lines([ContinuedBy(at=3, call_id="rtc_3"), CallEnded(at=4, reason="peer_left")])
    created, noted = encode_lines([call(continues="rtc_0")]), encode_lines([ContinuedBy(at=2, call_id="rtc_2")])
    journal = created + other + noted + ended

    assert unlinked(journal, "rtc_9") == journal
    assert unlinked(journal, "rtc_0") == journal.replace(b'"continues":"rtc_0"', b'"continues":""')
    assert unlinked(journal, "rtc_2") == created + other + ended


def test_blocks() -> None:
    """Each block ends with a line and is no longer than it may be."""
    content = b"".join(b"x" * length + b"\n" for length in (3, 0, 7, 2, 7))

    found = list(blocks(content, 10))
    assert b"".join(found) == content
    assert all(block.endswith(b"\n") and len(block) <= 10 for block in found)
    assert len(found) == 4


def test_the_decoder_is_made_once() -> None:
    encoding._decoder.cache_clear()
    assert list(encoding.decode_lines(b"")) == []
    assert encoding._decoder() is encoding._decoder()
    assert encoding._decoder.cache_info().misses == 1
