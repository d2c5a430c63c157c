"""Tests that figures add up, by day, caller and assistant."""

from typing import Any

import msgspec

from switchboard.operating.figures import By, Totals, UsageReport
from switchboard.record.index_lines import IndexLine
from switchboard.record.usage import OutputUsage, TranscriptionTotal, Usage
from switchboard.settings import Prices


def line(call_id: str, **fields: Any) -> IndexLine:
    usage = msgspec.structs.replace(
        Usage.nothing(), total=7, output=OutputUsage(text=1_000_000), transcription=TranscriptionTotal(seconds=0.1)
    )
    defaults: dict[str, Any] = {
        "call_id": call_id,
        "caller_id": "aad:ada",
        "started": "2026-11-21T09:00:00.000Z",
        "seconds": 30,
        "turns": 2,
        "end_reason": "peer_left",
        "usage": usage,
    }
    return IndexLine(**defaults | fields)


DAYS = {
    "2026-11-21": [line("rtc_1", latencies_ms=[100, 200]), line("rtc_2", caller_id="aad:bob", seconds=90)],
    "2026-11-20": [],
    "2026-11-19": [line("rtc_3", assistant="reception", end_reason=None, latencies_ms=[300])],
}


def report(by: By, prices: Prices | None = None) -> UsageReport:
    totals = Totals(by)
    for day, calls in DAYS.items():
        totals.add(day, calls)
    return totals.report("2026-11-19", "2026-11-21", prices)


def test_by_day() -> None:
    """Each day has its row, also one without calls, and the total counts every call once."""
    found = report("day", Prices(text_output=2))

    assert [(row.key, row.calls, row.minutes) for row in found.rows] == [
        ("2026-11-19", 1, 0.5),
        ("2026-11-20", 0, 0),
        ("2026-11-21", 2, 2.0),
    ]
    total = found.total
    assert (total.calls, total.minutes, total.turns, total.cost, found.currency) == (3, 2.5, 6, 6.0, "USD")
    assert (total.usage.total, total.usage.output.text, total.usage.transcription.seconds) == (21, 3_000_000, 0.3)
    assert total.ended == {"peer_left": 2, "unknown": 1}


def test_adding_up_changes_no_call() -> None:
    before = msgspec.json.encode(DAYS)
    report("day")

    assert msgspec.json.encode(DAYS) == before


def test_by_caller_and_by_assistant() -> None:
    """Those with the most minutes come first."""
    assert [(row.key, row.minutes) for row in report("caller").rows] == [("aad:bob", 1.5), ("aad:ada", 1.0)]
    assert [(row.key, row.calls) for row in report("assistant").rows] == [("", 2), ("reception", 1)]
    assert report("caller").total.cost is None
    assert report("caller").currency is None


def test_latencies() -> None:
    """Half of the answers, and 19 in 20, began within the time that is named."""
    total = report("day").total
    assert (total.latency_p50_ms, total.latency_p95_ms) == (200, 300)
    totals = Totals("day")
    totals.add("2026-11-21", [line("rtc_1", latencies_ms=list(range(1, 101)))])
    (row,) = totals.report("", "", None).rows
    assert (row.latency_p50_ms, row.latency_p95_ms) == (50, 95)
    assert report("day").rows[1].latency_p50_ms is None
