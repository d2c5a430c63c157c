"""Knows what the limits over all callers leave to new calls. It asks seldom, and forgets what is old."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import msgspec

from switchboard.errors import StorageUnavailable

# Storage is asked again after so long.
LOOK_SECONDS = 5.0
# An answer is waited for so long, counted from the question, and is believed for so long.
WAIT_SECONDS, FORGET_SECONDS = 0.5, 15.0


class Left(msgspec.Struct, frozen=True):
    """Says what the limits over all callers leave to new calls. None where it is not known, or not limited."""

    calls: int | None = None
    """How many more calls may run at the same time."""
    budget: float | None = None
    """Which share of the day's budget is left, from 0 to 1."""


class WhatIsLeft:
    """What is left, as storage said a short time ago. An instance belongs to one event loop.

    `ask` asks storage without blocking the loop, and may raise StorageUnavailable; `clock` returns seconds.
    """

    def __init__(self, ask: Callable[[], Awaitable[Left]], clock: Callable[[], float] = monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._asked_at = self._heard_at = float("-inf")
        self._heard = Left()
        self._asking: asyncio.Task[None] | None = None

    async def now(self) -> Left:
        """Return what is left, as it was at most 15 seconds ago. It is empty if storage has not said so.

        All requests share one question, and the next one is asked 5 seconds later at the earliest. A request waits for
        the answer until the question is half a second old. So while storage is silent, nearly all are answered at once.
        """
        if (self._asking is None or self._asking.done()) and self._clock() - self._asked_at >= LOOK_SECONDS:
            self._asked_at = self._clock()
            self._asking = asyncio.create_task(self._look())
        wait = self._asked_at + WAIT_SECONDS - self._clock()
        if self._asking is not None and wait > 0:
            await asyncio.wait({self._asking}, timeout=wait)
        return self._heard if self._clock() - self._heard_at < FORGET_SECONDS else Left()

    async def _look(self) -> None:
        asked_at = self._clock()
        try:
            self._heard = await self._ask()
        except StorageUnavailable:
            return
        # The answer may have been on its way for long.
        self._heard_at = asked_at
