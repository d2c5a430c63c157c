"""Writes a call's lines to its journal in the background: a quarter of a second later, together, in order."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from switchboard.errors import StorageUnavailable
from switchboard.record.lines import Line

log = logging.getLogger(__name__)

# What is lost when the process is killed, at the most; a busy call costs four small writes a second.
FLUSH_SECONDS = 0.25
RETRY_SECONDS = 1.0
LAST_TRIES = 5


class JournalWriter:
    """An asynchronous context manager: on leaving, everything is written, or StorageUnavailable is raised.

    `append` writes a batch of lines and blocks; it is called on a thread, one batch at a time.
    """

    def __init__(self, append: Callable[[Iterable[Line]], None]) -> None:
        self._append = append
        self._waiting: list[Line] = []
        self._something = asyncio.Event()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def write(self, *lines: Line) -> None:
        """Have the lines written soon. Never blocks, never fails."""
        if lines:
            self._waiting.extend(lines)
            self._something.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._something.set()
        # Not cancelled: a batch that is on its way would be neither written nor not written.
        if self._task is not None:
            await self._task
        for remaining in reversed(range(LAST_TRIES)):
            try:
                await self._flush()
            except StorageUnavailable:
                if not remaining:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _run(self) -> None:
        pause = FLUSH_SECONDS
        while not self._closing.is_set():
            await self._something.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause)
            try:
                await self._flush()
                pause = FLUSH_SECONDS
            except StorageUnavailable:
                log.warning("the journal cannot be written now; %d lines wait", len(self._waiting))
                pause = RETRY_SECONDS

    async def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        self._something.clear()
        if not batch:
            return
        try:
            await asyncio.to_thread(self._append, batch)
        except StorageUnavailable:
            self._waiting = batch + self._waiting
            self._something.set()
            raise
