"""Tests that an assistant with a greeting speaks first, once in each call, and only before anybody else has spoken."""

import asyncio
import json

import pytest

from switchboard.observing.greeting import CONNECTED_AFTER_SECONDS
from switchboard.realtime import events
from switchboard.realtime.objects import Item
from switchboard.realtime.sideband import Closed
from switchboard.record.lines import GreetingRequested, SpeechStarted
from tests.examples import MIDNIGHT, call
from tests.unit.observing.world import World, played

WORDS = "You help.\n\nSay hello."


def greeted(world: World) -> list[dict[str, object]]:
    """Return the requests for a response that were sent into the call."""
    return [event for event in map(json.loads, world.sent) if event["type"] == "response.create"]


async def hang_up_after(world: World, seconds: float) -> None:
    await asyncio.sleep(seconds)
    world.leave()


def test_greeting() -> None:
    """The observer asks for the first response when the browser has its connection, and notes it in the journal."""
    world = World(call())
    world.words = WORDS
    before: list[dict[str, object]] = []

    async def story(world: World) -> None:
        await asyncio.sleep(CONNECTED_AFTER_SECONDS - 0.1)
        before.extend(greeted(world))
        await hang_up_after(world, 5)

    played(world, story)

    (request,) = greeted(world)
    assert request["response"] == {"instructions": WORDS, "tool_choice": "none"}
    assert before == []
    assert world.kinds().count("call.greeting_requested") == 1


def test_no_greeting() -> None:
    """An assistant without a greeting waits for the caller."""
    world = World(call())

    played(world, lambda world: hang_up_after(world, 5))

    assert greeted(world) == []
    assert "call.greeting_requested" not in world.kinds()


@pytest.mark.parametrize(
    "line",
    [
        GreetingRequested(at=MIDNIGHT, observer="another"),
        SpeechStarted(at=MIDNIGHT, item_id="item_1"),
    ],
)
def test_call_that_is_taken_over(line: GreetingRequested | SpeechStarted) -> None:
    """An observer that takes a call over does not greet a caller who was greeted, or who has spoken already."""
    world = World(call())
    world.words = WORDS
    world.journal = [call(), line]

    played(world, lambda world: hang_up_after(world, 5))

    assert greeted(world) == []
    assert world.kinds().count("call.greeting_requested") == int(isinstance(line, GreetingRequested))


def test_two_observers_at_once() -> None:
    """If two observers greet at the same moment, the one whose line comes first in the journal does it."""
    world = World(call())
    world.words = WORDS
    append = world.append

    async def append_after_another(call_id: str, block: bytes) -> None:
        if b"greeting" in block:
            world.journal.append(GreetingRequested(at=MIDNIGHT, observer="another"))
        await append(call_id, block)

    world.append = append_after_another  # type: ignore[method-assign, assignment]
    played(world, lambda world: hang_up_after(world, 5))

    assert greeted(world) == []


@pytest.mark.parametrize(
    "event",
    [
        events.SpeechStarted(item_id="item_1"),
        events.ItemAdded(item=Item(id="item_1", type="message", role="user")),
    ],
)
def test_caller_who_is_faster(event: events.Event) -> None:
    """Whoever speaks or types before the greeting gets an answer instead of a greeting."""
    world = World(call())
    world.words = WORDS

    async def story(world: World) -> None:
        await asyncio.sleep(CONNECTED_AFTER_SECONDS / 2)
        world.say(event)
        await hang_up_after(world, 5)

    played(world, story)

    assert greeted(world) == []


def test_storage_away() -> None:
    """Without storage nobody knows whether the caller was greeted, so nobody greets."""
    world = World(call())
    world.words = WORDS

    async def story(world: World) -> None:
        await asyncio.sleep(0.5)
        world.storage_away = True
        await asyncio.sleep(5)
        world.storage_away = False
        await hang_up_after(world, 5)

    played(world, story)

    assert greeted(world) == []


def test_sideband_that_closes_before_the_greeting() -> None:
    """A greeting is not sent again: nobody knows whether the service has heard it."""
    world = World(call())
    world.words = WORDS

    async def story(world: World) -> None:
        await asyncio.sleep(0.3)
        world.leave()

    played(world, story)

    assert greeted(world) == []


def test_sideband_that_breaks_after_the_greeting() -> None:
    """The next sideband of the same observer brings no second greeting."""
    world = World(call())
    world.words = WORDS

    async def story(world: World) -> None:
        await asyncio.sleep(3)
        world.say(Closed("lost"))
        await hang_up_after(world, 5)

    played(world, story)

    assert world.sidebands == 2
    assert len(greeted(world)) == 1


def test_call_of_another_observer() -> None:
    """An observer that does not get the call greets nobody."""
    world = World(call())
    world.words = WORDS
    world.held_by_another = True

    outcome, _ = played(world, lambda world: hang_up_after(world, 5))

    assert outcome == "not_ours"
    assert greeted(world) == []
