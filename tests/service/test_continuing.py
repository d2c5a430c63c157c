"""Tests against a real Azurite which calls may be continued, and how much time is left to those that are."""

from collections.abc import Iterator
from time import time

import pytest

from switchboard.callers import Caller
from switchboard.environment import read_settings
from switchboard.errors import BudgetSpent, CallNotFound, ContinuingUnavailable, NotYourCall
from switchboard.record.lines import CallEnded, ContinuedBy, EndReason, HangUpRequested
from switchboard.services import Services, build
from tests.examples import call

ADA, BOB = Caller("aad:ada", "ada@example.com"), Caller("aad:bob", "bob@example.com")
OLGA = Caller("aad:olga", "olga@example.com", operator=True)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "CONTINUE_SECONDS": "100"}


@pytest.fixture
def never(environ: dict[str, str]) -> Iterator[Services]:
    """Return the services of a gateway on which no call can be continued."""
    services = build(read_settings({**environ, "CONTINUE_SECONDS": "0"}))
    yield services
    services.close()


def ended(services: Services, ago: float, *, lasted: float = 60, reason: EndReason = "peer_left") -> None:
    """Make Ada's call `rtc_1` of at most 1,800 seconds, which ended `ago` seconds ago."""
    at = time() - ago
    services.journals.start(call(at=at - lasted, max_call_seconds=1800))
    services.journals.append("rtc_1", [CallEnded(at=at, reason=reason)])


def test_what_is_left(services: Services) -> None:
    """A call that was cut short leaves the rest of its time to the one that continues it."""
    ended(services, 1, lasted=1500)
    assert services.continuing.make_way(ADA, "rtc_1") == 300
    assert services.continuing.make_way(ADA, "rtc_1") == 300, "asking again changes nothing"


def test_hardly_anything_is_left(services: Services) -> None:
    """Nobody is let into a call that would be hung up at once."""
    ended(services, 1, lasted=1799)
    assert services.continuing.make_way(ADA, "rtc_1") == 10


@pytest.mark.parametrize("reason", ["max_call_seconds", "service_limit"])
def test_new_time(services: Services, reason: EndReason) -> None:
    """Whoever goes on after the longest time gets as much time as any new call."""
    ended(services, 1, lasted=1800, reason=reason)
    assert services.continuing.make_way(ADA, "rtc_1") is None


def test_the_browser_saw_the_hang_up_first(services: Services) -> None:
    """The observer that hung up knows the reason better than the one that saw the end."""
    ended(services, 1, lasted=1800)
    services.journals.append("rtc_1", [HangUpRequested(at=time() - 2, reason="max_call_seconds")])
    assert services.continuing.make_way(ADA, "rtc_1") is None


def test_a_call_that_ended_long_ago(services: Services) -> None:
    """A call can be continued for as long as the setting says, and no longer."""
    ended(services, 95)
    services.continuing.make_way(ADA, "rtc_1")
    services.storage.container.delete_blob("journals/rtc_1.jsonl")
    ended(services, 101)
    with pytest.raises(ContinuingUnavailable, match="more than 100 seconds ago"):
        services.continuing.make_way(ADA, "rtc_1")


def test_calls_are_never_continued(never: Services) -> None:
    ended(never, 1)
    with pytest.raises(ContinuingUnavailable, match="CONTINUE_SECONDS is 0"):
        never.continuing.make_way(ADA, "rtc_1")


def test_the_call_of_somebody_else(services: Services) -> None:
    """Not even an operator can put a caller's words into a call of their own."""
    ended(services, 1)
    for other in (BOB, OLGA):
        with pytest.raises(NotYourCall):
            services.continuing.make_way(other, "rtc_1")
    with pytest.raises(CallNotFound):
        services.continuing.make_way(ADA, "rtc_unknown")


def test_no_call_is_ended_for_nothing(environ: dict[str, str]) -> None:
    """A live call goes on if the budget leaves nothing for the one that would continue it."""
    prices = '{"currency": "USD", "text_input": 4.0}'
    services = build(read_settings({**environ, "DAILY_BUDGET": "1", "PRICES": prices}))
    try:
        services.journals.start(call(at=time() - 5))
        assert services.admissions.budget.count({"rtc_0": 2.0}, 0)
        with pytest.raises(BudgetSpent):
            services.continuing.make_way(ADA, "rtc_1")
        assert [line for line in services.journals.read("rtc_1") or [] if isinstance(line, HangUpRequested)] == []
    finally:
        services.close()


def test_noted_once(services: Services) -> None:
    """The record names the call that continues it once, however often that is noted."""
    ended(services, 1)
    for new_call in ("rtc_2", "rtc_2", "rtc_3"):
        services.continuing.note("rtc_1", new_call)
    lines = services.journals.read("rtc_1") or []
    assert [line.call_id for line in lines if isinstance(line, ContinuedBy)] == ["rtc_2", "rtc_3"]
