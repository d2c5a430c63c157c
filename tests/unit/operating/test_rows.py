"""Tests how a call looks in a list, live and archived."""

import msgspec

from switchboard.observing.live import LiveCall
from switchboard.observing.standing import Dues, Standing
from switchboard.operating.rows import archived_row, live_row, priced
from switchboard.record.index_lines import IndexLine
from switchboard.record.tool_uses import HandOverRecord
from switchboard.record.usage import OutputUsage, Usage
from switchboard.settings import Prices
from tests.examples import MIDNIGHT, call

PRICES = Prices(text_output=10)
USED = msgspec.structs.replace(Usage.nothing(), total=500, output=OutputUsage(text=100_000))
STANDING = Standing(USED, "caller", 2, HandOverRecord("2026-11-21T00:00:01.000Z", "Angry."))
LINE = IndexLine(call_id="rtc_1", caller_id="aad:ada", started="2026-11-21T09:00:00.000Z")


def test_an_archived_call() -> None:
    line = msgspec.structs.replace(
        LINE, latencies_ms=[400, 700, 500], usage=USED, assistant="reception", continues="rtc_0", end_reason="unknown"
    )
    row = archived_row(line, PRICES)

    assert (row.state, row.latency_ms, row.tokens, row.cost) == ("ended", 500, 500, 1.0)
    assert (row.assistant, row.continues, row.end_reason, row.seconds_left) == ("reception", "rtc_0", "unknown", None)


def test_an_archived_call_of_which_little_is_known() -> None:
    row = archived_row(LINE, None)

    assert (row.latency_ms, row.cost, row.assistant, row.continues, row.end_reason) == (None, None, None, None, None)


def test_a_live_call() -> None:
    """Its length is counted now, its tokens and its cost are those of the last heartbeat."""
    row = live_row(LiveCall(call(), "one", taken=1, standing=STANDING), MIDNIGHT + 60.04, PRICES, observed=True)

    assert (row.state, row.duration_seconds, row.seconds_left, row.observed) == ("live", 60.0, 1740.0, True)
    assert (row.tokens, row.cost, row.end_reason, row.errors, row.speaking) == (500, 1.0, None, 2, "caller")
    assert (row.handed_over, row.hand_over_reason) == (True, "Angry.")


def test_a_live_call_that_will_be_hung_up_soon() -> None:
    live = LiveCall(call(), "one", taken=1, standing=Standing(dues=Dues(MIDNIGHT + 90, None)))
    assert live_row(live, MIDNIGHT + 60, None, observed=True).seconds_left == 30


def test_a_live_call_that_nobody_has_taken() -> None:
    row = live_row(LiveCall(call()), MIDNIGHT - 1, None, observed=False)

    assert (row.state, row.duration_seconds, row.tokens, row.cost, row.observed) == ("connecting", 0, 0, None, False)
    assert live_row(LiveCall(call(protocol="preview")), MIDNIGHT, None, observed=False).state == "live"


def test_prices() -> None:
    assert priced(USED, None) is None
    assert priced(USED, PRICES) == 1.0
