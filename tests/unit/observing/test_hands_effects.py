"""Tests what tools ask of the gateway: the end of the call, and an operator."""

import asyncio

import pytest

from switchboard.observing.hands import GOODBYE_SECONDS
from switchboard.realtime import events
from switchboard.realtime.objects import Item, Response
from switchboard.record.lines import ResponseStarted
from switchboard.record.tool_lines import HandOverRequested, ToolFinished
from tests.examples import MIDNIGHT
from tests.unit.observing.tool_stories import done, item, sent, told, world
from tests.unit.observing.world import FakeSideband, World, played


def test_a_tool_that_ends_the_call() -> None:
    """The model says goodbye, and the call is hung up when the goodbye has been played."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("end_call")))
        await asyncio.sleep(0.2)
        (go_on,) = sent(sideband, "response.create")
        assert go_on["response"] == {"tool_choice": "none"}
        (answer,) = sent(sideband, "conversation.item.create")
        added = Item(id=answer["item"]["id"], type="function_call_output", call_id="call_1")
        world.say(events.ItemAdded(item=added))
        world.say(events.ResponseCreated(response=Response(id="r2")))
        world.say(events.PlaybackStarted(response_id="r2"))
        world.say(done(Item(id="m1", role="assistant"), response="r2"))
        await asyncio.sleep(4)
        assert world.hang_ups == []
        world.say(events.PlaybackStopped(response_id="r2"))
        await asyncio.sleep(3)

    told(here, story)

    assert here.hang_ups == [pytest.approx(MIDNIGHT + 5.4, abs=1.1)]
    assert here.summary().end_reason == "ended_by_assistant"


def test_a_goodbye_that_never_comes() -> None:
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("end_call")))
        await asyncio.sleep(GOODBYE_SECONDS + 3)

    told(here, story)
    assert here.summary().end_reason == "ended_by_assistant"
    assert here.hang_ups == [pytest.approx(MIDNIGHT + GOODBYE_SECONDS, abs=1.5)]


def test_a_caller_who_goes_on_talking() -> None:
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("end_call")))
        await asyncio.sleep(0.2)
        world.say(events.SpeechStarted(item_id="u1"))
        await asyncio.sleep(GOODBYE_SECONDS + 3)

    told(here, story)
    assert here.summary().end_reason == "peer_left"


def test_a_second_goodbye() -> None:
    """The time of the first one, which the caller broke off, does not cut the second one short."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("end_call")))
        await asyncio.sleep(GOODBYE_SECONDS - 2)
        world.say(events.SpeechStarted(item_id="u1"))
        world.say(events.SpeechStopped(item_id="u1"))
        world.say(done(item("end_call", 2), response="r2"))
        await asyncio.sleep(5)
        assert world.hang_ups == []
        await asyncio.sleep(GOODBYE_SECONDS)

    told(here, story)
    assert here.hang_ups == [pytest.approx(MIDNIGHT + 2 * GOODBYE_SECONDS - 2, abs=1.6)]


@pytest.mark.parametrize("answered", [True, False])
def test_an_observer_that_is_killed_during_the_goodbye(*, answered: bool) -> None:
    """Its successor ends the call: at once if the goodbye has been heard, and else after the usual time."""
    ended = ToolFinished(
        at=MIDNIGHT - 2, observer="o1", tool_call_id="call_1", name="end_call", outcome="completed", ends_call=True
    )
    goodbye = ResponseStarted(at=MIDNIGHT - 1, observer="o1", response_id="r2")
    here = world(ended, *([goodbye] if answered else []))

    async def wait(_: World) -> None:
        await asyncio.sleep(GOODBYE_SECONDS + 3)

    played(here, wait)
    assert here.hang_ups == [pytest.approx(MIDNIGHT + (0 if answered else GOODBYE_SECONDS), abs=1.6)]
    assert here.summary().end_reason == "ended_by_assistant"


def test_a_tool_that_asks_for_an_operator() -> None:
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("hand_over", reason="The caller is angry.")))
        await asyncio.sleep(0.2)

    told(here, story)

    (line,) = [line for line in here.journal if isinstance(line, HandOverRequested)]
    assert line.reason == "The caller is angry."
    assert [each.reason for each in here.summary().hand_overs] == ["The caller is angry."]
