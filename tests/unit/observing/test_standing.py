"""Tests what a heartbeat says of a live call, and how soon news is told."""

import asyncio
import itertools

import pytest

from switchboard.observing.standing import (
    MESSAGE_CHARACTERS,
    MOST_ERRORS,
    NOTHING_HEARD,
    SOON_SECONDS,
    Dues,
    Standing,
    Tally,
    longest_silence,
)
from switchboard.realtime import events
from switchboard.realtime.objects import ErrorDetail, ResponseUsage
from switchboard.record.lines import Fault, ResponseDone
from switchboard.record.tool_lines import HandOverRequested
from tests.examples import MIDNIGHT, call
from tests.unit.observing.tool_stories import done, item, told, world
from tests.unit.observing.world import FakeSideband, World, played


def test_what_lines_say() -> None:
    tally = Tally()
    assert tally.standing(None) == NOTHING_HEARD
    tally.note(Fault(at=MIDNIGHT, source="service", error=ErrorDetail("server_error")))
    tally.note(HandOverRequested(at=MIDNIGHT, tool_call_id="call_1", reason="Angry."))
    tally.note(ResponseDone(at=MIDNIGHT, response_id="r1", usage=ResponseUsage(total_tokens=7)))
    standing = tally.standing("caller")

    assert (standing.errors, standing.speaking, standing.usage.total) == (1, "caller", 7)
    assert standing.hand_over
    assert (standing.hand_over.at, standing.hand_over.reason) == ("2026-11-21T00:00:00.000Z", "Angry.")


def test_a_heartbeat_that_is_being_written_does_not_change() -> None:
    """It is written on another thread, and the call goes on in the meantime."""
    tally = Tally()
    tally.note(ResponseDone(at=MIDNIGHT, response_id="r1", usage=ResponseUsage(total_tokens=7)))
    before = tally.standing(None)
    tally.note(ResponseDone(at=MIDNIGHT, response_id="r2", usage=ResponseUsage(total_tokens=8)))

    assert (before.usage.total, tally.standing(None).usage.total) == (7, 15)


def test_news() -> None:
    """Usage alone is no news, and only the first request for an operator cannot wait."""
    asked = Tally()
    asked.note(HandOverRequested(at=MIDNIGHT, tool_call_id="call_1"))
    handed_over = asked.standing(None)

    assert longest_silence(NOTHING_HEARD, NOTHING_HEARD) == float("inf")
    assert longest_silence(NOTHING_HEARD, Standing(speaking="caller")) == SOON_SECONDS
    assert longest_silence(NOTHING_HEARD, handed_over) == 0
    assert longest_silence(handed_over, asked.standing("caller")) == SOON_SECONDS


def test_an_end_that_comes_sooner_is_told_at_once() -> None:
    """The page has to warn of it, and it is only half a minute away."""
    before, after = Standing(dues=Dues(1800, 300)), Standing(dues=Dues(90, 300))

    assert longest_silence(before, after) == 0
    assert longest_silence(after, after) == float("inf")
    assert longest_silence(before, Standing(dues=Dues(1800, 310))) == float("inf")
    assert longest_silence(NOTHING_HEARD, after) == float("inf")


def test_errors_take_little_room() -> None:
    """A fault that comes back is counted, but told once, and neither many faults nor a long one make a long answer."""
    tally = Tally()
    for number in range(30):
        error = ErrorDetail("server_error", None, f"{number // 2} {'x' * 1000}")
        tally.note(Fault(at=MIDNIGHT + number, source="service", error=error))
    standing = tally.standing(None)

    assert (standing.errors, len(standing.faults)) == (30, MOST_ERRORS)
    assert {len(fault.message or "") for fault in standing.faults} == {MESSAGE_CHARACTERS}


def test_a_call_in_which_nobody_speaks_has_a_heartbeat_every_ten_seconds() -> None:
    async def story(world: World) -> None:
        await asyncio.sleep(45)
        world.leave()

    _, here = played(World(call()), story)
    assert [at - MIDNIGHT for at, _ in here.beats] == pytest.approx([10, 20, 30, 40], abs=0.5)


def test_a_lively_call_has_a_heartbeat_every_five_seconds() -> None:
    """However often the speaker changes, a heartbeat costs no more than that, and says who speaks at its time."""

    async def story(world: World) -> None:
        await asyncio.sleep(0.5)
        for number in range(50):
            world.say(events.SpeechStarted(item_id=f"u{number}"))
            await asyncio.sleep(0.3)
            world.say(events.SpeechStopped(item_id=f"u{number}"))
            world.say(events.PlaybackStarted(response_id=f"r{number}"))
            await asyncio.sleep(0.4)
            world.say(events.PlaybackStopped(response_id=f"r{number}"))
            await asyncio.sleep(0.1)
        world.leave()

    _, here = played(World(call()), story)
    times = [at for at, _ in here.beats]
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) >= SOON_SECONDS - 0.01
    assert len(times) <= 40 / SOON_SECONDS
    assert {standing.speaking for _, standing in here.beats} > {"caller"}


def test_a_call_that_a_tool_hands_over_says_so_at_once() -> None:
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("hand_over", reason="The caller is angry.")))
        await asyncio.sleep(1.5)

    told(here, story)
    (at, standing), *_ = here.beats
    assert at - MIDNIGHT < 2.5
    assert standing.hand_over
    assert standing.hand_over.reason == "The caller is angry."
