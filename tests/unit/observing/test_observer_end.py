"""Tests how an observer finds out that its call is over, and that nothing but the service's word closes a record."""

import asyncio
from typing import Literal

import pytest

from switchboard.errors import SidebandFailed
from switchboard.realtime.events import AudioTranscriptDone
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


def answered(number: int) -> AudioTranscriptDone:
    return AudioTranscriptDone(event_id=f"e{number}", item_id=f"i{number}", response_id="r", transcript="Hm")


def test_a_service_that_says_more_after_the_hang_up() -> None:
    """Whatever it still says is kept, however slowly it comes, and the call ends when the sideband closes."""
    world = World(call(max_call_seconds=60))
    world.closes = False

    async def story(world: World) -> None:
        await asyncio.sleep(62)
        for number in range(3):
            world.say(answered(number))
            await asyncio.sleep(3)
        world.say(Closed("clean", 1000))

    played(world, story)
    summary = world.summary()

    assert world.kinds().count("item.transcript") == 3
    assert summary.gaps == []
    assert summary.duration_seconds == pytest.approx(71, abs=0.1)


def test_a_service_that_leaves_the_sideband_open_after_the_hang_up() -> None:
    """Its last words may be on their way. The record does not wait for ever, and says since when nothing was heard."""
    world = World(call(max_call_seconds=60))
    world.closes = False

    async def story(world: World) -> None:
        await asyncio.sleep(62)
        world.say(answered(1))

    played(world, story)
    summary = world.summary()

    (gap,) = summary.gaps
    assert gap.seconds == pytest.approx(5, abs=0.1)
    assert summary.duration_seconds == pytest.approx(67, abs=0.1)
    assert (summary.end_reason, summary.end_seen) == ("max_call_seconds", True)


def test_a_service_that_never_stops_talking_after_the_hang_up() -> None:
    """It is heard for half a minute more."""
    world = World(call(max_call_seconds=60))
    world.closes = False

    async def story(world: World) -> None:
        for number in range(100):
            await asyncio.sleep(1)
            world.say(answered(number))

    played(world, story)

    assert world.summary().duration_seconds == pytest.approx(90, abs=1)
    assert len(world.summary().gaps) == 1


def test_a_sideband_that_breaks_after_the_hang_up() -> None:
    """Nobody attaches again, so the record itself must say that something may be missing since the last event."""
    world = World(call(max_call_seconds=60))
    world.closes = False

    async def story(world: World) -> None:
        await asyncio.sleep(59)
        world.say(answered(1))
        await asyncio.sleep(3)
        world.say(Closed("lost"))

    played(world, story)

    (gap,) = world.summary().gaps
    assert gap.seconds == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(("quiet", "unheard"), [(10, 10), (90, 40)])
def test_a_sideband_that_was_dead_before_it_broke(quiet: float, unheard: float) -> None:
    """No ping was answered. So nothing that was said since the last event, or since the last pong, was heard."""

    async def story(world: World) -> None:
        await asyncio.sleep(10)
        world.say(answered(1))
        await asyncio.sleep(quiet)
        world.say(Closed("lost", silent=True))
        await asyncio.sleep(20)
        world.leave()

    _, world = played(World(call()), story)

    (gap,) = world.summary().gaps
    assert gap.seconds == pytest.approx(unheard, abs=0.3)
