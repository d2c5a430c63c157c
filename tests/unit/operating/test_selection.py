"""Tests which calls a query selects, and that a page begins where the page before ended."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import QueryInvalid
from switchboard.observing.live import LiveCall
from switchboard.operating.rows import live_row
from switchboard.operating.selection import (
    CallsQuery,
    Position,
    Selection,
    position_of,
    read_day,
    read_selection,
    read_token,
    says,
    token,
)
from switchboard.record.index_lines import IndexLine
from tests.examples import MIDNIGHT, call

NOON = MIDNIGHT + 43_200


def query(**params: str) -> CallsQuery:
    return msgspec.convert(params, CallsQuery, strict=False)


def select(**params: str) -> Selection:
    return read_selection(query(**params), None, NOON)


def line(**fields: Any) -> IndexLine:
    return IndexLine(**{"call_id": "rtc_1", "caller_id": "aad:ada", "started": "2026-11-21T09:00:00.000Z"} | fields)


def test_what_is_listed_by_itself() -> None:
    """A query without anything shows the calls of seven days, live and archived."""
    found = select()

    assert next(found.days()) == "2026-11-21"
    assert (len(list(found.days())), found.first) == (7, date(2026, 11, 15))
    assert (found.limit, found.wants_live, found.wants_archived) == (50, True, True)
    assert found.takes(line())
    assert found.is_ahead(Position("9", ""))


def test_days() -> None:
    found = select(**{"from": "2026-11-01", "to": "2026-11-03"})

    assert list(found.days()) == ["2026-11-03", "2026-11-02", "2026-11-01"]
    assert list(select(to="2026-11-03").days())[-1] == "2026-10-28"


def test_filters() -> None:
    """Each filter leaves out what does not fit it exactly."""
    found = select(caller="aad:ada", assistant="reception", reason="peer_left", words="Hello", limit="3")
    fitting = line(assistant="reception", end_reason="peer_left")

    assert (found.words, found.limit) == ("hello", 3)
    assert found.takes(fitting)
    for other in ({"caller_id": "aad:bob"}, {"assistant": ""}, {"end_reason": "unknown"}):
        assert not found.takes(msgspec.structs.replace(fitting, **other))


def test_whose_calls() -> None:
    """Whoever may see only their own calls cannot name another caller."""
    for named in ("aad:bob", "bob@example.com"):
        found = read_selection(query(caller=named), "aad:ada", NOON)
        assert found.caller == "aad:ada"
        assert not found.takes(line(caller_id="aad:bob", caller_name="bob@example.com"))
    # A name that is somebody else's id shows nobody else's calls.
    found = read_selection(query(), "aad:ada", NOON)
    assert not found.takes(line(caller_id="aad:bob", caller_name="aad:ada"))


def test_a_caller_is_found_by_name() -> None:
    found = select(caller="Ada@Example.com")

    assert found.takes(line(caller_name="ada@example.com"))
    assert not found.takes(line(caller_name="adam@example.com"))
    assert not found.takes(line())


def test_live_and_archived() -> None:
    """Live calls have no end and no archived words yet."""
    assert not select(state="live").wants_archived
    assert not select(state="ended").wants_live
    assert not select(words="hello").wants_live
    assert not select(reason="unknown").wants_live


def test_live_calls() -> None:
    row = live_row(LiveCall(call()), NOON, None, observed=True)

    assert select(caller="aad:ada").takes_live(row)
    assert not select(caller="aad:bob").takes_live(row)
    assert select(assistant="default").takes_live(row)
    assert not select(assistant="reception").takes_live(row)
    assert not select(to="2026-11-20").takes_live(row)
    assert not select(**{"from": "2026-11-22", "to": "2026-11-23"}).takes_live(row)


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2026-02-30"},
        {"to": "1999-12-31"},
        {"from": "2026-11-22"},
        {"after": "no token"},
        {"after": "é"},
        {"after": "WzEsMl0"},
        {"after": token(Position("soon", "rtc_1"))},
    ],
)
def test_queries_at_fault(params: dict[str, str]) -> None:
    with pytest.raises(QueryInvalid):
        select(**params)


def test_days_before_the_first() -> None:
    """The earliest day that can be read has days before it, which a list may begin with."""
    assert len(list(select(to="2000-01-01").days())) == 7
    assert read_day("2000-01-01") == date(2000, 1, 1)


@given(st.text(), st.from_regex(r"\A[A-Za-z0-9_-]{1,128}\Z"))
def test_tokens(rest: str, call_id: str) -> None:
    """A token holds its position, whatever that is."""
    position = Position("2026-11-21T" + rest, call_id)

    assert read_token(token(position)) == position


def test_the_next_page() -> None:
    """It goes on after the last place of the page before, and reads no day that is done."""
    last = line(call_id="rtc_5", started="2026-11-20T10:00:00.000Z")
    found = select(after=token(position_of(last)))

    assert next(found.days()) == "2026-11-20"
    assert not found.is_ahead(position_of(last))
    assert not found.is_ahead(Position("2026-11-20T10:00:00.000Z", "rtc_6"))
    assert found.is_ahead(Position("2026-11-20T10:00:00.000Z", "rtc_4"))
    assert list(select(after=token(position_of(last)), **{"from": "2026-11-21"}).days()) == []


def test_words() -> None:
    """Words are found in whatever case they stand; a summary without words, or of another form, has none."""
    summary = b'{"transcript": [{"text": null}, {"text": "Good MORNING"}]}'

    assert says(summary, "good morning")
    assert not says(summary, "good night")
    assert not says(b"{}", "good")
    assert not says(b"", "good")
