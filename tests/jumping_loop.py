"""Runs a coroutine on an event loop whose clock jumps to whatever is due next, so that hours pass in milliseconds.

Nothing may wait for the outside here, a thread or a socket: the clock would not wait for it. If nothing is due any more
and the coroutine has not ended, it never would, and that is an error.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits, and nothing will ever happen")
        self.now += timeout
        return []


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop that begins at `began` (seconds) and never waits."""

    def __init__(self, began: float = 0.0) -> None:
        self._jumping = _Jumping()
        self._jumping.now = began
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the loop's own time in seconds."""
        return self._jumping.now


def run_jumping(work: Callable[[Callable[[], float]], Coroutine[Any, Any, T]], began: float = 0.0) -> T:
    """Run `work` with the loop's clock as its argument and return its result. Raises what it raises."""
    loop = JumpingLoop(began)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work(loop.time))
