"""Tests tools on the emulator's real sideband and with a real journal (Azurite)."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import time
from typing import Any

import msgspec
import pytest

from switchboard.assistants.shelf import Assistants
from switchboard.errors import UpstreamError
from switchboard.observing.tool_turns import FunctionCall
from switchboard.realtime.client import RealtimeClient
from switchboard.record.lines import CallCreated, ItemAdded
from switchboard.record.tool_lines import HandOverRequested, ToolFinished, ToolStarted
from switchboard.record.tool_uses import ToolUse
from switchboard.storage import Storage
from switchboard.tools import Call, tool
from switchboard.tools.conduct import end_call, hand_over
from switchboard.tools.definition import define
from switchboard.tools.toolbox import Toolbox
from switchboard.tools.toolset import ToolLimits
from tests.emulator import Emulator
from tests.examples import settings
from tests.service.stage import THREADS, Stage
from tests.wait import eventually


class Kitchen:
    """Holds the tools of these tests, and what they did."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.release = threading.Event()

    def tools(self) -> list[Callable[..., Any]]:
        @tool
        def weather(city: str, call: Call) -> str:
            """Return the weather in a city."""
            self.runs.append(call.idempotency_key)
            return f"It is foggy in {city}."

        @tool
        def stuck() -> str:
            """Wait until somebody releases it."""
            self.runs.append("stuck")
            self.release.wait()
            return "released"

        @tool
        def library() -> str:
            """Return a whole library."""
            return "book " * 210_000

        return [weather, stuck, library, end_call, hand_over]


@pytest.fixture
async def kitchen() -> AsyncIterator[Kitchen]:
    kitchen = Kitchen()
    yield kitchen
    kitchen.release.set()


@pytest.fixture
async def stage(
    client: RealtimeClient, storage: Storage, emulator: Emulator, kitchen: Kitchen, tmp_path: Path
) -> AsyncIterator[Stage]:
    stage = Stage(client, storage, emulator)
    tools = {made.name: made for made in [define(function) for function in kitchen.tools()]}
    stage.toolbox = Toolbox(tools, THREADS.tools, ToolLimits(seconds=1))
    (tmp_path / "default.md").write_text(f"---\ntitle: Test\ntools: [{', '.join(tools)}]\n---\nHelp.\n")
    # Reading the files blocks, and no event loop may wait for that.
    stage.assistants = await asyncio.to_thread(Assistants, tmp_path, settings())
    yield stage
    with contextlib.suppress(UpstreamError):
        await asyncio.to_thread(client.hang_up, emulator.url, stage.call_id)


@contextlib.asynccontextmanager
async def observed(stage: Stage, **environ: str) -> AsyncIterator[CallCreated]:
    """Observe a new call for the length of the block. The browser leaves at its end, if the call is still up."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers(**environ).observe(call))
    await stage.attached()
    yield call
    if not observing.done() and (await asyncio.to_thread(stage.summary)).ended is None:
        await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing


async def ask(stage: Stage, words: str) -> None:
    """Say something that makes the emulator call a function."""
    await asyncio.to_thread(stage.emulator.turn, stage.call_id, words, "")


def answers(stage: Stage) -> list[str]:
    return [text or "" for role, text in stage.said() if role == "assistant"]


async def test_a_function_call(stage: Stage, kitchen: Kitchen) -> None:
    """The model gets the tool's answer and goes on with it; the summary lists the tool."""
    async with observed(stage):
        await ask(stage, 'Please call weather with {"city": "London"}')
        await eventually(lambda: answers(stage), "the model answers")

    assert answers(stage) == ["The function says: It is foggy in London."]
    assert len(kitchen.runs) == 1
    ((name, outcome),) = [(use.name, use.outcome) for use in stage.summary().tools]
    assert (name, outcome) == ("weather", "completed")
    assert stage.summary().errors == []


async def test_bad_arguments(stage: Stage, kitchen: Kitchen) -> None:
    async with observed(stage):
        await ask(stage, 'Please call weather with {"town": "London"}')
        await eventually(lambda: answers(stage), "the model answers")

    assert "invalid_arguments" in answers(stage)[0]
    assert kitchen.runs == []


async def test_a_tool_that_never_returns(stage: Stage) -> None:
    async with observed(stage):
        await ask(stage, "Please call stuck")
        await eventually(lambda: answers(stage), "the model answers")

    assert "timed_out" in answers(stage)[0]


async def test_a_result_of_a_megabyte(stage: Stage) -> None:
    async with observed(stage):
        await ask(stage, "Please call library")
        await eventually(lambda: answers(stage), "the model answers")

    assert "1050000 bytes" in answers(stage)[0]
    assert [use.outcome for use in stage.summary().tools] == ["too_large"]


async def test_a_caller_who_speaks_while_a_tool_runs(stage: Stage) -> None:
    """The service answers the caller, and afterwards the model goes on with the tool's answer."""
    async with observed(stage):
        await ask(stage, "Please call stuck")
        await eventually(lambda: any(isinstance(line, ToolStarted) for line in stage.lines()), "the tool runs")
        await stage.talk("Are you there?", "Yes, I am looking.")
        await eventually(lambda: len(answers(stage)) == 2, "the model answers twice")

    first, second = answers(stage)
    assert first == "Yes, I am looking."
    assert "timed_out" in second


