"""Waits until something is true, and no longer."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SECONDS = 20
STEP = 0.05


def wait_for(what: Callable[[], T | None], message: str = "", seconds: float = SECONDS) -> T:
    """Call `what` until it returns something true, and return that; fail with `message` if it never does."""
    deadline = time.monotonic() + seconds
    while True:
        if found := what():
            return found
        assert time.monotonic() < deadline, f"did not happen within {seconds} s: {message or what}"
        time.sleep(STEP)


async def eventually(what: Callable[[], T | None], message: str = "", seconds: float = SECONDS) -> T:
    """Wait as `wait_for` does, but without blocking the event loop: `what` runs on a thread."""
    deadline = time.monotonic() + seconds
    while True:
        if found := await asyncio.to_thread(what):
            return found
        assert time.monotonic() < deadline, f"did not happen within {seconds} s: {message or what}"
        await asyncio.sleep(STEP)
