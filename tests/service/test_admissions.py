"""Tests the admission of calls and the caps of the day, counted in a real Azurite."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import time

import pytest

from switchboard.errors import BudgetSpent, DailySecondsSpent, SwitchboardError
from switchboard.limits.admissions import Admissions
from switchboard.limits.budget import Budget
from switchboard.limits.left import Left
from switchboard.observing.live import LiveCalls
from switchboard.observing.sweep import Sweep
from switchboard.realtime.objects import ResponseUsage, TokenDetails
from switchboard.record.lines import AnyLine, CallEnded, ResponseDone
from switchboard.storage import Storage
from tests.examples import call, settings
from tests.service.stage import THREADS, places_in

PRICES = '{"audio_output": 64}'
BILL = ResponseUsage(total_tokens=1_000_000, output_token_details=TokenDetails(audio_tokens=1_000_000))


def admissions_in(storage: Storage, **environ: str) -> Admissions:
    return Admissions(settings(**environ), storage, places_in(storage, per_caller=100), THREADS.storage)


def talk(seconds: float, **fields: object) -> list[AnyLine]:
    began = call(at=time(), **fields)
    return [
        began,
        ResponseDone(at=began.at + 1, response_id="r1", usage=BILL),
        CallEnded(at=began.at + seconds, reason="peer_left"),
    ]


def test_a_callers_seconds_of_the_day(storage: Storage) -> None:
    """Calls set their time aside, give back what they did not use, and begin no more when nothing is left."""
    admissions = admissions_in(storage, DAILY_SECONDS_PER_CALLER="100", MAX_CALL_SECONDS="60")
    first, second = admissions.admit("ada"), admissions.admit("ada")
    assert (first.seconds, second.seconds) == (60, 40)
    with pytest.raises(DailySecondsSpent) as caught:
        admissions.admit("ada")
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 24 * 3600
    assert admissions.admit("grace").seconds == 60

    lines = talk(20, place=first.place, caller_id="ada")
    admissions.settle(lines[0], lines)  # type: ignore[arg-type]
    admissions.settle(lines[0], lines)  # type: ignore[arg-type]
    assert admissions.admit("ada").seconds == 40


def test_a_callers_seconds_at_the_same_moment(storage: Storage) -> None:
    """Of ten calls at the same moment, only as many begin as there is time for."""
    admissions = admissions_in(storage, DAILY_SECONDS_PER_CALLER="180", MAX_CALL_SECONDS="60")

    def admit(_: int) -> int:
        try:
            return admissions.admit("ada").seconds
        except SwitchboardError:
            return 0

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(admit, range(10))) <= 180


def test_an_admission_that_led_to_no_call(storage: Storage) -> None:
    """Its places and its seconds are given back."""
    admissions = admissions_in(storage, DAILY_SECONDS_PER_CALLER="60", MAX_CALL_SECONDS="60")
    admission = admissions.admit("ada")

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        admissions.or_withdraw(admission, fail)
    assert admissions.admit("ada").seconds == 60


def test_the_budget_of_the_day(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call that has ended is counted once, live ones are counted as they stand; then new calls are refused."""
    monkeypatch.setattr("switchboard.limits.budget.CACHE_SECONDS", -1)
    admissions = admissions_in(storage, DAILY_BUDGET="100", PRICES=PRICES)
    live = LiveCalls(storage)
    sweep = Sweep(storage, live, places_in(storage), admissions.budget, THREADS.storage)
    lines = talk(20)
    live.close(call(), admissions.settle(lines[0], lines))  # type: ignore[arg-type]
    sweep.run()
    sweep.run()
    assert admissions.budget.share_left() == pytest.approx(0.36)
    assert list(live.all()) == []
    admissions.admit("ada")

    hold = live.take(call(call_id="rtc_2"), "observer")
    assert hold is not None
    live.beat(hold, 64.0)
    sweep.run()
    with pytest.raises(BudgetSpent) as caught:
        admissions.admit("ada")
    assert caught.value.retry_after is not None
    assert admissions.budget.share_left() == 0


def test_a_sweep_that_died(storage: Storage) -> None:
    """A call that was counted, but whose blob was not deleted any more, is not counted again by the next sweep."""
    budget = Budget(storage, 100)
    assert budget.count({"rtc_1": 10.0}, 0)
    assert budget.count({"rtc_1": 10.0, "rtc_2": 5.0}, 1.0)

    assert budget.share_left() == pytest.approx(0.84)


async def test_what_is_left(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is told what storage says, and nothing about a budget where there is none."""
    monkeypatch.setattr("switchboard.limits.left.WAIT_SECONDS", 20)
    first = admissions_in(storage, DAILY_BUDGET="10", PRICES=PRICES)
    assert await first.left() == Left(calls=20, budget=1)

    await asyncio.to_thread(first.admit, "ada")
    assert await admissions_in(storage).left() == Left(calls=19)


def test_without_caps(storage: Storage) -> None:
    """Where no cap is set nothing is counted, and nothing is written for it."""
    admissions = admissions_in(storage)
    lines = talk(20)

    assert not admissions.counted
    assert admissions.admit("ada").seconds == 1800
    assert admissions.settle(lines[0], lines) == 0  # type: ignore[arg-type]
    assert not list(storage.container.list_blob_names(name_starts_with="spent/"))
