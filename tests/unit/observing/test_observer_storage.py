"""Tests the observer while storage is away, in a world whose time jumps."""

import asyncio

import pytest

from switchboard.errors import StorageUnavailable
from switchboard.realtime.events import AudioTranscriptDone
from tests.examples import MIDNIGHT, call
from tests.unit.observing.world import World, played


def said(number: int) -> AudioTranscriptDone:
    return AudioTranscriptDone(event_id=f"e{number}", item_id=f"i{number}", response_id="r", transcript="Hm")


async def nothing(_: World) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("minutes", [1, 10])
def test_storage_that_goes_away(minutes: int) -> None:
    """Everything that is heard meanwhile is written in order when storage is back; nothing is missing."""

    async def story(world: World) -> None:
        await asyncio.sleep(10)
        world.storage_away = True
        for number in range(minutes * 6):
            await asyncio.sleep(10)
            world.say(said(number))
        world.storage_away = False
        await asyncio.sleep(60)
        world.leave()

    outcome, world = played(World(call()), story)

    assert outcome == "ended"
    assert [item.item_id for item in world.summary().transcript] == [f"i{number}" for number in range(minutes * 6)]
    assert world.summary().gaps == []


def test_limits_bind_while_storage_is_away() -> None:
    """A hang-up needs no storage, not even for an observer that could not take its call."""
    world = World(call(max_call_seconds=60))
    world.storage_away = True

    async def story(world: World) -> None:
        await asyncio.sleep(400)
        world.storage_away = False

    played(world, story)

    assert world.hang_ups == [pytest.approx(MIDNIGHT + 60, abs=1)]
    assert world.summary().end_reason == "max_call_seconds"
    assert world.kinds()[:2] == ["observer.attached", "call.hang_up_requested"] or "call.created" in world.kinds()


def test_storage_that_stays_away() -> None:
    """The observer fails in the end, before the platform kills it, so that its message comes back."""
    world = World(call(max_call_seconds=60))
    world.storage_away = True
    with pytest.raises(StorageUnavailable):
        played(world, nothing)

    assert len(world.hang_ups) == 1
