"""Runs the observers of this process: gives each its ports, and hands the calls on when the process is asked to end."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from functools import cached_property

from switchboard.assistants.assistant import Assistant
from switchboard.assistants.shelf import Assistants
from switchboard.errors import StorageUnavailable, SwitchboardError
from switchboard.limits.admissions import Admissions
from switchboard.limits.places import Places
from switchboard.observing.live import Hold, LiveCalls
from switchboard.observing.observer import Outcome, observe
from switchboard.observing.standing import Standing
from switchboard.observing.story import Story, ended
from switchboard.observing.unobserved import wait_for_end
from switchboard.observing.witness import NOBODY, Telling, Witness
from switchboard.realtime.service import RealtimeService
from switchboard.realtime.sideband import NoSuchCall, Sideband, SidebandDialler
from switchboard.record.journal import Journals
from switchboard.record.lines import AnyLine, CallCreated, EndReason, has_ended
from switchboard.record.queues import OBSERVE_CALLS, observe_message
from switchboard.record.summary import fold
from switchboard.session import greeting_instructions
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.telemetry.figures import CALLS_LIVE, Measurement
from switchboard.telemetry.port import OFF, Telemetry
from switchboard.threads import Threads, run_on
from switchboard.tools.toolbox import Toolbox
from switchboard.tools.toolset import Toolset

log = logging.getLogger(__name__)

# A process that was asked to end waits so long for its observers to hand their calls on.
HAND_ON_SECONDS = 8.0


class Observers:
    """The observers of one process, and their ports. An instance belongs to one event loop."""

    def __init__(
        self,
        client: RealtimeService,
        dialler: SidebandDialler,
        storage: Storage,
        journals: Journals,
        live: LiveCalls,
        places: Places,
        admissions: Admissions,
        assistants: Assistants,
        toolbox: Toolbox,
        threads: Threads,
        *,
        settings: Settings,
        telemetry: Telemetry = OFF,
    ) -> None:
        self._client = client
        self._dialler = dialler
        self._storage = storage
        self._journals = journals
        self._live = live
        self._places = places
        self._admissions = admissions
        self._assistants = assistants
        self._toolbox = toolbox
        self._threads = threads
        self._settings = settings
        self._telemetry = telemetry
        self._holds: dict[str, Hold] = {}
        # Calls whose record was closed and which were no longer live when they were taken: their cost is counted.
        self._counted: set[str] = set()
        self._running: set[asyncio.Future[None]] = set()
        self._hears_sigterm = False

    async def observe(self, call: CallCreated) -> bool:
        """Observe one call until it has ended, and then give its places back. Return whether it has ended.

        False means that somebody else observes it now, or will soon. Raises StorageUnavailable or an UpstreamError when
        the record cannot be closed now; run again, it goes on where it was.
        """
        self._hear_sigterm()
        running = asyncio.get_running_loop().create_future()
        self._running.add(running)
        try:
            if not self._telemetry.on:
                return await self._observe(call, NOBODY) == "ended"
            return await self._observe_and_tell(call) == "ended"
        finally:
            self._running.discard(running)
            running.set_result(None)

    def leave(self) -> None:
        """Have every observer of this process hand its call on to another process, and end."""
        if not self._leave.done():
            self._leave.set_result(None)

    @contextlib.asynccontextmanager
    async def dial(self, endpoint: str, call_id: str, *, doubted: bool = False) -> AsyncIterator[Sideband]:
        """Attach to the call's sideband until the block ends."""
        if doubted and await run_on(self._threads.service, self._client.has_forgotten, endpoint, call_id):
            raise NoSuchCall
        async with self._dialler.dial(endpoint, call_id) as sideband:
            yield sideband

    async def assistant(self, name: str) -> Assistant | None:
        """Return the assistant of this name, as its file was a second ago at most; None if there is none any more."""
        if not self._assistants.fresh:
            await run_on(self._threads.service, self._assistants.refresh)
        return self._assistants.get(name)

    async def greeting(self, call: CallCreated) -> str:
        """Return what the model is told when it shall speak first in this call; empty if the caller speaks first."""
        assistant = await self.assistant(call.assistant)
        return greeting_instructions(self._settings, assistant) if assistant else ""

    async def toolset(self, call: CallCreated) -> Toolset:
        """Return the tools that the call's assistant names, as its file was a second ago at most."""
        assistant = await self.assistant(call.assistant)
        return self._toolbox.only(assistant.tools if assistant else ())

    async def must_end(self) -> bool:
        """Return whether the budget is spent and calls that are up must end."""
        return await run_on(self._threads.storage, self._admissions.calls_must_end)

    async def hang_up(self, endpoint: str, call_id: str) -> bool:
        """End the call, on a thread that storage never holds up. Return whether it was still up."""
        return await run_on(self._threads.service, self._client.hang_up, endpoint, call_id)

    async def take(self, call: CallCreated, observer: str) -> list[AnyLine] | None:
        """Take the call and return what stands in its journal; None if another observer holds the call."""

        def work() -> tuple[Hold, list[AnyLine]] | None:
            hold = self._live.take(call, observer)
            if hold is None:
                return None
            return hold, self._journals.open(call.call_id, expected=hold.live.taken > 1)

        taken = await run_on(self._threads.storage, work)
        if taken is None:
            return None
        hold, lines = taken
        self._holds[observer] = hold
        if hold.fresh and has_ended(lines):
            self._counted.add(call.call_id)
        return lines

    async def beat(self, observer: str, standing: Standing) -> bool:
        """Write a heartbeat. Return False if the call was lost to another observer."""
        cost = self._admissions.cost_of(standing.usage)
        hold = await run_on(self._threads.storage, self._live.beat, self._holds[observer], cost, standing)
        if hold is not None:
            self._holds[observer] = hold
        return hold is not None

    async def let_go(self, observer: str, *, hand_on: bool) -> None:
        """Forget the call; with `hand_on`, give it up and wake another observer for it."""
        hold = self._holds.pop(observer, None)
        if hold is None or not hand_on:
            return

        def work() -> None:
            self._live.give_up(hold)
            self._storage.send(OBSERVE_CALLS, observe_message(hold.live.call))

        try:
            await run_on(self._threads.storage, work)
            log.info("call %s is handed on to another process", hold.live.call.call_id)
        except StorageUnavailable:
            log.warning("call %s could not be handed on; the sweep will find it", hold.live.call.call_id)

    async def read(self, call_id: str) -> list[AnyLine]:
        """Return what stands in the call's journal."""
        return await run_on(self._threads.storage, self._journals.read, call_id) or []

    async def append(self, call_id: str, block: bytes) -> None:
        """Append encoded lines to the call's journal."""
        await run_on(self._threads.storage, self._journals.append_encoded, call_id, block)

    def try_to_end(self, call: CallCreated) -> None:
        """Hang up a call whose queue message failed too often, and leave its record to the sweep.

        The record stays open, because nobody has seen the end: the sweep wakes another observer that closes it. Blocks
        on the network. Raises StorageUnavailable, but only after it has tried to hang up.
        """
        try:
            self._client.hang_up(call.endpoint, call.call_id)
        except SwitchboardError as error:
            log.error("call %s could not be hung up: %s", call.call_id, error.code)
        if not has_ended(self._journals.read(call.call_id) or []):
            self._live.start(call)

    async def _observe(self, call: CallCreated, witness: Witness) -> Outcome:
        if call.observable:
            outcome = await observe(
                call,
                self,
                keep_words=self._settings.archive_transcripts,
                budget_ends_calls=self._settings.budget_ends_calls,
                leave=self._leave,
                witness=witness,
            )
        else:
            outcome = await wait_for_end(call, self, leave=self._leave, witness=witness)
        await self._finish(call, outcome)
        return outcome

    async def _observe_and_tell(self, call: CallCreated) -> Outcome:
        """Observe the call in a span that continues the trace of the request which began it."""
        story = Story(call, self._settings.prices)
        self._telemetry.measure(Measurement(CALLS_LIVE, 1))
        try:
            with self._telemetry.span("observe_call", story.attributes(), parent=call.traceparent) as span:
                outcome = await self._observe(call, Telling(story, span, self._telemetry))
                span.set({"switchboard.outcome": outcome})
        finally:
            self._telemetry.measure(Measurement(CALLS_LIVE, -1))
        # A message that is delivered again finds the end in the journal, and that end has been counted.
        if story.ended is not None:
            reason, seconds = story.ended.reason, story.ended.at - call.at
            with contextlib.suppress(StorageUnavailable):
                reason, seconds = await run_on(self._threads.storage, self._end, call, reason, seconds)
            self._telemetry.measure(*ended(reason, seconds))
        return outcome

    def _end(self, call: CallCreated, reason: EndReason, seconds: float) -> tuple[EndReason, float]:
        """Return why the call ended and how many seconds it lasted, as its summary will say; else what was given."""
        summary = fold(self._journals.read(call.call_id) or [])
        if summary is None or summary.end_reason is None:
            return reason, seconds
        return summary.end_reason, summary.duration_seconds

    async def _finish(self, call: CallCreated, outcome: Outcome) -> None:
        if outcome == "ended":
            await run_on(self._threads.storage, self._close, call)

    def _close(self, call: CallCreated) -> None:
        """Give back what the call has taken. The blob of the live call is the last: while it is there, work is left."""
        self._places.release(call.place)
        counted = call.call_id in self._counted
        self._counted.discard(call.call_id)
        if self._admissions.counted and not counted:
            lines = self._journals.read(call.call_id) or []
            cost = self._admissions.settle(call, lines)
            if self._admissions.budget.limited:
                self._live.close(call, cost)
                return
        self._live.end(call.call_id)

    @cached_property
    def _leave(self) -> asyncio.Future[None]:
        """Return the future that is done when all observers shall hand their calls on. They all wait for this one."""
        return asyncio.get_running_loop().create_future()

    def _hear_sigterm(self) -> None:
        """Have the platform's request to end (SIGTERM) hand all calls on before it ends the process as it would."""
        if self._hears_sigterm:
            return
        self._hears_sigterm = True
        loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

        async def hand_on() -> None:
            log.info("this process is asked to end; it hands %d calls on", len(self._running))
            self.leave()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HAND_ON_SECONDS):
                    if self._running:
                        await asyncio.wait(self._running)
                    await run_on(self._threads.service, self._telemetry.flush)
            loop.remove_signal_handler(signal.SIGTERM)
            signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)

        try:
            loop.add_signal_handler(signal.SIGTERM, lambda: self._start(hand_on()))
        except (RuntimeError, ValueError, NotImplementedError):
            # Only the main thread of a POSIX system can do this. Elsewhere the sweep finds the calls of a dead process.
            log.info("this process cannot hear SIGTERM; its calls are found by the sweep")

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._handing_on = asyncio.ensure_future(work)
