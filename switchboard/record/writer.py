"""Writes a call's lines to its journal in the background: soon, together, in order, and for as long as it takes."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from switchboard.errors import StorageUnavailable
from switchboard.realtime.objects import ErrorDetail
from switchboard.record.encoding import encode_lines
from switchboard.record.lines import Attached, Detached, Fault, Line

log = logging.getLogger(__name__)

# What is lost when the process is killed, at the least and at the most. A flush waits four times as long as the last
# one took, so that under load the flushes of many calls become fewer and larger instead of queueing.
SHORTEST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 2.0
# How soon a failed write is tried again, from the first time to the last.
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 10.0
# A block is at most so large, and while storage is away so much is kept in memory for each call: some hours of talk.
MAX_BLOCK_BYTES = 1024 * 1024
MAX_WAITING_BYTES = 4 * 1024 * 1024


class JournalWriter:
    """An asynchronous context manager that has written everything, in order, when it is left.

    `append` writes one block of encoded lines and may raise StorageUnavailable; it is never called twice at once. A
    block that could not be written is tried again before any later one, until `give_up_at` (a time of `clock`, in
    seconds) has passed. Leaving the block then raises StorageUnavailable. `kept` is told the lines of each block that
    has been written, and must not raise.
    """

    def __init__(
        self,
        append: Callable[[bytes], Awaitable[None]],
        *,
        observer: str = "",
        give_up_at: float = float("inf"),
        kept: Callable[[Sequence[Line]], None] = lambda _lines: None,
        clock: Callable[[], float],
    ) -> None:
        self._append = append
        self._observer = observer
        self.give_up_at = give_up_at
        """When a journal that cannot be written is given up, in seconds of `clock`."""
        self._kept = kept
        self._clock = clock
        self._waiting: list[tuple[Line, bytes]] = []
        self._bytes = 0
        self._dropped = 0
        self._something = asyncio.Event()
        self._hurry = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None]

    def write(self, *lines: Line, at_once: bool = False) -> None:
        """Have the lines written soon, or without any delay. Never blocks and never fails.

        When MAX_WAITING_BYTES wait already, the lines are dropped. The journal then says that nobody observed the call
        from here until storage was back.
        """
        for line in lines:
            self._put(line)
        if at_once:
            self._hurry.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._something.set()
        self._hurry.set()
        # The task is not cancelled by itself: nobody would know whether the block on its way was written.
        await self._task

    def _put(self, line: Line) -> None:
        if self._dropped:
            self._dropped += 1
            return
        line, block = self._encoded(line)
        if self._bytes + len(block) > MAX_WAITING_BYTES:
            self._dropped = 1
            line, block = self._encoded(Detached(at=line.at, how="overflow"))
        self._waiting.append((line, block))
        self._bytes += len(block)
        self._something.set()

    def _encoded(self, line: Line) -> tuple[Line, bytes]:
        own = line.by(self._observer) if self._observer else line
        return own, encode_lines([own])

    async def _run(self) -> None:
        wait, retry = SHORTEST_WAIT_SECONDS, FIRST_RETRY_SECONDS
        while not (self._closing and not self._waiting):
            await self._something.wait()
            await self._pause(wait)
            began = self._clock()
            try:
                await self._flush()
            except StorageUnavailable:
                if self._closing and self._clock() + retry > self.give_up_at:
                    raise
                log.warning("a journal cannot be written now; %d bytes wait", self._bytes)
                self._hurry.clear()
                await self._pause(retry)
                retry = min(LONGEST_RETRY_SECONDS, 2 * retry)
                continue
            retry = FIRST_RETRY_SECONDS
            wait = min(LONGEST_WAIT_SECONDS, max(SHORTEST_WAIT_SECONDS, 4 * (self._clock() - began)))

    async def _pause(self, seconds: float) -> None:
        if not self._hurry.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._hurry.wait()

    async def _flush(self) -> None:
        if not self._closing:
            self._hurry.clear()
        while self._waiting:
            count, size = 0, 0
            for _, block in self._waiting:
                if count and size + len(block) > MAX_BLOCK_BYTES:
                    break
                count, size = count + 1, size + len(block)
            await self._append(b"".join(block for _, block in self._waiting[:count]))
            written = self._waiting[:count]
            del self._waiting[:count]
            self._bytes -= size
            self._kept([line for line, _ in written])
        self._something.clear()
        if self._dropped:
            self._note_what_was_dropped()
        if self._closing:
            self._something.set()

    def _note_what_was_dropped(self) -> None:
        dropped, self._dropped = self._dropped, 0
        log.error("%d lines of a journal were dropped, because storage was away too long", dropped)
        message = f"{dropped} lines were dropped, because storage was away too long."
        error = ErrorDetail(type="gateway", code="journal_overflow", message=message)
        now = round(self._clock(), 3)
        self._put(Attached(at=now))
        self._put(Fault(at=now, source="gateway", error=error))
