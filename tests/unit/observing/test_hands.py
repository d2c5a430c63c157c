"""Tests the tools of a call in a world whose time jumps: answers, limits, slow tools and broken sidebands."""

import asyncio
import json

import pytest

from switchboard.observing.goodbye import SAY
from switchboard.realtime import events
from switchboard.realtime.objects import ErrorDetail, Item, Response
from switchboard.realtime.sideband import Closed
from switchboard.record.lines import AnyLine, Fault, ItemAdded
from switchboard.record.tool_lines import ToolFinished, ToolStarted
from tests.examples import MIDNIGHT, call
from tests.unit.observing.tool_stories import answers, attached, done, item, outcomes, runs, sent, told, world
from tests.unit.observing.world import FakeSideband, World


def test_a_function_call() -> None:
    """The tool's answer goes to the service, then the request to go on, and both ends are in the journal."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("weather", city="London")))
        await asyncio.sleep(1)

    sideband = told(here, story)

    assert [json.loads(event)["type"] for event in sideband.sent] == ["conversation.item.create", "response.create"]
    assert answers(sideband) == [("call_1", "It is foggy in London.")]
    assert runs == [("weather", "rtc_1.call_1")]
    (started,) = [line for line in here.journal if isinstance(line, ToolStarted)]
    (finished,) = [line for line in here.journal if isinstance(line, ToolFinished)]
    assert (started.name, started.item_id, started.arguments) == ("weather", "f1", '{"city": "London"}')
    assert (finished.outcome, finished.ms, finished.result) == ("completed", 200, "It is foggy in London.")


def test_thirty_tools_at_once() -> None:
    """They run side by side, each gets one answer, and the model is asked to go on once."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(*(item("weather", number, city=f"City {number}") for number in range(30))))
        await asyncio.sleep(0.25)
        assert len(sent(sideband, "response.create")) == 1
        await asyncio.sleep(1)

    sideband = told(here, story)

    assert sorted(answers(sideband)) == sorted((f"call_{n}", f"It is foggy in City {n}.") for n in range(30))
    assert len(sent(sideband, "response.create")) == 1
    assert outcomes(here) == [("weather", 200, "completed")] * 30


def test_bad_arguments_and_too_many_calls() -> None:
    """Each gets an answer that the model can explain."""
    here = world(calls=1)

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("weather", 1, town="London"), item("weather", 2, city="Vigo")))
        await asyncio.sleep(1)

    sideband = told(here, story)

    codes = {call_id: json.loads(output)["error"]["code"] for call_id, output in answers(sideband)}
    assert codes == {"call_1": "invalid_arguments", "call_2": "too_many_calls"}
    assert runs == []


def test_a_tool_that_never_returns() -> None:
    here = world(seconds=5)

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("slow", seconds=1e6)))
        await asyncio.sleep(6)

    sideband = told(here, story)

    ((_, output),) = answers(sideband)
    assert json.loads(output)["error"]["code"] == "timed_out"
    assert outcomes(here) == [("slow", 5000, "timed_out")]


def test_words_for_a_slow_tool() -> None:
    """They are said outside the conversation after half a second, and the model goes on when it has said them."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("slow", seconds=1)))
        await asyncio.sleep(0.8)
        world.say(events.ResponseCreated(response=Response(id="say", metadata=SAY)))
        await asyncio.sleep(0.5)
        assert len(sent(sideband, "response.create")) == 1
        world.say(done(Item(id="m1", role="assistant"), response="say"))
        await asyncio.sleep(1)

    say, go_on = sent(told(here, story), "response.create")

    assert say["response"]["conversation"] == "none"
    assert "One moment…" in say["response"]["instructions"]
    assert go_on["response"] == {}


def test_words_that_are_not_needed() -> None:
    """Nothing is said for a tool that is fast, or while the caller speaks."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("slow", 1, seconds=0.1)))
        await asyncio.sleep(1)
        world.say(done(item("slow", 2, seconds=2), response="r2"))
        world.say(events.SpeechStarted(item_id="u1"))
        await asyncio.sleep(1)

    (go_on,) = sent(told(here, story), "response.create")
    assert go_on["response"] == {}


