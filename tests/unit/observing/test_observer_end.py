"""Tests how an observer finds out that its call is over, and that nothing but the service's word closes a record."""

import asyncio
from typing import Literal

import pytest

from switchboard.errors import SidebandFailed
from switchboard.realtime.sideband import Closed, NoSuchCall
from switchboard.record.lines import Attached
from tests.examples import MIDNIGHT, call
from tests.unit.observing.world import World, played


async def nothing(_: World) -> None:
    await asyncio.sleep(0)


def test_one_404_out_of_nothing() -> None:
    """After a sideband has broken, the service must say three times that it does not know the call."""

    async def story(world: World) -> None:
        await asyncio.sleep(20)
        world.refusals = [NoSuchCall, NoSuchCall]
        world.say(Closed("lost"))
        await asyncio.sleep(20)
        world.leave()

    _, world = played(World(call()), story)

    assert world.sidebands == 2
    assert len(world.hang_ups) == 1
    assert world.summary().end_reason == "peer_left"


def test_a_service_that_denies_a_call_that_is_up() -> None:
    """Nobody believes the sideband alone: the call is hung up, and the record says that the gateway failed."""
    world = World(call(at=MIDNIGHT - 100))
    world.refusals = [NoSuchCall] * 100
    played(world, nothing)

    assert (world.up, len(world.hang_ups)) == (False, 1)
    assert world.summary().end_reason == "observer_failed"


def test_a_clean_close_and_one_404_of_a_call_that_is_up() -> None:
    """A proxy that restarts does both. The call goes on, and its observer hears it again."""

    async def story(world: World) -> None:
        for _ in range(3):
            await asyncio.sleep(20)
            world.refusals = [NoSuchCall]
            world.say(Closed("clean", 1000))
        await asyncio.sleep(20)
        assert world.hang_ups == []
        world.leave()

    _, world = played(World(call()), story)

    assert world.sidebands == 4
    assert world.summary().end_reason == "peer_left"
    assert world.summary().duration_seconds == pytest.approx(80, abs=0.01)
    assert len(world.summary().gaps) == 3


def test_a_clean_close_and_two_404s_of_a_call_that_is_up() -> None:
    """The call is hung up then. From the close to that hang-up nobody has heard it: however short, that is a gap."""

    async def story(world: World) -> None:
        await asyncio.sleep(20)
        world.refusals = [NoSuchCall, NoSuchCall]
        world.say(Closed("clean", 1000))

    _, world = played(World(call()), story)

    (gap,) = world.summary().gaps
    assert world.summary().end_reason == "observer_failed"
    assert 0.4 < gap.seconds < 0.8


@pytest.mark.parametrize("how", ["clean", "lost"])
def test_an_end_between_a_close_and_the_next_answer(how: Literal["clean", "lost"]) -> None:
    """The sideband closes, the next dials are refused, and then the call is over: it may have gone on until then."""

    async def story(world: World) -> None:
        await asyncio.sleep(20)
        world.refusals = [SidebandFailed] * 4
        world.say(Closed(how))
        await asyncio.sleep(0.5)
        world.up = False

    _, world = played(World(call()), story)

    summary = world.summary()
    (gap,) = summary.gaps
    assert (summary.end_reason, summary.end_seen) == ("peer_left", True)
    assert summary.duration_seconds == pytest.approx(20 + gap.seconds, abs=0.01)
    assert 1.5 < gap.seconds < 5


def test_the_services_own_limit() -> None:
    """The service closes the sideband and says why; it is asked whether the call is down all the same."""

    async def story(world: World) -> None:
        await asyncio.sleep(20)
        world.up = False
        world.say(Closed("cap", 1001))

    _, world = played(World(call()), story)

    assert world.summary().end_reason == "service_limit"
    assert len(world.hang_ups) == 1


def test_a_call_that_was_over_when_its_successor_came() -> None:
    """The record says when the call was last known to be up, and that nobody saw the end."""
    world = World(call())
    world.journal = [call(at=MIDNIGHT - 100), Attached(at=MIDNIGHT - 99.5, observer="dead")]
    world.up = False
    played(world, nothing)
    summary = world.summary()

    assert (summary.end_reason, summary.end_seen) == ("peer_left", False)
    assert summary.duration_seconds == 0.5
    (gap,) = summary.gaps
    assert gap.seconds > 98
