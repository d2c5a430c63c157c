"""This module serves one queue trigger: it polls, runs the function, renews the message and settles it afterwards.

The algorithm is that of the WebJobs queue listener. It fetches a new batch as soon as no more than newBatchThreshold
messages are being processed, and polls an empty queue less and less often, until maxPollingInterval is reached.
"""

import asyncio
import contextlib
import logging
import math
import random

from azure.core.exceptions import AzureError
from azure.functions.meta import Datum

from local.host.invoker import FunctionFailedError, Invoke
from local.host.loading import LoadedFunction
from local.host.outputs import decoded
from local.host.settings import QueueOptions
from local.host.storage import Queue, Received
from local.host.values import queue_metadata

log = logging.getLogger("functions.host")

# This is the minimum of the WebJobs extension, in seconds.
MINIMUM_POLLING_INTERVAL = 0.1


class QueueListener:
    """A listener runs `function` for each message of `queue`.

    A message is hidden for `lock_seconds`, and is renewed at half that time while its function runs. Messages that fail
    too often move to `poison`; without such a queue they stay hidden until their lock ends.
    """

    def __init__(
        self,
        function: LoadedFunction,
        queue: Queue,
        poison: Queue | None,
        options: QueueOptions,
        lock_seconds: int,
        invoke: Invoke,
    ) -> None:
        self._function = function
        self._queue = queue
        self._poison = poison
        self._options = options
        self._lock_seconds = lock_seconds
        self._invoke = invoke
        self._wake = asyncio.Event()
        self._stopping = False
        self._processing: set[asyncio.Task[None]] = set()
        self._unreachable = False

    def __str__(self) -> str:
        return f"{self._function.name}: queue {self._queue.name}"

    def wake(self) -> None:
        """Poll now rather than at the end of the polling interval."""
        self._wake.set()

    def stop(self) -> None:
        """Take no more messages. Those that are being processed are finished."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Listen until `stop` is called, and then wait for the messages that are being processed."""
        empty_polls = 0
        while not self._stopping:
            self._wake.clear()
            messages = await self._receive()
            for message in messages:
                task = asyncio.create_task(self._process(message))
                self._processing.add(task)
                task.add_done_callback(self._processed)
            if messages:
                empty_polls = 0
                await self._below_threshold()
            else:
                empty_polls += 1
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._delay(empty_polls))
        if self._processing:
            await asyncio.wait(self._processing)

    def _processed(self, task: asyncio.Task[None]) -> None:
        self._processing.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A message on %s was not settled", self._queue.name, exc_info=error)

    def _delay(self, empty_polls: int) -> float:
        """Return the seconds until the next poll: they double each time, vary by a fifth, and have a maximum."""
        growth = float((1 << min(empty_polls, 16)) - 1)
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - this spreads load and protects nothing
        return min(MINIMUM_POLLING_INTERVAL * growth * spread, self._options.max_polling_interval)

    async def _receive(self) -> list[Received]:
        try:
            messages = await self._queue.receive(self._options.batch_size, self._lock_seconds)
        except AzureError as error:
            if not self._unreachable:
                log.warning("Queue %s cannot be read and is tried again: %s", self._queue.name, _first_line(error))
            self._unreachable = True
            return []
        if self._unreachable:
            log.info("Queue %s can be read again", self._queue.name)
        self._unreachable = False
        if self._stopping:
            for message in messages:
                await self._queue.hide(message, 0)
            return []
        return messages

    async def _below_threshold(self) -> None:
        while len(self._processing) > self._options.new_batch_threshold and not self._stopping:
            await asyncio.wait(self._processing, return_when=asyncio.FIRST_COMPLETED)

    async def _process(self, message: Received) -> None:
        try:
            if message.dequeue_count > self._options.max_dequeue_count:
                await self._move_to_poison(message)
                return
            try:
                body = decoded(message.text, self._options.encoding).decode(errors="replace")
            except ValueError:
                log.warning("A message on %s is not %s text", self._queue.name, self._options.encoding)
                await self._move_to_poison(message)
                return
            await self._settle(message, succeeded=await self._run(message, body))
        except AzureError as error:
            log.warning("A message on %s cannot be settled: %s", self._queue.name, _first_line(error))

    async def _run(self, message: Received, body: str) -> bool:
        finished = asyncio.Event()
        renewal = asyncio.create_task(self._renew(message, finished))
        try:
            await self._invoke(self._function, Datum(body, "string"), queue_metadata(body, message.fields))
        except FunctionFailedError:
            return False
        else:
            return True
        finally:
            # The renewal is not cancelled, because settling the message needs the receipt that a renewal brings.
            finished.set()
            await renewal

    async def _renew(self, message: Received, finished: asyncio.Event) -> None:
        pause = self._lock_seconds / 2
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(finished.wait(), pause)
                return
            try:
                if not await self._queue.hide(message, self._lock_seconds):
                    log.warning("A message on %s was lost to another host", self._queue.name)
                    return
                pause = self._lock_seconds / 2
            except AzureError as error:
                log.warning("A message on %s cannot be renewed: %s", self._queue.name, _first_line(error))
                pause = self._lock_seconds / 10

    async def _settle(self, message: Received, *, succeeded: bool) -> None:
        if succeeded:
            await self._queue.delete(message)
        elif self._poison is None:
            # A poison queue has no poison queue of its own, so the real host leaves the message hidden instead of
            # trying it again at once.
            return
        elif message.dequeue_count >= self._options.max_dequeue_count:
            await self._move_to_poison(message)
        else:
            await self._queue.hide(message, math.ceil(self._options.visibility_timeout))

    async def _move_to_poison(self, message: Received) -> None:
        if self._poison is None:
            return
        log.warning("Message %s moves from %s to %s", message.id, self._queue.name, self._poison.name)
        await self._poison.send(message.text)
        await self._queue.delete(message)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
