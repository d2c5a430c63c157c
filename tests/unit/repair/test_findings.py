"""Tests what counts as inconsistent, without storage."""

from hashlib import md5

import pytest

from switchboard.record.encoding import encode_lines
from switchboard.record.lines import Attached, CallEnded
from switchboard.record.summary import encode_summary, fold
from switchboard.repair.findings import (
    MENDING,
    WORDS,
    Finding,
    Kind,
    Stored,
    call_of,
    day_of,
    days,
    in_order,
    index_is_right,
    judge,
    outlived,
    pairs,
)
from tests.examples import MIDNIGHT, call

OPEN = [call(), Attached(at=MIDNIGHT + 1, observer="one")]
CLOSED = [*OPEN, CallEnded(at=MIDNIGHT + 60, reason="peer_left", observer="one")]
SUMMARY = encode_summary(fold(CLOSED))  # type: ignore[arg-type]


def stored(call_id: str, content: bytes = b"", *, md5_of: bytes | None = None) -> Stored:
    hashed = md5(content if md5_of is None else md5_of, usedforsecurity=False).digest()
    return Stored(f"journals/{call_id}.jsonl", call_id, MIDNIGHT, len(content), hashed)


@pytest.mark.parametrize(
    ("journal", "summary", "kinds"),
    [
        (encode_lines(CLOSED), stored("rtc_1", SUMMARY), []),
        (encode_lines(CLOSED), Stored("s", "rtc_1", 0, len(SUMMARY)), []),
        (encode_lines(CLOSED), None, ["summary_missing"]),
        (encode_lines(CLOSED), stored("rtc_1", SUMMARY + b"\n"), ["summary_differs"]),
        (encode_lines(CLOSED), stored("rtc_1", SUMMARY, md5_of=b"of another text"), ["summary_differs"]),
        (encode_lines(OPEN), None, ["call_forgotten"]),
        (b"", None, ["journal_empty"]),
        (encode_lines(CLOSED[1:]), None, ["journal_empty"]),
        (encode_lines(CLOSED) + b'{"type":"call.en\n', stored("rtc_1", SUMMARY), ["journal_damaged"]),
        (encode_lines(CLOSED) + b'{"type":"of a newer gateway"}\n', stored("rtc_1", SUMMARY), []),
        (b"[" * 100_000, None, ["journal_damaged", "journal_empty"]),
    ],
)
def test_judge(journal: bytes, summary: Stored | None, kinds: list[Kind]) -> None:
    """A journal is compared with the length and the hash of its summary."""
    assert judge(journal, summary) == kinds


def test_pairs() -> None:
    """Each call is yielded once, in whichever of the two lists it stands, and also when one list is longer."""
    journals = [stored(name) for name in ("a", "b", "d")]
    summaries = [stored(name) for name in ("b", "c", "e", "f")]

    found = [(j and j.call_id, s and s.call_id) for j, s in pairs(journals, summaries)]

    assert found == [("a", None), ("b", "b"), (None, "c"), ("d", None), (None, "e"), (None, "f")]
    assert list(pairs([], [])) == []


def test_order() -> None:
    """Calls are compared in the order of their blobs' names, also when one id begins with another."""
    ids = ["rtc_1", "rtc_1-2", "rtc_12", "rtc_A", "rtc_a"]

    for name in ("journals/{}.jsonl", "summaries/2026/11/21/{}.json"):
        assert sorted(ids, key=in_order) == sorted(ids, key=name.format)


def test_names() -> None:
    """The call is read from the name of its journal or summary, and no other blob counts."""
    assert call_of("journals/rtc_1.jsonl") == "rtc_1"
    assert call_of("summaries/2026/11/21/rtc_1.json") == "rtc_1"
    assert call_of("summaries/rtc_1.json") == call_of("poison/observe-calls/2026/11/21/1.txt") == ""


def test_days() -> None:
    """The last days are those up to today, with one before them for the calls that began there."""
    assert days(MIDNIGHT + 60, 2) == ["summaries/2026/11/19/", "summaries/2026/11/20/", "summaries/2026/11/21/"]


@pytest.mark.parametrize(
    ("name", "retention", "expected"),
    [
        ("summaries/2026/11/14/rtc_1.json", 7, True),
        ("summaries/2026/11/15/rtc_1.json", 7, False),
        ("summaries/2026/11/14/rtc_1.json", None, False),
        ("journals/rtc_1.jsonl", 7, False),
    ],
)
def test_outlived(name: str, retention: int | None, *, expected: bool) -> None:
    """A summary may outlive its journal by a little, because retention counts from when each was written last."""
    assert outlived(name, MIDNIGHT + 60, retention) is expected


def test_lines() -> None:
    """A finding is one line for people, which says what was done about it, and one flat object for programs."""
    finding = Finding("summary_missing", "journals/rtc_1.jsonl", "rtc_1")
    assert finding.line() == "summary_missing  journals/rtc_1.jsonl  the call has ended and has no summary"

    mended = Finding("place_stale", "places/all/3", etag="1", mended=True)
    assert mended.line().endswith("belongs to no live call; the place is freed")
    assert mended.record() == {"kind": "place_stale", "blob": "places/all/3", "call_id": "", "mended": True}


def test_every_kind_has_words() -> None:
    """Each kind of finding is explained, and whatever can be mended is one of them."""
    assert set(Kind.__args__) == set(WORDS)  # type: ignore[attr-defined]
    assert MENDING.keys() <= WORDS.keys()


def test_the_index_of_a_day() -> None:
    """Each summary has its line, a young one may have it later, and no line is without its summary."""
    assert day_of("summaries/2026/11/21/") == "2026-11-21"
    assert index_is_right([], [])
    assert index_is_right(["rtc_1"], [("rtc_1", False), ("rtc_2", True)])
    assert not index_is_right(["rtc_1"], [("rtc_1", False), ("rtc_2", False)])
    assert not index_is_right(["rtc_1"], [])
