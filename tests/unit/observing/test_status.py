"""Tests how the gateway describes a call at a given moment."""

import pytest

from switchboard.errors import CallNotFound
from switchboard.observing.status import call_status
from switchboard.record.lines import AnyLine, Attached, CallEnded, SpeechStarted
from tests.examples import MIDNIGHT, call


def test_from_click_to_end() -> None:
    """A call is connecting until an observer hears it, and live until it has ended."""
    lines: list[AnyLine] = [call()]
    assert call_status(lines, MIDNIGHT + 1).state == "connecting"

    lines.append(Attached(at=MIDNIGHT + 1))
    live = call_status(lines, MIDNIGHT + 100)
    assert live.state == "live"
    assert live.limits is not None
    assert (live.limits.seconds_left, live.limits.idle_seconds_left) == (1700, 201)

    lines.append(SpeechStarted(at=MIDNIGHT + 101, item_id="u1"))
    assert call_status(lines, MIDNIGHT + 102).limits.idle_seconds_left is None  # type: ignore[union-attr]

    lines.append(CallEnded(at=MIDNIGHT + 120, reason="peer_left"))
    ended = call_status(lines, MIDNIGHT + 500)
    assert (ended.state, ended.limits, ended.end_reason) == ("ended", None, "peer_left")


def test_limits_never_go_below_nothing() -> None:
    """A call past its limit has no time left, and never a negative one."""
    limits = call_status([call()], MIDNIGHT + 5000).limits

    assert limits is not None
    assert (limits.seconds_left, limits.idle_seconds_left) == (0, 0)


def test_nobodys_journal() -> None:
    """A journal whose first line has not been written yet belongs to no call."""
    with pytest.raises(CallNotFound):
        call_status([Attached(at=1)], 2)


def test_call_that_cannot_be_observed() -> None:
    """A call of the preview protocol is live as soon as it was answered, and no limit on silence can bind it."""
    found = call_status([call(protocol="preview")], MIDNIGHT + 10)

    assert found.state == "live"
    assert found.limits is not None
    assert (found.limits.seconds_left, found.limits.idle_seconds_left) == (1790, None)


def test_status_has_the_summary_in_it() -> None:
    """A page reads from the status what the archive will say, as far as it is known."""
    found = call_status([call(), Attached(at=MIDNIGHT + 1)], MIDNIGHT + 1.26)

    assert (found.call_id, found.observed, found.ended) == ("rtc_1", True, None)
    assert found.limits is not None
    assert found.limits.seconds_left == 1798.7


def test_what_is_left_in_tenths_of_a_second() -> None:
    """A page shows no more than that of either limit."""
    found = call_status([call(), Attached(at=MIDNIGHT)], MIDNIGHT + 1.26)

    assert found.limits is not None
    assert found.limits.idle_seconds_left == 298.7
