"""A world for an observer whose time jumps: a service that speaks by script, and storage that fails when it is told.

It has no network and no bytes on it, and storage keeps the lines of one call in a list. What the real service and the
real storage do is tested over sockets, in tests/service.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from switchboard.errors import SidebandFailed, StorageUnavailable, UpstreamFailed
from switchboard.observing.observer import Outcome, observe
from switchboard.observing.standing import Standing
from switchboard.observing.unobserved import wait_for_end
from switchboard.realtime.events import Event
from switchboard.realtime.sideband import Closed, NoSuchCall
from switchboard.record.encoding import decode_lines
from switchboard.record.lines import AnyLine, CallCreated
from switchboard.record.summary import CallSummary, fold
from switchboard.tools.toolset import NO_TOOLS, Toolset
from tests.examples import MIDNIGHT
from tests.jumping_loop import run_jumping


class FakeSideband:
    """Acts as one open sideband. `say` puts an event on it, or its end."""

    def __init__(self, on_all: list[str]) -> None:
        self.heard: asyncio.Queue[Event | Closed | None] = asyncio.Queue()
        self.sent: list[str] = []
        self._on_all = on_all

    async def receive(self) -> Event | Closed | None:
        return await self.heard.get()

    async def send(self, event: str) -> None:
        self.sent.append(event)
        self._on_all.append(event)


class World:
    """Holds the service and the storage of one call, and the ports to both."""

    def __init__(self, call: CallCreated) -> None:
        self.call = call
        self.up = True
        self.closes = True
        """Whether the service closes the sideband at once when the call is over."""
        self.sideband: FakeSideband | None = None
        self.sent: list[str] = []
        self.sidebands = 0
        self.dials = 0
        self.refusals: list[type[Exception] | None] = []
        self.hang_ups: list[float] = []
        self.hang_ups_refused = 0
        self.storage_away = False
        self.held_by_another = False
        self.lost = False
        self.spent = False
        self.budget_ends_calls = True
        self.asked_for_the_budget = 0
        self.handed_on = False
        self.journal: list[AnyLine] = []
        self.beats: list[tuple[float, Standing]] = []
        self.words = ""
        self.leave_now: asyncio.Future[None]
        self.tools = NO_TOOLS
        self.now: Callable[[], float] = lambda: MIDNIGHT

    def say(self, event: Event | Closed) -> None:
        assert self.sideband is not None, "nobody is attached"
        self.sideband.heard.put_nowait(event)

    def leave(self) -> None:
        """Have the browser hang up: the service closes the sideband cleanly and forgets the call."""
        self.up = False
        if self.sideband is not None and self.closes:
            self.say(Closed("clean", 1000))

    @asynccontextmanager
    async def dial(self, _endpoint: str, _call_id: str, *, doubted: bool = False) -> AsyncIterator[FakeSideband]:
        self.dials += 1
        await asyncio.sleep(0.05)
        if self.refusals and (refusal := self.refusals.pop(0)):
            raise refusal(503) if refusal is SidebandFailed else refusal()
        if not self.up:
            raise NoSuchCall
        self.sideband, self.sidebands = FakeSideband(self.sent), self.sidebands + 1
        try:
            yield self.sideband
        finally:
            self.sideband = None

    async def hang_up(self, _endpoint: str, _call_id: str) -> bool:
        self.hang_ups.append(self.now())
        await asyncio.sleep(0.05)
        if self.hang_ups_refused:
            self.hang_ups_refused -= 1
            raise UpstreamFailed
        was_up = self.up
        self.leave()
        return was_up

    async def greeting(self, _call: CallCreated) -> str:
        return self.words

    async def toolset(self, _call: CallCreated) -> Toolset:
        return self.tools

    async def must_end(self) -> bool:
        self.asked_for_the_budget += 1
        self._storage()
        return self.spent

    async def take(self, _call: CallCreated, _observer: str) -> list[AnyLine] | None:
        self._storage()
        return None if self.held_by_another else list(self.journal)

    async def beat(self, _observer: str, standing: Standing) -> bool:
        self._storage()
        self.beats.append((self.now(), standing))
        return not self.lost

    async def let_go(self, _observer: str, *, hand_on: bool) -> None:
        self.handed_on = hand_on

    async def read(self, _call_id: str) -> list[AnyLine]:
        self._storage()
        return list(self.journal)

    async def append(self, _call_id: str, block: bytes) -> None:
        self._storage()
        self.journal += decode_lines(block)

    def summary(self) -> CallSummary:
        found = fold(self.journal)
        assert found is not None
        return found

    def kinds(self) -> list[str]:
        return [str(line.__struct_config__.tag) for line in self.journal]

    def _storage(self) -> None:
        if self.storage_away:
            raise StorageUnavailable


Story = Callable[[World], Awaitable[None]]


def played(world: World, story: Story) -> tuple[Outcome, World]:
    """Observe the world's call while `story` happens; return how the observer ended, and the world afterwards."""

    async def run(elapsed: Callable[[], float]) -> Outcome:
        def clock() -> float:
            return MIDNIGHT + elapsed()

        world.now, call = clock, world.call
        world.leave_now = asyncio.get_running_loop().create_future()
        if call.observable:
            observing = observe(
                call,
                world,
                keep_words=True,
                budget_ends_calls=world.budget_ends_calls,
                leave=world.leave_now,
                clock=clock,
            )
        else:
            observing = wait_for_end(call, world, leave=world.leave_now, clock=clock)
        telling = asyncio.ensure_future(story(world))
        try:
            return await observing
        finally:
            telling.cancel()

    return run_jumping(run), world
