"""Tests that the calls which the benchmark makes for operators are calls as the product knows them."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.crowd import DAYS, WORD, Crowd, caller, fill
from switchboard.callers import Caller
from switchboard.operating.selection import CallsQuery
from switchboard.services import Services
from tests.wait import wait_for

OLGA = Caller("aad:olga", "olga@example.com", operator=True)


def test_archived_calls(services: Services) -> None:
    """They are in the lists of their days, and are found by caller, end and words; most of them began yesterday."""
    fill(services, 24)
    today = datetime.now(UTC).date()
    days: dict[str, Any] = {"first": (today - timedelta(days=DAYS)).isoformat(), "last": today.isoformat()}

    def found(**query: Any) -> int:
        """Count the calls on all pages: a search for words ends a page in time, however few calls it has read."""
        count, after = 0, None
        while True:
            page = services.room.calls(OLGA, CallsQuery(**days | query, after=after))
            count, after = count + len(page.calls), page.next
            if after is None:
                return count

    assert found() == 24
    yesterday = (today - timedelta(days=1)).isoformat()
    assert found(first=yesterday, last=yesterday) > 24 / 4
    assert found(caller=caller(7)) == 1
    assert found(reason="max_call_seconds") == 2
    assert found(words=WORD) == 6
    (row,) = services.room.calls(OLGA, CallsQuery(**days, caller=caller(7))).calls
    assert (row.turns, row.tokens, row.duration_seconds) == (6, 6 * 560, 60)


def test_live_calls(services: Services) -> None:
    """They are live and observed, each heartbeat says another number of tokens, and in the end they are gone."""
    query = CallsQuery(state="live")
    with Crowd(services.live, 50) as crowd:
        wait_for(lambda: len(crowd.written) > 2, "heartbeats are written")
        written = dict(crowd.written)
        rows = services.room.calls(OLGA, query).calls
        assert all(row.observed and row.state == "live" for row in rows)
        assert set(written) <= {f"{row.call_id} {row.tokens}" for row in rows}
        assert max(written.values()) <= time.time()
    assert services.room.calls(OLGA, query).calls == []
