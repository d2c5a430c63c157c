"""Holds a call for one observer: takes it, reads its journal, and writes heartbeats until the observer is done."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable
from typing import Self

from switchboard.errors import StorageUnavailable
from switchboard.observing.live import BEAT_SECONDS
from switchboard.observing.ports import RecordPorts
from switchboard.record.lines import AnyLine, CallCreated
from switchboard.record.usage import Usage, total_usage

log = logging.getLogger(__name__)

# While storage is away, it is asked again after so long.
RETRY_SECONDS = 3.0


class Holding:
    """An asynchronous context manager: within the block the call is held, or is being taken.

    `opened` is called with what stands in the journal, once the call is taken. While storage is away that comes late;
    nobody need wait for it. `usage` returns what the call has been billed for so far.
    """

    def __init__(
        self,
        call: CallCreated,
        ports: RecordPorts,
        opened: Callable[[Iterable[AnyLine]], None],
        usage: Callable[[], Usage] = lambda: total_usage([]),
    ) -> None:
        self.observer = uuid.uuid4().hex[:8]
        """The id of this observer, random for each time that a call is observed."""
        self.settled = asyncio.Event()
        """Set when it is known whether the call is held."""
        self.lost = asyncio.Event()
        """Set when another observer holds the call."""
        self.hand_on = False
        """Set before leaving the block when another observer shall take the call at once."""
        self._call = call
        self._ports = ports
        self._opened = opened
        self._usage = usage
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            await self._ports.let_go(self.observer, hand_on=self.hand_on)
            if not self._task.cancelled() and (fault := self._task.exception()):
                raise fault

    async def _run(self) -> None:
        while True:
            try:
                lines = await self._ports.take(self._call, self.observer)
                break
            except StorageUnavailable:
                log.warning("call %s cannot be taken now, because storage is away", self._call.call_id)
                await asyncio.sleep(RETRY_SECONDS)
        if lines is None:
            self.lost.set()
        else:
            self._opened(lines)
        self.settled.set()
        loop = asyncio.get_running_loop()
        wait = BEAT_SECONDS
        while not self.lost.is_set():
            await asyncio.sleep(wait)
            began = loop.time()
            try:
                if not await self._ports.beat(self.observer, self._usage()):
                    log.warning("another observer has taken call %s", self._call.call_id)
                    self.lost.set()
                # However long storage takes, the next heartbeat is not late for it.
                wait = max(0.0, began + BEAT_SECONDS - loop.time())
            except StorageUnavailable:
                wait = RETRY_SECONDS
                log.warning("no heartbeat for call %s, because storage is away", self._call.call_id)
