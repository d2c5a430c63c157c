"""The observer follows one call from attach to end: sideband events in, journal lines and a hang-up out.

It may be killed at any moment and run again: everything it knows it has from the call's first line and the journal. It
needs storage for nothing but the record: while storage is away it goes on hearing the call, keeps its lines in memory,
and enforces the limits. And it closes the record only when the service has confirmed that the call is down.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from time import time
from typing import Any, Literal

from switchboard.errors import StorageUnavailable, SwitchboardError
from switchboard.observing.ear import Ear, Heard
from switchboard.observing.greeting import Greeting
from switchboard.observing.hands import Hands
from switchboard.observing.holding import Holding
from switchboard.observing.observation import Limit, Observation
from switchboard.observing.ports import Ports
from switchboard.observing.witness import NOBODY, Witness
from switchboard.realtime.objects import ErrorDetail
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, EndReason, Fault, HangUpRequested, created_line
from switchboard.record.writer import JournalWriter

log = logging.getLogger(__name__)

# The observer waits so long for the call to be taken before it dials. With storage away it dials all the same.
OPEN_SECONDS = 1.0
# The limits are looked at this often, because speech that begins or ends moves the idle limit.
LOOK_SECONDS = 1.0
# How often it is asked whether the budget is spent, and how long a call may still go on then.
BUDGET_SECONDS, WARNING_SECONDS = 10.0, 30.0
# After a hang-up the service closes the sideband, and what it still says until then is kept. A sideband that it leaves
# open is given up when it has said nothing for so long, or when all of that takes too long.
CLOSE_SECONDS, LONGEST_CLOSE_SECONDS = 5.0, 30.0
# An end that comes so soon after the sideband closed is taken for seen.
SEEN_SECONDS = 10.0
# Seconds between tries to hang up, from the first to the last.
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 5.0
# The platform kills the whole worker when a function has run for 75 minutes (host.json), so an observer ends before.
LONGEST_SECONDS = 70 * 60
# A process that is asked to end has little time: what cannot be written in this many seconds is lost with it.
LEAVE_SECONDS = 5.0

Outcome = Literal["ended", "left", "not_ours"]


async def observe(
    call: CallCreated,
    ports: Ports,
    *,
    keep_words: bool,
    budget_ends_calls: bool = True,
    leave: asyncio.Future[None] | None = None,
    witness: Witness = NOBODY,
    clock: Callable[[], float] = time,
) -> Outcome:
    """Observe `call` until it has ended, and keep it within its limits. `witness` is told what the journal holds.

    Unless `budget_ends_calls`, nobody asks the ports whether the call must end because of the budget.

    Returns "ended" once the service has confirmed that the call is down and the journal says so, "left" when `leave`
    was done and everything heard so far is in the journal, and "not_ours" when another observer holds the call. Raises
    StorageUnavailable if the journal could not be written for as long as the platform lets the observer run, and an
    UpstreamError if the service refused for so long to hang the call up. Run again, it goes on where it was.
    """
    leave = leave or asyncio.get_running_loop().create_future()
    return await _Observer(call, ports, keep_words, budget_ends_calls, leave, witness, clock).run()


class _Observer:
    def __init__(
        self,
        call: CallCreated,
        ports: Ports,
        keep_words: bool,
        budget_ends_calls: bool,
        leave: asyncio.Future[None],
        witness: Witness,
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._ports = ports
        self._budget_ends_calls = budget_ends_calls
        self._leave = leave
        self._witness = witness
        self._clock = clock
        self._give_up_at = clock() + LONGEST_SECONDS
        self._ending_since = float("inf")
        self._observation = Observation(call, keep_words=keep_words)
        self._holding = Holding(call, ports, self._open, self._observation.standing)
        self._writer = JournalWriter(
            lambda block: ports.append(call.call_id, block),
            observer=self._holding.observer,
            give_up_at=self._give_up_at,
            kept=witness.kept,
            clock=clock,
        )
        self._greeting = Greeting(call, ports, clock, observer=self._holding.observer)
        self._hands = Hands(
            call, ports, self._observation, self._writer, clock, observer=self._holding.observer, keep_words=keep_words
        )
        self._ear = Ear(call, ports, self._observation, self._writer, self._greeting, self._hands, clock)

    async def run(self) -> Outcome:
        async with self._holding, self._writer, self._greeting, self._hands:
            await asyncio.wait({self._holding.settled}, timeout=OPEN_SECONDS)
            return await self._follow()

    def _open(self, lines: Iterable[AnyLine]) -> None:
        lines = list(lines)
        self._observation.resume(lines)
        self._hands.resume(lines)
        self._witness.resume(lines)
        if created_line(lines) is None:
            self._writer.write(self._call)

    async def _follow(self) -> Outcome:
        if self._holding.lost.done():
            return "not_ours"
        if self._observation.ended:
            return "ended"
        self._hands.take_up(await self._ports.toolset(self._call))
        listening = asyncio.create_task(self._ear.listen())
        enforcing = asyncio.create_task(self._enforce_limits())
        try:
            until: set[asyncio.Future[Any]] = {listening, enforcing, self._leave, self._holding.lost}
            await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
            if enforcing.done() or self._ear.ending:
                reason: EndReason = await enforcing
                self._close(reason, seen=True, at=await self._hear_the_rest(listening))
            elif listening.done():
                enforcing.cancel()
                await self._conclude(listening.result())
            else:
                self._ear.detach()
                if self._holding.lost.done():
                    return "not_ours"
                self._holding.hand_on = True
                self._writer.give_up_at = self._clock() + LEAVE_SECONDS
                return "left"
            return "ended"
        finally:
            for task in (listening, enforcing):
                task.cancel()
            await asyncio.wait({listening, enforcing})

    async def _hear_the_rest(self, listening: asyncio.Task[Heard | ErrorDetail]) -> float | None:
        """Wait for what the service still says of a call that was hung up, such as the usage of its last answer.

        Return when the service closed the sideband because of the hang-up, in Unix seconds. Return None if it did not:
        then the journal says until when the call was heard, because anything may have been on its way.
        """
        hung_up = self._now()
        while not listening.done():
            latest = min(max(hung_up, self._ear.heard_at) + CLOSE_SECONDS, hung_up + LONGEST_CLOSE_SECONDS)
            if latest <= self._now():
                self._ear.give_up()
                return None
            await asyncio.wait({listening}, timeout=latest - self._now())
        closed = self._ear.heard_all_until
        return closed if closed is not None and closed >= self._ending_since else None

    async def _enforce_limits(self) -> Limit:
        """Wait for a limit, hang the call up, and return the limit once the service has confirmed it."""
        asking = asyncio.create_task(self._ask_for_the_budget()) if self._budget_ends_calls else None
        try:
            while True:
                due, limit = self._observation.limit_due(hearing=self._ear.attached)
                left = due - self._clock()
                if left <= 0:
                    break
                await asyncio.sleep(min(left, LOOK_SECONDS))
        finally:
            if asking is not None:
                asking.cancel()
        self._ear.ending, self._ending_since = True, self._now()
        await self._hang_up(limit)
        return limit

    async def _ask_for_the_budget(self) -> None:
        """Have the call end soon when the budget is spent and live calls must end. The page sees it coming."""
        while True:
            await asyncio.sleep(BUDGET_SECONDS)
            try:
                spent = await self._ports.must_end()
            except StorageUnavailable:
                continue
            if spent and (line := self._observation.announce(self._clock() + WARNING_SECONDS, self._now())):
                self._writer.write(line, at_once=True)
                return

    async def _conclude(self, heard: str | ErrorDetail) -> None:
        """Make sure that a call that can no longer be heard is down, and close its record."""
        closed, gone = self._ear.heard_until, self._ear.gone_at
        if isinstance(heard, ErrorDetail):
            log.error("call %s cannot be observed (%s); hanging it up", self._call.call_id, heard.code)
            self._writer.write(Fault(at=self._now(), source="gateway", error=heard))
            was_up = await self._hang_up("observer_failed")
            self._close("observer_failed", seen=was_up)
        elif await self._until_confirmed():
            log.warning("the service took call %s for ended, although it was up", self._call.call_id)
            self._close("service_limit" if heard == "cap" else "observer_failed", seen=True)
        else:
            # It was down already when the service said that it did not know the call.
            seen = closed is not None and gone is not None and gone - closed <= SEEN_SECONDS
            reason: EndReason = "service_limit" if heard == "cap" else "peer_left"
            self._close(reason, seen=seen, at=gone if seen else None)

    async def _hang_up(self, reason: EndReason) -> bool:
        self._writer.write(HangUpRequested(at=self._now(), reason=reason), at_once=True)
        return await self._until_confirmed()

    async def _until_confirmed(self) -> bool:
        """Hang up until the service confirms that the call is down; return whether it was still up."""
        wait = FIRST_RETRY_SECONDS
        while True:
            try:
                return await self._ports.hang_up(self._call.endpoint, self._call.call_id)
            except SwitchboardError as error:
                log.warning("hanging up call %s failed: %s", self._call.call_id, error.code)
                if self._clock() + wait > self._give_up_at:
                    raise
            await asyncio.sleep(wait)
            wait = min(LONGEST_RETRY_SECONDS, 2 * wait)

    def _close(self, reason: EndReason, *, seen: bool, at: float | None = None) -> None:
        ended = CallEnded(at=self._now() if at is None else at, reason=reason, seen=seen)
        self._writer.write(ended, at_once=True)
        log.info("call %s ended: %s", self._call.call_id, reason)

    def _now(self) -> float:
        return round(self._clock(), 3)
