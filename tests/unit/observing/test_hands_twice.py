"""Tests that nothing happens twice when an observer is killed or two observers follow a call."""

import asyncio
import json
from typing import Any

from switchboard.realtime import events
from switchboard.realtime.objects import ErrorDetail, Item
from switchboard.record.lines import AnyLine
from switchboard.record.tool_lines import ToolStarted
from tests.examples import MIDNIGHT
from tests.unit.observing.tool_stories import answers, done, item, outcomes, runs, sent, told, world
from tests.unit.observing.world import FakeSideband, World


def started(name: str = "weather", number: int = 1, observer: str = "o1") -> ToolStarted:
    return ToolStarted(
        at=MIDNIGHT - 1, observer=observer, tool_call_id=f"call_{number}", name=name, item_id=f"f{number}"
    )


async def ask_back(world: World, sideband: FakeSideband, name: str, **arguments: Any) -> None:
    """Answer the observer's questions: the function call is there, and its answer is not."""
    (first,) = sent(sideband, "conversation.item.retrieve")
    assert first["item_id"] == "f1"
    world.say(events.ItemRetrieved(item=item(name, **arguments)))
    await asyncio.sleep(0.1)
    second = sent(sideband, "conversation.item.retrieve")[1]
    world.say(events.ErrorEvent(error=ErrorDetail(code="item_not_found", event_id=second["event_id"])))
    await asyncio.sleep(1)


def test_an_observer_that_is_killed_while_a_tool_runs() -> None:
    """Its successor runs the tool again with the same idempotency key, and answers."""
    here = world(started())

    async def story(world: World, sideband: FakeSideband) -> None:
        await ask_back(world, sideband, "weather", city="Vigo")

    sideband = told(here, story)

    assert runs == [("weather", "rtc_1.call_1")]
    assert answers(sideband) == [("call_1", "It is foggy in Vigo.")]
    assert len(sent(sideband, "response.create")) == 1


def test_a_tool_that_must_not_begin_twice() -> None:
    """The successor tells the model that nobody knows what became of it."""
    here = world(started("book"))

    async def story(world: World, sideband: FakeSideband) -> None:
        await ask_back(world, sideband, "book")

    ((_, output),) = answers(told(here, story))

    assert runs == []
    assert json.loads(output)["error"]["code"] == "unknown"
    assert outcomes(here) == [("book", None, "unknown")]


def test_an_answer_that_is_there_already() -> None:
    """The observer was killed after it had answered: nothing runs, and the model is asked to go on."""
    here = world(started())

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(events.ItemRetrieved(item=item("weather", city="Vigo")))
        await asyncio.sleep(0.1)
        world.say(events.ItemRetrieved(item=Item(id="o1", type="function_call_output", call_id="call_1")))
        await asyncio.sleep(1)

    sideband = told(here, story)

    assert (runs, answers(sideband)) == ([], [])
    assert len(sent(sideband, "response.create")) == 1
    assert outcomes(here) == [("weather", None, "unknown")]


def test_two_observers_of_one_call() -> None:
    """Both hear the call of a tool that must not run twice. The first line in the journal decides."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.journal.append(started("book", observer="another"))
        world.say(done(item("book")))
        world.say(done(item("book", 2), response="r2"))
        await asyncio.sleep(1)

    sideband = told(here, story)

    assert runs == [("book", "rtc_1.call_2")]
    assert answers(sideband) == [("call_2", "booked")]


def test_a_journal_that_loses_what_was_written() -> None:
    here = world()

    async def forget(_call_id: str) -> list[AnyLine]:
        return []

    async def story(world: World, sideband: FakeSideband) -> None:
        world.read = forget  # type: ignore[method-assign]
        world.say(done(item("book")))
        await asyncio.sleep(1)

    told(here, story)
    assert runs == []


def test_storage_that_is_away() -> None:
    """What must not happen twice does not happen at all while nobody can note that it happens."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.storage_away = True
        world.say(done(item("book"), item("weather", 2, city="Vigo")))
        await asyncio.sleep(1)
        world.storage_away = False

    by_call = dict(answers(told(here, story)))

    assert runs == [("weather", "rtc_1.call_2")]
    assert json.loads(by_call["call_1"])["error"]["code"] == "failed"
    assert by_call["call_2"] == "It is foggy in Vigo."
