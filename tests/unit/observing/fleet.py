"""Instances that observe one call and die, in a world whose time jumps: their storage, their queue and their timer.

The observers and the decisions of the sweep are the gateway's own. What stands around them keeps the worst times that
the platform allows: a message waits for the longest polling interval, and the timer's lock is found as late as can be.
Storage says times in whole seconds. A dead instance does nothing any more, and its message stays hidden.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from math import floor

from local.host.settings import seconds
from switchboard.errors import StorageUnavailable
from switchboard.observing.live import LAPSE_SECONDS, Listed
from switchboard.observing.observer import observe
from switchboard.observing.standing import Standing
from switchboard.observing.waking import Waking
from switchboard.record.encoding import decode_lines
from switchboard.record.lines import AnyLine, CallCreated
from switchboard.tools.toolset import NO_TOOLS, Toolset
from tests.examples import MIDNIGHT
from tests.jumping_loop import run_jumping
from tests.processes import ROOT
from tests.standins.functions.timers import Lock
from tests.unit.observing.world import FakeSideband

POLLING_SECONDS = seconds(
    json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]["maxPollingInterval"], ""
)
LOCK = Lock.of(ROOT / "host.json")
DIAL_SECONDS, STORAGE_SECONDS = 0.5, 0.1


class Fleet:
    """One call, its blob and journal, and the instances. `sweep_every` and `sweep_at` say when the timer is due.

    `taker` is the number of the instance that takes the next message; number 0 runs the timer as long as it lives.
    """

    def __init__(self, call: CallCreated, *, sweep_every: float, sweep_at: float) -> None:
        self.call = call
        self.holder, self.written = "", MIDNIGHT
        self.journal: list[AnyLine] = []
        self.instances: list[Instance] = []
        self.unobserved: list[float] = []
        self.on_message: Callable[[Instance], None] = lambda instance: None
        self.on_taken: Callable[[Instance], None] = lambda instance: None
        self.on_sweep: Callable[[Instance], None] = lambda instance: None
        self.messages, self.taker = 0, -1
        self.now: Callable[[], float] = lambda: MIDNIGHT
        self.tasks: set[asyncio.Future[object]] = set()
        self.observed, self.over = asyncio.Event(), asyncio.Event()
        self._every, self._at = sweep_every, sweep_at
        self._timer: Instance | None = None
        self._timer_free_at = 0.0
        self._since: float | None = MIDNIGHT

    @property
    def observer(self) -> "Instance | None":
        """Return the instance whose observer is attached."""
        return next((instance for instance in self.instances if instance.attached), None)

    @property
    def timer(self) -> "Instance | None":
        """Return the instance that runs the sweep; None while the lock of a dead one has not been found."""
        return self._timer

    def start(self, count: int) -> None:
        """Start instances. The first of them runs the sweep."""
        self.instances += [Instance(self) for _ in range(count)]
        self._timer = self._timer or self.instances[0]
        self.keep(self._run_timer())

    def send(self, delay: float = 0.0) -> None:
        """Put the call's message on the queue, visible after `delay` seconds."""
        self.messages += 1
        self.keep(self._deliver(delay))

    def kill(self, instance: "Instance") -> None:
        """Kill an instance. Another one has come in its place already."""
        instance.dead = True
        self.instances.remove(instance)
        self.instances.append(Instance(self))
        if instance is self._timer:
            self._timer, self._timer_free_at = None, self.now() + LOCK.period + LOCK.recovery
        instance.detach()

    def note(self) -> None:
        """Note when the call loses its last observer, and how long it had none when another one comes."""
        if self.observer is None:
            self.observed.clear()
            self._since = self.now() if self._since is None else self._since
        elif self._since is not None:
            self.unobserved.append(self.now() - self._since)
            self._since = None
            self.observed.set()

    def keep(self, work: Awaitable[object]) -> None:
        """Run work beside everything else, until the story ends."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _deliver(self, delay: float) -> None:
        await asyncio.sleep(delay + POLLING_SECONDS)
        instance = self.instances[self.taker]
        self.on_message(instance)
        if not instance.dead:
            await observe(self.call, instance, keep_words=True, clock=self.now)

    async def _run_timer(self) -> None:
        await asyncio.sleep(self._at)
        while True:
            if self._timer is None and self.now() > self._timer_free_at:
                self._timer = self.instances[-1]
            if self._timer is not None:
                self.on_sweep(self._timer)
            if self._timer is not None:
                self._timer.sweep()
            await asyncio.sleep(self._every)


class Instance:
    """The ports of the observers of one instance, and its sweep. When it is dead, nothing reaches the world."""

    def __init__(self, fleet: Fleet) -> None:
        self.dead = False
        self.attached = False
        self._fleet = fleet
        self._waking = Waking()

    def sweep(self) -> None:
        fleet, now = self._fleet, self._fleet.now()
        listed = Listed(fleet.call.call_id, bool(fleet.holder), age=floor(now) - floor(fleet.written), nonce="")
        for call_id, delay in self._waking.due([listed], now).items():
            fleet.send(delay)
            self._waking.sent(call_id, now + delay)

    def detach(self) -> None:
        self.attached = False
        self._fleet.note()

    @asynccontextmanager
    async def dial(self, _endpoint: str, _call_id: str, *, doubted: bool = False) -> AsyncIterator[FakeSideband]:
        await asyncio.sleep(DIAL_SECONDS)
        self.attached = not self.dead
        self._fleet.note()
        try:
            yield FakeSideband([])
        finally:
            self.detach()

    async def toolset(self, _call: CallCreated) -> Toolset:
        return NO_TOOLS

    async def take(self, _call: CallCreated, observer: str) -> list[AnyLine] | None:
        await self._storage()
        fleet = self._fleet
        if fleet.holder and floor(fleet.now()) - floor(fleet.written) < LAPSE_SECONDS:
            return None
        fleet.holder, fleet.written = observer, fleet.now()
        fleet.on_taken(self)
        return list(fleet.journal)

    async def beat(self, observer: str, _standing: Standing) -> bool:
        await self._storage()
        if self._fleet.holder != observer:
            return False
        self._fleet.written = self._fleet.now()
        return True

    async def append(self, _call_id: str, block: bytes) -> None:
        await self._storage()
        self._fleet.journal += decode_lines(block)

    async def read(self, _call_id: str) -> list[AnyLine]:
        await self._storage()
        return list(self._fleet.journal)

    async def let_go(self, observer: str, *, hand_on: bool) -> None:
        """Do nothing: nobody hands a call on here."""

    async def greeting(self, _call: CallCreated) -> str:
        """Let the caller speak first."""
        return ""

    async def must_end(self) -> bool:
        return False

    async def hang_up(self, _endpoint: str, _call_id: str) -> bool:
        raise AssertionError("no limit is due in these stories")

    async def _storage(self) -> None:
        await asyncio.sleep(STORAGE_SECONDS)
        if self.dead:
            await self._fleet.over.wait()
            raise StorageUnavailable


def told(fleet: Fleet, story: Callable[[], Awaitable[None]]) -> Fleet:
    """Let three instances serve the call while `story` happens, and return the fleet afterwards."""

    async def run(elapsed: Callable[[], float]) -> None:
        fleet.now = lambda: MIDNIGHT + elapsed()
        fleet.start(3)
        await story()
        fleet.over.set()
        for task in list(fleet.tasks):
            task.cancel()

    run_jumping(run)
    return fleet
