"""How a call stands at this moment."""

import pytest

from switchboard.errors import CallNotFound
from switchboard.observing.status import call_status
from switchboard.record.lines import AnyLine, Attached, CallEnded, SpeechStarted
from tests.examples import MIDNIGHT, call


def test_from_click_to_end() -> None:
    """Connecting until an observer hears the call, live until it has ended."""
    lines: list[AnyLine] = [call()]
    assert call_status(lines, MIDNIGHT + 1).state == "connecting"

    lines.append(Attached(at=MIDNIGHT + 1))
    live = call_status(lines, MIDNIGHT + 100)
    assert live.state == "live"
    assert live.limits is not None
    assert (live.limits.seconds_left, live.limits.idle_seconds_left) == (1700, 200)

    lines.append(SpeechStarted(at=MIDNIGHT + 101, item_id="u1"))
    assert call_status(lines, MIDNIGHT + 102).limits.idle_seconds_left is None  # type: ignore[union-attr]

    lines.append(CallEnded(at=MIDNIGHT + 120, reason="peer_left"))
    ended = call_status(lines, MIDNIGHT + 500)
    assert (ended.state, ended.limits, ended.end_reason) == ("ended", None, "peer_left")


def test_limits_never_go_below_nothing() -> None:
    """A call that is over its limit is about to be hung up, not owed time."""
    limits = call_status([call()], MIDNIGHT + 5000).limits

    assert limits is not None
    assert (limits.seconds_left, limits.idle_seconds_left) == (0, 0)


def test_nobodys_journal() -> None:
    """A journal whose first line is still on its way."""
    with pytest.raises(CallNotFound):
        call_status([Attached(at=1)], 2)