def test_a_caller_whose_speech_nobody_answers() -> None:
    """Where the service does not answer by itself, the gateway asks for the response a second after the speech."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("weather", city="Vigo")))
        world.say(events.SpeechStarted(item_id="u1"))
        await asyncio.sleep(1)
        world.say(events.SpeechStopped(item_id="u1"))
        await asyncio.sleep(0.9)
        assert sent(sideband, "response.create") == []
        await asyncio.sleep(0.5)

    assert len(sent(told(here, story), "response.create")) == 1


def test_a_sideband_that_breaks_while_a_tool_runs() -> None:
    """The answer goes to the next sideband. One that may have been lost is sent again, under the same id."""
    here = world()
    seen: list[FakeSideband] = []

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("slow", 1, seconds=0.1), item("weather", 2, city="Vigo")))
        await asyncio.sleep(0.15)
        world.say(Closed("lost"))
        await asyncio.sleep(2)
        seen.append(await attached(world))
        lost, weather_too = sent(seen[0], "conversation.item.create")
        assert lost == sent(sideband, "conversation.item.create")[0]
        for each in (lost, weather_too):
            world.say(events.ItemAdded(item=Item(**{k: each["item"][k] for k in ("id", "type", "call_id")})))
        await asyncio.sleep(0.1)
        world.say(Closed("lost"))
        await asyncio.sleep(2)
        seen.append(await attached(world))

    told(here, story)

    assert len(sent(seen[0], "response.create")) == 1
    assert sent(seen[1], "conversation.item.create") == []


def test_an_answer_that_the_service_refuses() -> None:
    """It is not sent again, and the record does not take the refusal for a fault."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("weather", city="Vigo")))
        await asyncio.sleep(1)
        event_id = sent(sideband, "conversation.item.create")[0]["event_id"]
        world.say(events.ErrorEvent(error=ErrorDetail(code="item_already_exists", event_id=event_id)))
        await asyncio.sleep(0.1)
        world.say(Closed("lost"))
        await asyncio.sleep(2)
        assert sent(await attached(world), "conversation.item.create") == []

    told(here, story)
    assert not any(isinstance(line, Fault) for line in here.journal)


def test_a_tool_that_is_taken_away() -> None:
    """A function that is no tool of this call belongs to somebody else, and nobody answers it here."""
    here = world(tools={})

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("weather", city="Vigo")))
        await asyncio.sleep(1)

    assert told(here, story).sent == []


def test_a_call_without_tools() -> None:
    """The function calls that it hears of belong to others, and so do those of which the journal says something."""
    here = world(ItemAdded(at=MIDNIGHT, item_id="f0", kind="function_call"), tools={})

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("weather", city="Vigo")))
        await asyncio.sleep(1)

    sideband = told(here, story)
    assert sideband.sent == []


def test_a_fault_of_the_gateway(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, the model gets an answer, and the log shows none of the words."""
    here = world()

    async def fail(_call_id: str) -> list[AnyLine]:
        raise ValueError("ada said")

    async def story(world: World, sideband: FakeSideband) -> None:
        world.read = fail  # type: ignore[method-assign]
        world.say(done(item("book")))
        await asyncio.sleep(0.1)

    ((_, output),) = answers(told(here, story))
    assert "could not run the tool" in output
    assert "ValueError" in caplog.text
    assert "ada said" not in caplog.text


def test_a_call_that_waits_for_a_tool_is_not_idle() -> None:
    """The idle time begins anew when the tool has ended."""
    here = world(seconds=100)
    here.call = call(max_idle_seconds=30)

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(done(item("slow", seconds=60)))
        await asyncio.sleep(61)
        assert world.hang_ups == []
        await asyncio.sleep(35)

    told(here, story)
    assert here.hang_ups == [pytest.approx(MIDNIGHT + 90, abs=3)]
    assert here.summary().end_reason == "max_idle_seconds"
