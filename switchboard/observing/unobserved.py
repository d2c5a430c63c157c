"""Keeps the record of a call that no server can hear (the preview protocol's), until the browser says that it is over.

Nothing here can end the call itself. When MAX_CALL_SECONDS have passed the record ends all the same, and a page that
looks at it leaves the call. This may be killed at any moment and run again: all it knows stands in the journal.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from time import time

from switchboard.errors import StorageUnavailable
from switchboard.observing.holding import Holding
from switchboard.observing.observer import LEAVE_SECONDS, LONGEST_SECONDS, Outcome
from switchboard.observing.ports import RecordPorts
from switchboard.observing.witness import NOBODY, Witness
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, HangUpRequested, created_line, has_ended
from switchboard.record.writer import JournalWriter

log = logging.getLogger(__name__)

# Nobody waits for it but a page that has hung up and wants to see the record; each look costs one small read.
LOOK_SECONDS = 2.0


async def wait_for_end(
    call: CallCreated,
    ports: RecordPorts,
    *,
    leave: asyncio.Future[None] | None = None,
    witness: Witness = NOBODY,
    clock: Callable[[], float] = time,
) -> Outcome:
    """Wait until the call was hung up or has lasted as long as it may, and close its record.

    Returns "ended" once the journal says that the call ended, "left" when `leave` was done, and "not_ours" when another
    observer holds the call. Raises StorageUnavailable if the journal cannot be written for as long as the platform lets
    this run.
    """
    leave = leave or asyncio.get_running_loop().create_future()
    return await _Keeper(call, ports, leave, witness, clock).run()


class _Keeper:
    def __init__(
        self,
        call: CallCreated,
        ports: RecordPorts,
        leave: asyncio.Future[None],
        witness: Witness,
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._ports = ports
        self._leave = leave
        self._clock = clock
        self._known: list[AnyLine] = []
        self._holding = Holding(call, ports, self._known.extend)
        self._writer = JournalWriter(
            lambda block: ports.append(call.call_id, block),
            observer=self._holding.observer,
            give_up_at=clock() + LONGEST_SECONDS,
            kept=witness.kept,
            clock=clock,
        )

    async def run(self) -> Outcome:
        async with self._holding, self._writer:
            await asyncio.wait({self._holding.settled})
            return await self._keep()

    async def _keep(self) -> Outcome:
        call = self._call
        if created_line(self._known) is None and not self._holding.lost.done():
            self._writer.write(call)
        while not self._holding.lost.done():
            if has_ended(self._known):
                return "ended"
            if self._leave.done():
                self._holding.hand_on = True
                self._writer.give_up_at = self._clock() + LEAVE_SECONDS
                return "left"
            if ended := _end(call, self._known, self._clock()):
                self._writer.write(ended)
                log.info("record of call %s ended: %s; nobody observed it", call.call_id, ended.reason)
                return "ended"
            await asyncio.wait({self._leave}, timeout=max(0.0, min(LOOK_SECONDS, call.longest_due - self._clock())))
            try:
                self._known = await self._ports.read(call.call_id)
            except StorageUnavailable:
                log.warning("the journal of call %s cannot be read now", call.call_id)
        return "not_ours"


def _end(call: CallCreated, lines: Iterable[AnyLine], now: float) -> CallEnded | None:
    """Return how the call ended, so that a second reader of the journal finds the same; None while it goes on."""
    asked = next((line for line in lines if isinstance(line, HangUpRequested)), None)
    if asked is not None:
        return CallEnded(at=asked.at, reason=asked.reason)
    if now >= call.longest_due:
        return CallEnded(at=round(call.longest_due, 3), reason="max_call_seconds")
    return None
