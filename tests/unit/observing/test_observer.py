"""Tests the observer in a world whose time jumps: an hour's call takes milliseconds."""

import asyncio

import pytest

from switchboard.errors import SidebandFailed, UpstreamError
from switchboard.observing.observer import LONGEST_SECONDS
from switchboard.realtime.events import AudioTranscriptDone, PlaybackStarted, SpeechStarted
from switchboard.realtime.sideband import Closed
from switchboard.record.lines import CallEnded, Detached, HangUpRequested, Transcript
from switchboard.record.lines import SpeechStopped as Heard
from tests.examples import MIDNIGHT, call
from tests.unit.observing.world import World, played


def said(number: int) -> AudioTranscriptDone:
    return AudioTranscriptDone(event_id=f"e{number}", item_id=f"i{number}", response_id="r", transcript="Hm")


async def nothing(_: World) -> None:
    await asyncio.sleep(0)


def test_an_hour_in_which_somebody_speaks_now_and_then() -> None:
    """The call ends at its longest time, to the second, and everything that was said is in the journal."""

    async def story(world: World) -> None:
        for number in range(1000):
            await asyncio.sleep(4)
            world.say(said(number))

    outcome, world = played(World(call(max_call_seconds=3600)), story)

    assert outcome == "ended"
    assert world.hang_ups == [pytest.approx(MIDNIGHT + 3600, abs=1)]
    assert world.summary().end_reason == "max_call_seconds"
    assert sum(isinstance(line, Transcript) for line in world.journal) == 900
    assert world.summary().gaps == []


def test_a_call_in_which_nothing_happens() -> None:
    """It is hung up when it has been idle for as long as it may, and the journal shows that it was watched."""
    _, world = played(World(call()), nothing)

    assert world.hang_ups == [pytest.approx(MIDNIGHT + 300, abs=2)]
    assert world.summary().end_reason == "max_idle_seconds"
    assert world.kinds().count("observer.watching") == 10


def test_a_sideband_that_breaks_while_somebody_speaks() -> None:
    """The end of that speech was missed. The idle limit binds all the same, counted from the new sideband."""

    async def story(world: World) -> None:
        await asyncio.sleep(10)
        world.say(SpeechStarted(item_id="u1"))
        world.say(PlaybackStarted(response_id="r1"))
        await asyncio.sleep(10)
        world.say(Closed("lost"))

    _, world = played(World(call()), story)

    assert world.sidebands == 2
    assert world.hang_ups == [pytest.approx(MIDNIGHT + 320, abs=2)]


def test_a_successor_counts_idleness_from_its_own_attaching() -> None:
    """In the gap before it somebody may have spoken."""
    world = World(call())
    world.journal = [call(at=MIDNIGHT - 500), Heard(at=MIDNIGHT - 400, item_id="u1")]
    played(world, nothing)

    assert world.hang_ups == [pytest.approx(MIDNIGHT + 300, abs=2)]


def test_a_browser_that_leaves() -> None:
    """Two redials and one hang-up close the record, at the moment at which the sideband closed."""

    async def story(world: World) -> None:
        await asyncio.sleep(20)
        world.leave()

    outcome, world = played(World(call()), story)

    assert outcome == "ended"
    assert (world.dials, len(world.hang_ups)) == (1 + 2, 1)
    ended = world.journal[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.reason, ended.seen) == ("peer_left", True)
    assert ended.at == pytest.approx(MIDNIGHT + 20, abs=0.01)
    assert world.summary().gaps == []


def test_a_service_that_refuses_the_hang_up() -> None:
    """The record stays open until the service confirms, and the observer goes on asking."""
    world = World(call(max_call_seconds=60))
    world.hang_ups_refused = 30
    played(world, nothing)

    assert len(world.hang_ups) == 31
    assert world.hang_ups[0] == pytest.approx(MIDNIGHT + 60, abs=1)
    assert world.summary().end_reason == "max_call_seconds"
    assert world.summary().duration_seconds > 150


def test_a_service_that_refuses_for_ever() -> None:
    """The observer fails before the platform kills it, and the record stays open for the next one."""
    world = World(call(max_call_seconds=60))
    world.hang_ups_refused = 10_000
    with pytest.raises(UpstreamError):
        played(world, nothing)

    assert world.summary().ended is None
    assert world.hang_ups[-1] <= MIDNIGHT + LONGEST_SECONDS


def test_limits_bind_while_the_sideband_is_refused() -> None:
    """Nobody waits for the sideband with a hang-up that is due."""
    world = World(call(max_call_seconds=7))
    world.refusals = [SidebandFailed] * 100
    played(world, nothing)

    assert world.hang_ups == [pytest.approx(MIDNIGHT + 7, abs=1)]
    assert world.summary().end_reason == "max_call_seconds"
    assert len(world.summary().gaps) == 1


def test_a_sideband_that_stays_refused() -> None:
    """A call that cannot be heard is not left running."""
    world = World(call())
    world.refusals = [SidebandFailed] * 100
    played(world, nothing)

    assert world.summary().end_reason == "observer_failed"
    assert [error.code for error in world.summary().errors] == ["sideband_failed"]
    assert world.hang_ups[0] < MIDNIGHT + 60


def test_a_call_that_another_observer_holds() -> None:
    """The message is dropped, and the call is left to the observer that holds it."""
    world = World(call())
    world.held_by_another = True
    outcome, world = played(world, nothing)

    assert outcome == "not_ours"
    assert (world.sidebands, world.hang_ups, world.journal) == (0, [], [])


def test_a_call_that_was_lost_to_another_observer() -> None:
    """The observer writes down that it left, and ends without hanging up."""

    async def story(world: World) -> None:
        await asyncio.sleep(25)
        world.lost = True

    outcome, world = played(World(call()), story)

    assert outcome == "not_ours"
    assert world.hang_ups == []
    assert isinstance(world.journal[-1], Detached)


def test_a_process_that_is_asked_to_end() -> None:
    """Everything heard is in the journal, and the call is handed on."""

    async def story(world: World) -> None:
        await asyncio.sleep(25)
        world.say(said(1))
        await asyncio.sleep(0)
        world.leave_now.set_result(None)

    outcome, world = played(World(call()), story)

    assert (outcome, world.handed_on, world.hang_ups) == ("left", True, [])
    assert [type(line) for line in world.journal[-2:]] == [Transcript, Detached]


def test_a_record_that_is_closed() -> None:
    """A message that is delivered again after the end does nothing."""
    world = World(call())
    world.journal = [call(), CallEnded(at=MIDNIGHT + 1, reason="peer_left")]
    outcome, world = played(world, nothing)

    assert outcome == "ended"
    assert (world.sidebands, len(world.journal)) == (0, 2)


def test_a_budget_that_ends_no_calls_is_not_asked_for() -> None:
    async def story(_world: World) -> None:
        await asyncio.sleep(100)

    world = World(call(max_call_seconds=35))
    world.budget_ends_calls = False
    _, world = played(world, story)

    assert world.asked_for_the_budget == 0
    assert world.summary().end_reason == "max_call_seconds"


def test_the_budget_ends_a_call() -> None:
    """It is announced half a minute before, and then the call is hung up."""

    async def story(world: World) -> None:
        await asyncio.sleep(25)
        world.spent = True

    _, world = played(World(call()), story)

    assert world.summary().end_reason == "budget_spent"
    assert world.hang_ups == [pytest.approx(MIDNIGHT + 60, abs=2)]
    assert any(isinstance(line, HangUpRequested) and line.reason == "budget_spent" for line in world.journal)
