"""Tests running tools: on real threads and on a real event loop."""

import asyncio
import logging
import sys
import threading
from typing import Any

import msgspec
import pytest

from switchboard.threads import ToolThreads
from switchboard.tools import Call, ToolError, tool
from switchboard.tools.definition import define
from switchboard.tools.outcome import Outcome
from switchboard.tools.toolset import NO_TOOLS, ToolLimits, Toolset

CALL = Call(call_id="rtc_1", caller_id="aad:ada", idempotency_key="rtc_1.call_1")


@pytest.fixture
def threads() -> ToolThreads:
    return ToolThreads(4)


async def run(threads: ToolThreads | None, function: Any, arguments: str = "{}", seconds: float = 5) -> Outcome:
    toolset = Toolset({}, threads, ToolLimits(seconds=seconds))
    return await toolset.run(define(tool(function)), arguments, CALL)


def message(outcome: Outcome) -> str:
    words: str = msgspec.json.decode(outcome.output)["error"]["message"]
    return words


async def test_a_plain_tool_runs_on_a_thread(threads: ToolThreads) -> None:
    """Nothing that it does can hold the event loop up."""

    def where(call: Call, word: str = "on") -> str:
        """Say where this runs."""
        return f"{word} {threading.current_thread().name} for {call.caller_id}"

    outcome = await run(threads, where)

    assert outcome.status == "completed"
    assert outcome.output.startswith("on tool-where")
    assert outcome.output.endswith("for aad:ada")


@pytest.mark.parametrize("with_threads", [True, False])
async def test_an_asynchronous_tool(threads: ToolThreads, *, with_threads: bool) -> None:
    async def double(number: int) -> int:
        """Double a number."""
        await asyncio.sleep(0)
        return 2 * number

    assert await run(threads if with_threads else None, double, '{"number": 21}') == Outcome("completed", "42")


async def test_arguments_that_do_not_fit(threads: ToolThreads) -> None:
    """The tool does not run, and the model is told what is wrong."""

    def double(number: int) -> int:
        """Double a number."""
        raise AssertionError

    outcome = await run(threads, double, '{"number": "many"}')

    assert outcome.status == "invalid_arguments"
    assert message(outcome) == "The arguments do not fit: Expected `int`, got `str` - at `$.number`"


async def test_a_tool_that_says_why_it_cannot(threads: ToolThreads) -> None:
    def book() -> None:
        """Book."""
        raise ToolError("The restaurant is closed on Mondays.")

    outcome = await run(threads, book)

    assert (outcome.status, message(outcome)) == ("failed", "The restaurant is closed on Mondays.")


async def test_a_tool_with_a_fault(threads: ToolThreads, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the model nor the log gets the words of the error, which may hold what the caller said."""

    def book() -> None:
        """Book."""
        raise ValueError("ada said: my secret")

    with caplog.at_level(logging.ERROR):
        outcome = await run(threads, book)

    assert (outcome.status, message(outcome)) == ("failed", "The tool failed because of a fault of its own.")
    assert caplog.messages == ["the tool book failed: ValueError"]


async def test_a_tool_that_ends_the_program(threads: ToolThreads) -> None:
    """The program goes on."""

    def leave() -> None:
        """Leave."""
        sys.exit(3)

    async def leave_too() -> None:
        """Leave."""
        sys.exit(3)

    assert (await run(threads, leave)).status == "failed"
    assert (await run(threads, leave_too)).status == "failed"


async def test_a_plain_tool_that_never_returns(threads: ToolThreads) -> None:
    released = threading.Event()

    def wait() -> None:
        """Wait."""
        released.wait()

    outcome = await run(threads, wait, seconds=0.05)
    released.set()

    assert (outcome.status, message(outcome)) == ("timed_out", "The tool did not finish within 0.05 seconds.")


async def test_an_asynchronous_tool_that_will_not_be_cancelled() -> None:
    """The answer does not wait for it."""
    released = asyncio.Event()

    async def wait() -> None:
        """Wait."""
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    outcome = await run(None, wait, seconds=0.05)
    released.set()

    assert outcome.status == "timed_out"


async def test_a_plain_tool_needs_threads() -> None:
    def wait() -> None:
        """Wait."""

    assert (await run(None, wait)).status == "failed"


def test_a_call_may_use_the_tools_that_it_was_given() -> None:
    def ping() -> str:
        """Return a greeting."""
        return "pong"

    made = define(tool(ping))
    assert Toolset({"ping": made}).get("ping") is made
    assert "ping" not in NO_TOOLS


def test_whether_there_are_any_tools() -> None:
    def ping() -> str:
        """Return a greeting."""
        return "pong"

    assert Toolset({"ping": define(tool(ping))})
    assert not NO_TOOLS
