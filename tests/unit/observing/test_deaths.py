"""Tests how long a live call can be without an observer when instances die, at every moment of the clocks involved."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from switchboard.observing.live import BEAT_SECONDS
from switchboard.triggers.queues import SWEEP_SCHEDULE
from tests.examples import call
from tests.processes import ROOT
from tests.unit.observing.fleet import Fleet, Instance, told

(EVERY,) = map(float, re.findall(r"^\*/(\d+) \* \* \* \* \*$", SWEEP_SCHEDULE))
# What docs/reliability.md promises, in seconds.
ALONE, WITH_THE_TIMER, AND_THE_TAKER, AND_THE_TIMER = 24.0, 42.0, 46.0, 64.0
LONG = call(max_call_seconds=3600, max_idle_seconds=3600)


def moments(beat_step: float, sweep_step: float) -> Iterator[tuple[float, float]]:
    """Yield moments of the first death, through a whole heartbeat, and of the first sweep."""
    beats = [2 * BEAT_SECONDS + number * beat_step for number in range(int(BEAT_SECONDS / beat_step))]
    sweeps = [number * sweep_step for number in range(int(EVERY / sweep_step))]
    return product(beats, sweeps)


def unobserved(at: float, sweep_at: float, *, observer: int, second: Callable[[Fleet], None] = lambda _: None) -> float:
    """Return how long the call was without an observer when its instance died `at` so many seconds.

    `observer` is the number of that instance, and `second` arranges another death.
    """
    fleet = Fleet(LONG, sweep_every=EVERY, sweep_at=sweep_at)

    async def story() -> None:
        fleet.taker = observer
        fleet.send()
        await asyncio.sleep(at)
        fleet.taker = -1
        assert fleet.observer is not None
        second(fleet)
        fleet.kill(fleet.observer)
        async with asyncio.timeout(200):
            await fleet.observed.wait()

    told(fleet, story)
    return fleet.unobserved[-1]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the logs of hundreds of observers out of the report."""
    caplog.set_level(logging.CRITICAL)


def test_nobody_dies() -> None:
    """No message is sent but the call's own, and nobody disturbs its observer."""
    fleet = Fleet(LONG, sweep_every=EVERY, sweep_at=3)

    async def story() -> None:
        fleet.send()
        await asyncio.sleep(600)

    told(fleet, story)

    assert fleet.messages == 1
    assert len(fleet.unobserved) == 1


@pytest.mark.parametrize(("observer", "bound"), [(1, ALONE), (0, WITH_THE_TIMER)])
def test_one_death(observer: int, bound: float) -> None:
    """The instance with the observer dies, and at the worst it is the one that ran the sweep."""
    worst = max(unobserved(*moment, observer=observer) for moment in moments(1, 1))

    assert bound - 3 < worst <= bound


@pytest.mark.parametrize("event", ["on_message", "on_taken"])
def test_the_successor_dies(event: str) -> None:
    """The instance that takes the message for the new observer dies with it, before or after it has taken the call."""

    def second(fleet: Fleet) -> None:
        def die(instance: Instance) -> None:
            setattr(fleet, event, lambda _: None)
            fleet.kill(instance)

        setattr(fleet, event, die)

    worst = max(unobserved(*moment, observer=1, second=second) for moment in moments(1, 1))

    assert AND_THE_TAKER - 6 < worst <= AND_THE_TAKER


def test_the_timer_dies_later() -> None:
    """The instance that runs the sweep dies at the worst moment: when it is just about to send the message."""

    def second(fleet: Fleet, turns: int) -> None:
        left = iter(range(turns))

        def die(instance: Instance) -> None:
            if next(left, None) is None:
                fleet.on_sweep = lambda _: None
                fleet.kill(instance)

        fleet.on_sweep = die

    worst = max(
        unobserved(*moment, observer=1, second=lambda fleet, turns=turns: second(fleet, turns))  # type: ignore[misc]
        for moment, turns in product(moments(1, 1), (1, 2))
    )

    assert AND_THE_TIMER - 3 < worst <= AND_THE_TIMER


def test_the_page_says_the_same() -> None:
    """The figures that these tests hold stand in docs/reliability.md."""
    page = (ROOT / "docs" / "reliability.md").read_text()

    for bound in (ALONE, WITH_THE_TIMER, AND_THE_TAKER, AND_THE_TIMER):
        assert f"| {bound:.0f} seconds |" in page
