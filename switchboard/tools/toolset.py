"""Runs tools: checks their arguments, keeps them off the event loop, and gives each a time limit."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from switchboard.threads import run_on
from switchboard.tools.call import Call, ToolError
from switchboard.tools.definition import Tool
from switchboard.tools.outcome import Outcome, refused, succeeded

log = logging.getLogger(__name__)


class ToolLimits(msgspec.Struct, frozen=True):
    """Limits what tools may do in one call."""

    seconds: float = 20.0
    """How long a tool may run, in seconds."""
    rounds: int = 8
    """How many times in a row the model may call tools before the caller has spoken again."""
    calls: int = 100
    """How many tools may run in one call altogether."""


class Toolset:
    """Holds the tools that one call may use, and runs them. The plain ones run on a thread of `executor`."""

    def __init__(
        self, tools: Mapping[str, Tool], executor: ThreadPoolExecutor | None = None, limits: ToolLimits | None = None
    ) -> None:
        self._tools = tools
        self._executor = executor
        self.limits = limits or ToolLimits()
        """What these tools may do in one call."""

    def __contains__(self, name: str) -> bool:
        return name in self._tools

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
            if tool.asynchronous:
                result = await tool.function(**given)
                # A result may be large, and writing it as JSON must not hold up the other calls of the process.
                return succeeded(result) if self._executor is None else await run_on(self._executor, succeeded, result)
            return await run_on(self._threads(), lambda: succeeded(tool.function(**given)))
        except ToolError as error:
            return refused("failed", str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a tool raises, the model gets an answer
            # The words of an error may hold what the caller said, so only its type is logged.
            log.error("the tool %s failed: %s", tool.name, type(error).__name__)
            return refused("failed", "The tool failed because of a fault of its own.")

    def _threads(self) -> ThreadPoolExecutor:
        if self._executor is None:
            raise RuntimeError("a plain tool needs an executor")
        return self._executor


NO_TOOLS = Toolset({})
"""The tools of a call that may use none."""