async def test_words_are_not_archived(stage: Stage) -> None:
    """Neither arguments nor results are in the journal then. Name, time and outcome are."""
    async with observed(stage, ARCHIVE_TRANSCRIPTS="off"):
        await ask(stage, 'Please call weather with {"city": "Swordfish"}')
        await eventually(lambda: answers(stage), "the model answers")

    journal = await asyncio.to_thread(stage.journals.read_bytes, stage.call_id) or b""
    assert b"Swordfish" not in journal
    (use,) = stage.summary().tools
    assert isinstance(use, ToolUse)
    assert use.ms is not None


async def test_an_observer_that_dies_while_a_tool_runs(
    stage: Stage, kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one runs the tool again, and the service gets one answer for the function call."""
    monkeypatch.setattr("switchboard.observing.live.LAPSE_SECONDS", -1)
    call = await stage.call()
    first = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await ask(stage, "Please call stuck")
    await eventually(lambda: any(isinstance(line, ToolStarted) for line in stage.lines()), "the tool runs")
    first.cancel()
    await asyncio.wait({first})
    assert not any(isinstance(line, ToolFinished) for line in stage.lines())

    kitchen.release.set()
    second = asyncio.create_task(stage.observers().observe(call))
    await eventually(lambda: answers(stage), "the model answers")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await second

    assert kitchen.runs == ["stuck", "stuck"]
    assert answers(stage) == ["The function says: released"]
    added = [line for line in stage.lines() if isinstance(line, ItemAdded) and line.kind == "function_call_output"]
    assert len(added) == 1
    assert stage.summary().errors == []


async def test_an_observer_that_dies_after_the_answer(stage: Stage, kitchen: Kitchen) -> None:
    """The next one finds the answer in the conversation, and runs nothing."""
    call = await stage.call()
    async with stage.observers().dial(call.endpoint, call.call_id) as sideband:
        await ask(stage, 'Please call weather with {"city": "Vigo"}')
        event: dict[str, Any] = {}
        async with asyncio.timeout(5):
            while event.get("type") != "response.done":
                heard = await sideband.receive_raw()
                event = heard if isinstance(heard, dict) else {}
        (item,) = event["response"]["output"]
        started = ToolStarted(
            at=time(), tool_call_id=item["call_id"], name="weather", item_id=item["id"], observer="dead"
        )
        answered = {"type": "function_call_output", "call_id": item["call_id"], "output": "It was foggy."}
        function_call = FunctionCall(id=item["call_id"], name="", arguments="", item_id="", response_id="")
        answered["id"] = function_call.output_id
        await sideband.send(msgspec.json.encode({"type": "conversation.item.create", "item": answered}).decode())
    await asyncio.to_thread(stage.journals.start, call)
    await asyncio.to_thread(stage.journals.append, call.call_id, [started])

    observing = asyncio.create_task(stage.observers().observe(call))
    await eventually(lambda: answers(stage), "the model answers")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    assert kitchen.runs == []
    assert answers(stage) == ["The function says: It was foggy."]
    assert [use.outcome for use in stage.summary().tools] == ["unknown"]


async def test_two_observers_at_once(stage: Stage, kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both hear the function call, until one learns that it has lost the call. The conversation has one answer."""
    async with observed(stage) as call:
        monkeypatch.setattr("switchboard.observing.live.LAPSE_SECONDS", -1)
        second = asyncio.create_task(stage.observers().observe(call))
        await stage.attached(times=2)
        await ask(stage, 'Please call weather with {"city": "London"}')
        await eventually(lambda: answers(stage), "the model answers")
    await second

    assert len(set(kitchen.runs)) == 1, "whoever runs it, the idempotency key is the same"
    assert answers(stage) == ["The function says: It is foggy in London."]
    assert stage.summary().errors == []


async def test_end_call(stage: Stage) -> None:
    """The model says goodbye, and the call is hung up when that has been played."""
    async with observed(stage) as call:
        await ask(stage, "Please call end_call")
        await eventually(lambda: stage.emulator.calls()[call.call_id]["state"] == "ended", "it is hung up")

    summary = await asyncio.to_thread(stage.summary)
    assert summary.end_reason == "ended_by_assistant"
    assert (summary.transcript[-1].text or "").startswith("The function says: The call ends now.")
    assert summary.turns[-1].audio_stopped is not None
    assert not summary.turns[-1].interrupted
    assert stage.emulator.calls()[call.call_id]["ended_by"] == "hangup"


async def test_hand_over(stage: Stage) -> None:
    async with observed(stage):
        await ask(stage, 'Please call hand_over with {"reason": "The caller asks for a person."}')
        await eventually(lambda: any(isinstance(line, HandOverRequested) for line in stage.lines()), "it is flagged")

    summary = await asyncio.to_thread(stage.summary)
    assert [each.reason for each in summary.hand_overs] == ["The caller asks for a person."]
