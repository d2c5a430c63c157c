"""Runs the tools that the model calls in one call, and sends exactly one answer for each function call.

Each answer's item has an id that follows from the function call. So a second answer, by another observer, is refused by
the service, and whoever takes the call over can ask the service whether there is one.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

import msgspec

from switchboard.errors import StorageUnavailable
from switchboard.observing.goodbye import SAY
from switchboard.observing.observation import OWN_EVENT_PREFIX, Observation
from switchboard.observing.ports import OpenSideband, Ports
from switchboard.observing.remote_tools import has_ended_one, refusal
from switchboard.observing.tool_turns import RESPOND_EVENT, FunctionCall, ToolTurns
from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.record.encoding import encode_lines
from switchboard.record.lines import AnyLine, CallCreated
from switchboard.record.tool_lines import HandOverRequested, ToolFinished, ToolStarted
from switchboard.record.writer import JournalWriter
from switchboard.tools.call import Call, EndCall, HandOver
from switchboard.tools.definition import Tool
from switchboard.tools.outcome import Outcome, refused
from switchboard.tools.toolset import NO_TOOLS, Toolset

log = logging.getLogger(__name__)

# A tool that is still running after so many seconds is slow: the model says what the tool gave it to say.
SAY_AFTER_SECONDS = 0.5
# When the caller stops speaking the service usually answers at once. After so many seconds it does not.
ANSWER_SECONDS = 1.0
# The model has so many seconds for its goodbye before the call ends all the same.
GOODBYE_SECONDS = 20.0

# An operator has so many seconds to approve a call of an MCP server's tool. Then the observer refuses it.
APPROVAL_SECONDS = 30.0
_REFUSALS = {
    "too_many_calls": "This call has used up its tools for now. Answer with what you know.",
    "interrupted": "The tool was not run, because the caller interrupted.",
    "invalid_arguments": "The tool was not run, because its arguments broke off. Ask for it with fewer words.",
    "unknown": "The gateway was interrupted while the tool ran. Nobody knows whether it did its work.",
}


class Hands:
    """Does what the model asks for in one call. An asynchronous context manager: leaving it stops all tools."""

    def __init__(
        self,
        call: CallCreated,
        ports: Ports,
        observation: Observation,
        writer: JournalWriter,
        clock: Callable[[], float],
        *,
        observer: str,
        keep_words: bool,
    ) -> None:
        self._call = call
        self._ports = ports
        self._observation = observation
        self._writer = writer
        self._clock = clock
        self._observer = observer
        self._keep_words = keep_words
        self._toolset: Toolset = NO_TOOLS
        self._turns = ToolTurns(lambda name: name in self._toolset, lambda: self._toolset.limits)
        self._sideband: OpenSideband | None = None
        self._unconfirmed: dict[str, dict[str, Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def take_up(self, toolset: Toolset) -> None:
        """Use these tools from now on."""
        self._toolset = toolset

    def resume(self, lines: list[AnyLine]) -> None:
        """Take over what another observer has begun, according to the journal."""
        self._turns.resume(lines)
        if self._turns.ending:
            self._end_in_time()
        for request_id in list(self._observation.remote.waiting):
            self._soon(self._refuse_later(request_id))
        self._soon(self._go_on())

    async def attach(self, sideband: OpenSideband) -> None:
        """Use this sideband from now on. What the last one may have lost is sent again."""
        self._sideband = sideband
        self._turns.attach()
        for answer in list(self._unconfirmed.values()):
            await self._send(answer)
        await self._go_on()

    def detach(self) -> None:
        """Note that the sideband has closed. Tools go on, and their answers wait for the next sideband."""
        self._sideband = None

    async def hear(self, event: Event) -> None:
        """Start the tools that this event asks for. Does not wait for them."""
        if not self._toolset and not self._observation.remote.used:
            return
        match event:
            case events.ItemAdded(item=item) if item.type == "mcp_approval_request":
                self._soon(self._refuse_later(item.id))
            case events.ItemAdded(item=item) if item.call_id or item.approval_request_id:
                self._unconfirmed.pop(item.id, None)
            case events.ErrorEvent(error=error) if error.event_id:
                # An answer that the service refuses is there already, or its function call is gone.
                self._unconfirmed.pop(error.event_id.removeprefix(OWN_EVENT_PREFIX), None)
            case events.SpeechStopped():
                self._soon(self._after(ANSWER_SECONDS, self._turns.quiet))
        if has_ended_one(event) and not self._observation.remote.running:
            self._turns.owe()
        for call in self._turns.hear(event):
            self._soon(self._answer(call))
        await self._go_on()

    def _soon(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _after(self, seconds: float, action: Callable[[], None]) -> None:
        await asyncio.sleep(seconds)
        action()
        await self._go_on()

    async def _go_on(self) -> None:
        """Send what has become due: questions about items, or the request for the next response. Or end the call."""
        if self._sideband is not None:
            for event_id, item_id in self._turns.take_questions() if self._toolset else ():
                await self._send({"type": "conversation.item.retrieve", "event_id": event_id, "item_id": item_id})
            response = self._turns.next_response()
            if response is not None:
                await self._send({"type": "response.create", "event_id": RESPOND_EVENT, "response": response})
        if self._turns.over:
            self._observation.finish(self._now())

    async def _refuse_later(self, request_id: str) -> None:
        """Refuse a request for approval that nobody answers, so that the caller need not wait in silence."""
        await asyncio.sleep(APPROVAL_SECONDS)
        if request_id not in self._observation.remote.waiting:
            return
        await self._put(refusal(request_id))

    async def _answer(self, call: FunctionCall) -> None:
        ended = await self._outcome(call)
        if ended is None:
            return
        outcome, ms = ended
        log.info("call %s: the tool %s ended: %s", self._call.call_id, call.name, outcome.status)
        self._carry_out(outcome, call)
        if not self._turns.has_answer(call):
            await self._put(
                {"type": "function_call_output", "id": call.output_id, "call_id": call.id, "output": outcome.output}
            )
        self._writer.write(
            ToolFinished(
                at=self._now(),
                tool_call_id=call.id,
                name=call.name,
                outcome=outcome.status,
                ms=ms,
                result=outcome.output if self._keep_words and not call.answered else None,
                ends_call=isinstance(outcome.effect, EndCall),
            )
        )
        self._turns.answered(call)
        await self._go_on()

    async def _outcome(self, call: FunctionCall) -> tuple[Outcome, int | None] | None:
        """Return how the tool ended and the milliseconds that it ran, if it did; None if another observer runs it."""
        tool = self._toolset.get(call.name)
        refusal = "unknown" if call.begun_before and tool.options.once else call.refusal
        if call.answered:
            return refused("unknown", _REFUSALS["unknown"]), None
        if refusal is not None:
            return refused(refusal, _REFUSALS[refusal]), None
        began = self._clock()
        self._observation.tool_began()
        try:
            outcome = await self._run(tool, call)
        except Exception as error:  # noqa: BLE001  whatever goes wrong, the model gets an answer
            log.error("call %s: running the tool %s failed: %s", self._call.call_id, tool.name, type(error).__name__)
            outcome = refused("failed", "The gateway could not run the tool.")
        finally:
            self._observation.tool_ended(self._now())
        return None if outcome is None else (outcome, round((self._clock() - began) * 1000))

    async def _run(self, tool: Tool, call: FunctionCall) -> Outcome | None:
        """Run the tool. Return None if another observer runs it, and must be the only one."""
        started = ToolStarted(
            at=self._now(),
            tool_call_id=call.id,
            name=call.name,
            item_id=call.item_id,
            arguments=call.arguments if self._keep_words else None,
        )
        if tool.options.once:
            try:
                if not await self._claim(started):
                    return None
            except StorageUnavailable:
                message = "The gateway cannot note that the tool runs, so it was not run. Try again later."
                return refused("failed", message)
        else:
            self._writer.write(started)
        saying = asyncio.ensure_future(self._say(tool.options.say)) if tool.options.say else None
        try:
            return await self._toolset.run(tool, call.arguments, self._seen_by_tools(call))
        finally:
            if saying is not None:
                saying.cancel()

    async def _claim(self, started: ToolStarted) -> bool:
        """Note in the journal that the tool begins, and return whether this observer was the first to do so."""
        await self._ports.append(self._call.call_id, encode_lines([started.by(self._observer)]))
        for line in await self._ports.read(self._call.call_id):
            if isinstance(line, ToolStarted) and line.tool_call_id == started.tool_call_id:
                return line.observer == self._observer
        return False

    def _seen_by_tools(self, call: FunctionCall) -> Call:
        return Call(
            call_id=self._call.call_id,
            caller_id=self._call.caller_id,
            caller_name=self._call.caller_name,
            assistant=self._call.assistant,
            language=self._call.language,
            idempotency_key=f"{self._call.call_id}.{call.id}",
        )

    async def _say(self, words: str) -> None:
        await asyncio.sleep(SAY_AFTER_SECONDS)
        if self._turns.may_say():
            # Outside the conversation, so that the model does not take it for its answer.
            response = {
                "conversation": "none",
                "input": [],
                "instructions": f'Say exactly this, and nothing else: "{words}"',
                "tool_choice": "none",
                "metadata": SAY,
            }
            await self._send({"type": "response.create", "event_id": f"{OWN_EVENT_PREFIX}say", "response": response})

    def _carry_out(self, outcome: Outcome, call: FunctionCall) -> None:
        match outcome.effect:
            case EndCall():
                self._turns.end_call()
                self._end_in_time()
            case HandOver(reason=reason):
                words = reason if self._keep_words else None
                line = HandOverRequested(at=self._now(), tool_call_id=call.id, reason=words)
                self._observation.tally.note(line)
                self._writer.write(line, at_once=True)

    def _end_in_time(self) -> None:
        """End the call some seconds from now at the latest. An earlier goodbye, which the caller broke off, is over."""
        if self._ending is not None:
            self._ending.cancel()
        self._ending = self._soon(self._after(GOODBYE_SECONDS, self._end_all_the_same))

    def _end_all_the_same(self) -> None:
        if self._turns.ending:
            self._observation.finish(self._now())

    async def _put(self, item: dict[str, Any]) -> None:
        """Send an item into the conversation, and on each new sideband again until the service has confirmed it."""
        event = {"type": "conversation.item.create", "event_id": f"{OWN_EVENT_PREFIX}{item['id']}", "item": item}
        self._unconfirmed[item["id"]] = event
        await self._send(event)

    async def _send(self, event: dict[str, Any]) -> None:
        if self._sideband is not None:
            await self._sideband.send(msgspec.json.encode(event).decode())

    def _now(self) -> float:
        return round(self._clock(), 3)
