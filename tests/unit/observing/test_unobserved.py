"""Tests how the record of a call is kept that no server can hear, in a world whose time jumps."""

import asyncio

import pytest

from switchboard.record.lines import CallEnded, HangUpRequested
from tests.examples import MIDNIGHT, call
from tests.unit.observing.world import World, played

UNHEARD = call(protocol="preview")


async def nothing(_: World) -> None:
    await asyncio.sleep(0)


def test_a_page_that_hangs_up() -> None:
    """The record ends at the moment that the page named, whenever it is read."""

    async def story(world: World) -> None:
        await asyncio.sleep(100)
        world.journal.append(HangUpRequested(at=MIDNIGHT + 100, reason="hung_up_by_caller"))

    outcome, world = played(World(UNHEARD), story)

    assert outcome == "ended"
    assert world.journal[-1] == CallEnded(
        at=MIDNIGHT + 100, reason="hung_up_by_caller", observer=world.journal[-1].observer
    )


def test_a_page_that_never_says_anything() -> None:
    """The record ends when the call has lasted as long as it may."""
    _, world = played(World(UNHEARD), nothing)

    assert world.summary().end_reason == "max_call_seconds"
    assert world.summary().duration_seconds == 1800
    assert world.hang_ups == []


def test_storage_that_is_away_for_a_while() -> None:
    """The journal is read again when storage is back."""

    async def story(world: World) -> None:
        await asyncio.sleep(10)
        world.storage_away = True
        await asyncio.sleep(300)
        world.storage_away = False
        world.journal.append(HangUpRequested(at=MIDNIGHT + 310, reason="hung_up_by_caller"))

    outcome, world = played(World(UNHEARD), story)

    assert (outcome, world.summary().end_reason) == ("ended", "hung_up_by_caller")


@pytest.mark.parametrize("lost", ["held_by_another", "lost"])
def test_a_record_that_another_keeps(lost: str) -> None:
    """The record is left to the one who keeps it."""
    world = World(UNHEARD)
    setattr(world, lost, True)

    assert played(world, nothing)[0] == "not_ours"


def test_a_process_that_is_asked_to_end() -> None:
    """The record is handed on."""

    async def story(world: World) -> None:
        await asyncio.sleep(10)
        world.leave_now.set_result(None)

    outcome, world = played(World(UNHEARD), story)

    assert (outcome, world.handed_on) == ("left", True)


def test_a_record_that_is_closed() -> None:
    """A message that is delivered again after the end does nothing."""
    world = World(UNHEARD)
    world.journal = [UNHEARD, CallEnded(at=MIDNIGHT + 1, reason="hung_up_by_caller")]

    assert played(world, nothing)[0] == "ended"
    assert len(world.journal) == 2
