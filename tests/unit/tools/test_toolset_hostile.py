"""Tests that the model gets an answer, and the process goes on, whatever a tool does."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec
import pytest

from switchboard.threads import ToolThreads
from switchboard.tools import Call, HandOver, ToolError, tool
from switchboard.tools.definition import define
from switchboard.tools.outcome import MOST_MESSAGE_CHARACTERS, MOST_RESULT_BYTES, Outcome
from switchboard.tools.toolset import MOST_STUCK, ToolLimits, Toolset
from tests.wait import eventually

CALL = Call(call_id="rtc_1", caller_id="aad:ada", idempotency_key="rtc_1.call_1")


async def run(function: Any, arguments: str = "{}", threads: ToolThreads | None = None, seconds: float = 5) -> Outcome:
    toolset = Toolset({}, threads or ToolThreads(2), ToolLimits(seconds=seconds))
    return await toolset.run(define(tool(function)), arguments, CALL)


def message(outcome: Outcome) -> str:
    words: str = msgspec.json.decode(outcome.output)["error"]["message"]
    return words


def raising(error: BaseException) -> tuple[Callable[[], NoReturn], Callable[[], Any]]:
    """Return a plain tool and an asynchronous one, both of which raise the error."""

    def plain() -> NoReturn:
        """Do something."""
        raise error

    async def asynchronous() -> NoReturn:
        """Do something."""
        raise error

    return plain, asynchronous


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), MemoryError()]
)
async def test_errors_that_end_tasks_or_programs(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """A tool may raise the cancellation of something that it waited for. That must not leave the model waiting."""
    with caplog.at_level(logging.ERROR):
        outcomes = [await run(function) for function in raising(error)]

    assert {outcome.status for outcome in outcomes} == {"failed"}
    assert caplog.messages == [f"the tool {name} failed: {type(error).__name__}" for name in ("plain", "asynchronous")]


async def test_a_tool_whose_call_ends() -> None:
    """Cancelled from outside, it ends as any task does."""
    begun, cleaned = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        """Wait."""
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    running = asyncio.ensure_future(run(wait))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.wait_for(cleaned.wait(), 1)


@pytest.mark.parametrize("words", ["\ud800 and more", "x" * 1_000_000])
async def test_words_that_cannot_be_sent_as_they_are(words: str) -> None:
    """Half of a surrogate pair cannot be written in UTF-8, and the words of an error are for a sentence or two."""
    for function in raising(ToolError(words)):
        outcome = await run(function)
        assert outcome.status == "failed"
        assert len(message(outcome)) <= MOST_MESSAGE_CHARACTERS
        outcome.output.encode()


async def test_an_error_without_words() -> None:
    assert message(await run(raising(ToolError())[0])) == "The tool cannot do this."


async def test_names_of_arguments_that_are_very_long() -> None:
    """The model is told what is wrong, but does not get back all that it wrote."""

    def double(number: int) -> int:
        """Double a number."""
        raise AssertionError

    outcome = await run(double, f'{{"{"k" * 1_000_000}": 1}}')

    assert outcome.status == "invalid_arguments"
    assert len(outcome.output) < 2 * MOST_MESSAGE_CHARACTERS


@pytest.mark.parametrize("words", ["\ud800", "x" * 1_000_000, 5])
async def test_a_reason_that_is_no_sentence(words: Any) -> None:
    """The journal can hold it all the same."""

    async def ask() -> HandOver:
        """Ask."""
        return HandOver(words)

    effect = (await run(ask)).effect

    assert isinstance(effect, HandOver)
    assert len(effect.reason) <= MOST_MESSAGE_CHARACTERS
    msgspec.json.encode(effect)


@pytest.mark.parametrize("result", ["x" * (MOST_RESULT_BYTES + 1), ["x"] * MOST_RESULT_BYTES])
async def test_a_large_result_of_an_asynchronous_tool(result: object) -> None:
    """It is written as JSON on a thread, and not on the loop of all calls."""

    async def read() -> object:
        """Read."""
        return result

    assert (await run(read)).status == "too_large"


async def test_a_tool_that_never_returns_again_and_again(caplog: pytest.LogCaptureFixture) -> None:
    """It is not run any more, and all other tools find threads, as does the tool itself once it returns."""
    threads, release = ToolThreads(2), threading.Event()

    def stuck() -> str:
        """Wait."""
        release.wait()
        return "released"

    def works() -> str:
        """Work."""
        return "worked"

    for _ in range(MOST_STUCK):
        assert (await run(stuck, threads=threads, seconds=0.01)).status == "timed_out"
        assert (await run(works, threads=threads)).output == "worked"
    with caplog.at_level(logging.ERROR):
        refused = await run(stuck, threads=threads)
    assert (refused.status, threads.stuck("stuck")) == ("timed_out", MOST_STUCK)
    assert "was not run" in message(refused)
    assert caplog.messages == [f"the tool stuck is not run, because {MOST_STUCK} of its runs have never returned"]

    release.set()
    await eventually(lambda: not threads.stuck("stuck"))
    assert (await run(stuck, threads=threads)).output == "released"
