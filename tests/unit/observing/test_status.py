"""Tests how the gateway describes a call at a given moment."""

from typing import Any

import msgspec
import pytest

from switchboard.errors import CallNotFound
from switchboard.observing.standing import Dues, Standing
from switchboard.observing.status import (
    BriefStatus,
    LimitsLeft,
    brief_of,
    brief_status,
    call_status,
    ended_status,
    version_of,
)
from switchboard.record.lines import AnyLine, Attached, CallEnded, SpeechStarted
from switchboard.record.summary import ErrorRecord, fold
from switchboard.record.usage import Usage
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


def brief(dues: Dues, now: float = 0, *, may_end_early: bool = False, **standing: Any) -> BriefStatus:
    told = Standing(attached=True, dues=dues, **standing)
    return brief_status(call(), told, dues, MIDNIGHT + now, may_end_early=may_end_early)


def test_how_a_live_call_stands_by_its_heartbeat() -> None:
    """A heartbeat says what the page shows; nothing of what was said is in it."""
    fault = ErrorRecord("2026-11-21T00:00:01.000Z", "service", "server_error", None, "Too bad.")
    found = brief(Dues(MIDNIGHT + 1800, MIDNIGHT + 400.04), 100, faults=(fault,))

    assert (found.call_id, found.state, found.end_reason) == ("rtc_1", "live", None)
    assert found.started == "2026-11-21T00:00:00.000Z"
    assert found.errors == [fault]
    assert found.limits == LimitsLeft(1700, 300)
    assert brief_status(call(), Standing(), Dues(MIDNIGHT + 1800, None), MIDNIGHT).state == "connecting"


@pytest.mark.parametrize(
    ("longest", "idle", "early", "seconds"),
    [
        (1800, None, False, 30),
        (1800, 300, False, 30),
        (60, None, False, 20),
        (1800, 45, False, 10),
        (5, None, False, 6),
        (1800, 0, False, 2),
        (1800, 0.5, True, 2),
        (1800, 300, True, 10),
    ],
)
def test_when_a_page_asks_again(longest: float, idle: float | None, early: bool, seconds: float) -> None:
    """It asks seldom while no limit is near, and in time to warn of one that is announced half a minute before.

    As soon as a limit is due, it asks whether the call is over.
    """
    dues = Dues(MIDNIGHT + longest, None if idle is None else MIDNIGHT + idle)
    assert brief(dues, may_end_early=early).ask_again_seconds == seconds


def test_brief_by_the_journal() -> None:
    """Without a heartbeat the journal tells the same, and after the end nobody asks again."""
    lines: list[AnyLine] = [call(), Attached(at=MIDNIGHT + 1)]
    found = brief_of(call_status(lines, MIDNIGHT + 100))
    assert found == msgspec.structs.replace(brief(Dues(MIDNIGHT + 1800, MIDNIGHT + 301), 100), ask_again_seconds=10)

    ended = call_status([*lines, CallEnded(at=MIDNIGHT + 120, reason="peer_left")], MIDNIGHT + 500)
    summary = fold([*lines, CallEnded(at=MIDNIGHT + 120, reason="peer_left")])
    assert summary is not None
    assert ended_status(summary) == ended
    assert (brief_of(ended).state, brief_of(ended).end_reason) == ("ended", "peer_left")
    assert brief_of(ended).ask_again_seconds is None


def test_the_version_of_what_is_told() -> None:
    """Time alone changes nothing, and who speaks only if it moves a limit; usage, errors and limits do."""
    first = Standing(dues=Dues(1800, 300), attached=True)
    assert version_of(first) == version_of(Standing(dues=Dues(1800, 300), attached=True, errors=3))
    others = [
        Standing(dues=Dues(1800, None), attached=True, speaking="caller"),
        Standing(dues=Dues(1800, 310), attached=True),
        Standing(dues=Dues(1800, 300)),
        Standing(Usage.nothing(), dues=Dues(30, 300), attached=True),
    ]
    assert len({version_of(one) for one in [first, *others]}) == 5
