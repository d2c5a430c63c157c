"""Holds a call for one observer: takes it, reads its journal, and writes heartbeats until the observer is done."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable
from typing import Self

from switchboard.errors import StorageUnavailable
from switchboard.observing.live import BEAT_SECONDS
from switchboard.observing.ports import RecordPorts
from switchboard.observing.standing import NOTHING_HEARD, Standing, longest_silence
from switchboard.record.lines import AnyLine, CallCreated

log = logging.getLogger(__name__)

# It is looked this often whether there is news that a heartbeat should tell soon.
LOOK_SECONDS = 1.0
# While storage is away, it is asked again after so long.
RETRY_SECONDS = 3.0


class Holding:
    """An asynchronous context manager: within the block the call is held, or is being taken.

    `opened` is called with what stands in the journal, once the call is taken. While storage is away that comes late;
    nobody need wait for it. `standing` returns how the call stands now.
    """

    def __init__(
        self,
        call: CallCreated,
        ports: RecordPorts,
        opened: Callable[[Iterable[AnyLine]], None],
        standing: Callable[[], Standing] = lambda: NOTHING_HEARD,
    ) -> None:
        self.observer = uuid.uuid4().hex[:8]
        """The id of this observer, random for each time that a call is observed."""
        loop = asyncio.get_running_loop()
        self.settled: asyncio.Future[None] = loop.create_future()
        """Done when it is known whether the call is held."""
        self.lost: asyncio.Future[None] = loop.create_future()
        """Done when another observer holds the call."""
        self.hand_on = False
        """Set before leaving the block when another observer shall take the call at once."""
        self._call = call
        self._ports = ports
        self._opened = opened
        self._standing = standing
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
            self.lost.set_result(None)
        else:
            self._opened(lines)
        self.settled.set_result(None)
        loop = asyncio.get_running_loop()
        began, said = loop.time(), NOTHING_HEARD
        while not self.lost.done():
            # However long storage takes, the next heartbeat is not late for it.
            await self._wait(began, said)
            began, now = loop.time(), self._standing()
            try:
                if not await self._ports.beat(self.observer, now):
                    log.warning("another observer has taken call %s", self._call.call_id)
                    self.lost.set_result(None)
                said = now
            except StorageUnavailable:
                log.warning("no heartbeat for call %s, because storage is away", self._call.call_id)
                await asyncio.sleep(RETRY_SECONDS)
                began = float("-inf")

    async def _wait(self, began: float, said: Standing) -> None:
        """Wait until a heartbeat is due, after one that began at `began`, in the loop's seconds, and said `said`."""
        loop = asyncio.get_running_loop()
        while True:
            left = began + min(BEAT_SECONDS, longest_silence(said, self._standing())) - loop.time()
            if left <= 0:
                return
            await asyncio.sleep(min(left, LOOK_SECONDS))
