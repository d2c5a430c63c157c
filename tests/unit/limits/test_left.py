"""Tests how often storage is asked what is left, how long a request waits for it, and how long it is believed."""

import asyncio
from collections.abc import Awaitable, Callable

from switchboard.errors import StorageUnavailable
from switchboard.limits.left import FORGET_SECONDS, LOOK_SECONDS, WAIT_SECONDS, Left, WhatIsLeft
from tests.jumping_loop import run_jumping


class FakeStorage:
    """Answers after `seconds`, or never; it counts what it is asked and has no bytes and no network."""

    def __init__(self) -> None:
        self.asked = 0
        self.calls = 7
        self.seconds = 0.01
        self.away = False
        self.silent = asyncio.Event()
        self.silent.set()

    async def ask(self) -> Left:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        await self.silent.wait()
        if self.away:
            raise StorageUnavailable
        return Left(calls=self.calls)


Clock = Callable[[], float]


def story(told: Callable[[FakeStorage, WhatIsLeft, Clock], Awaitable[None]]) -> None:
    """Run `told` with a storage, with what is left in it, and with a clock that jumps."""

    async def run(clock: Clock) -> None:
        storage = FakeStorage()
        await told(storage, WhatIsLeft(storage.ask, clock), clock)

    run_jumping(run)


def test_the_first_request_waits_for_the_answer() -> None:
    """All requests that come in the meantime share the question, and those of the next five seconds the answer."""

    async def told(storage: FakeStorage, left: WhatIsLeft, clock: Clock) -> None:
        assert await asyncio.gather(*(left.now() for _ in range(100))) == [Left(calls=7)] * 100
        storage.calls = 0
        await asyncio.sleep(LOOK_SECONDS - clock() - 0.1)
        assert await left.now() == Left(calls=7)
        assert storage.asked == 1
        await asyncio.sleep(0.1)
        assert await left.now() == Left(calls=0)
        assert storage.asked == 2

    story(told)


def test_what_was_heard_long_ago() -> None:
    """It is not repeated: the request hears what is true now."""

    async def told(storage: FakeStorage, left: WhatIsLeft, _: Clock) -> None:
        assert (await left.now()).calls == 7
        storage.calls = 3
        await asyncio.sleep(3600)
        assert (await left.now()).calls == 3

    story(told)


def test_storage_that_is_silent() -> None:
    """Requests are kept waiting for half a second once, hear what is at most 15 seconds old, and then nothing.

    No second question joins the one that is not answered.
    """

    async def told(storage: FakeStorage, left: WhatIsLeft, clock: Clock) -> None:
        assert (await left.now()).calls == 7
        heard, waited = clock(), []
        storage.silent.clear()
        for _ in range(200):
            await asyncio.sleep(0.1)
            began = clock()
            known = await left.now()
            waited.append(clock() - began)
            assert known == (Left(calls=7) if clock() < FORGET_SECONDS else Left())
        assert clock() > heard + FORGET_SECONDS
        assert max(waited) <= WAIT_SECONDS + 0.001
        assert sum(waited) <= WAIT_SECONDS + 0.001
        assert storage.asked == 2

        storage.silent.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (await left.now()).calls == 7

    story(told)


def test_an_answer_that_comes_very_late() -> None:
    """It says what was left when storage was asked, so it is not believed."""

    async def told(storage: FakeStorage, left: WhatIsLeft, _: Clock) -> None:
        storage.seconds = FORGET_SECONDS + 1
        assert await left.now() == Left()
        await asyncio.sleep(FORGET_SECONDS + 0.6)
        storage.seconds = 1
        assert await left.now() == Left()
        await asyncio.sleep(0.6)
        assert (await left.now()).calls == 7

    story(told)


def test_storage_that_refuses() -> None:
    """What was heard before is believed for as long as it would be otherwise, and storage is asked no more often."""

    async def told(storage: FakeStorage, left: WhatIsLeft, clock: Clock) -> None:
        assert (await left.now()).calls == 7
        storage.away = True
        while clock() < FORGET_SECONDS - 1:
            assert (await left.now()).calls == 7
            await asyncio.sleep(0.5)
        await asyncio.sleep(1)
        assert await left.now() == Left()
        assert storage.asked == 1 + FORGET_SECONDS // LOOK_SECONDS

    story(told)
