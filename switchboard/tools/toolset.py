"""Runs tools: checks their arguments, keeps them off the event loop, and gives each a time limit."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from switchboard.threads import ToolThreads
from switchboard.tools.call import Call, EndCall, HandOver, ToolError
from switchboard.tools.definition import Tool
from switchboard.tools.outcome import MOST_RESULT_BYTES, Outcome, refused, succeeded

log = logging.getLogger(__name__)

# A tool so many of whose runs were given up and have not returned is not run again until one of them does. Otherwise
# each call of it would leave one more thread behind.
MOST_STUCK = 8
# Of these, what is not larger than a result may be is written as JSON in no time.
_QUICK = (str, bool, type(None), EndCall, HandOver)


class ToolLimits(msgspec.Struct, frozen=True):
    """Limits what tools may do in one call."""

    seconds: float = 20.0
    """How long a tool may run, in seconds."""
    rounds: int = 8
    """How many times in a row the model may call tools before the caller has spoken again."""
    calls: int = 100
    """How many tools may run in one call altogether."""


class Toolset:
    """Holds the tools that one call may use, and runs them. The plain ones run on `threads`."""

    def __init__(
        self, tools: Mapping[str, Tool], threads: ToolThreads | None = None, limits: ToolLimits | None = None
    ) -> None:
        self._tools = tools
        self._threads = threads
        self.limits = limits or ToolLimits()
        """What these tools may do in one call."""

    def __contains__(self, name: str) -> bool:
        return name in self._tools

    def __bool__(self) -> bool:
        return bool(self._tools)

    def get(self, name: str) -> Tool:
        """Return the tool of this name. Raises KeyError if this call may not use such a tool."""
        return self._tools[name]

    async def run(self, tool: Tool, arguments: str, call: Call) -> Outcome:
        """Run a tool with the arguments that the model wrote, and return how it ended. Raises nothing.

        When its time is up an asynchronous tool is cancelled. A plain one cannot be stopped: its thread goes on, and
        its result is thrown away.
        """
        try:
            given = tool.read(arguments)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return refused("invalid_arguments", f"The arguments do not fit: {error}")
        if tool.call_parameter:
            given[tool.call_parameter] = call
        if self._threads is not None and self._threads.stuck(tool.name) >= MOST_STUCK:
            log.error("the tool %s is not run, because %d of its runs have never returned", tool.name, MOST_STUCK)
            return refused("timed_out", "The tool was not run, because it has not finished several times before.")
        running = asyncio.ensure_future(self._result(tool, given))
        try:
            done, _ = await asyncio.wait({running}, timeout=self.limits.seconds)
        finally:
            # Cancelled without waiting for it: a tool that ignores its cancellation would hold the answer up.
            running.cancel()
        if not done:
            return refused("timed_out", f"The tool did not finish within {self.limits.seconds:g} seconds.")
        return running.result()

    async def _result(self, tool: Tool, given: dict[str, Any]) -> Outcome:
        try:
            if not tool.asynchronous:
                return await self._on_thread(tool.name, lambda: _plainly(tool, given))
            result = await tool.function(**given)
            # A result may be large, and writing it as JSON must not hold up the other calls of the process.
            small = isinstance(result, _QUICK) and not (isinstance(result, str) and len(result) > MOST_RESULT_BYTES)
            if small or self._threads is None:
                return succeeded(result)
            return await self._on_thread("", partial(succeeded, result))
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return _failed(tool, error)
        except BaseException as error:  # noqa: BLE001  whatever a tool raises, the model gets an answer
            return _failed(tool, error)

    async def _on_thread(self, name: str, work: Callable[[], Outcome]) -> Outcome:
        if self._threads is None:
            raise RuntimeError("a plain tool needs threads")
        begun = self._threads.start(name, work)
        try:
            return await asyncio.wrap_future(begun)
        except asyncio.CancelledError:
            self._threads.give_up(begun)
            raise


def _plainly(tool: Tool, given: dict[str, Any]) -> Outcome:
    """Run a plain tool on this thread. Nothing that it raises leaves the thread: some errors would end the program."""
    try:
        return succeeded(tool.function(**given))
    except BaseException as error:  # noqa: BLE001  whatever a tool raises, the model gets an answer
        return _failed(tool, error)


def _failed(tool: Tool, error: BaseException) -> Outcome:
    if isinstance(error, ToolError):
        return refused("failed", str(error) or "The tool cannot do this.")
    # The words of an error may hold what the caller said, so only its type is logged.
    log.error("the tool %s failed: %s", tool.name, type(error).__name__)
    return refused("failed", "The tool failed because of a fault of its own.")


NO_TOOLS = Toolset({})
"""The tools of a call that may use none."""
