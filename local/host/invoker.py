"""This module takes an invocation from its trigger through the worker and on to its outputs, and logs how it went."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from azure.core.exceptions import AzureError
from azure.functions.meta import Datum

from local.host.loading import LoadedFunction
from local.host.logs import invocation_id_of_log
from local.host.outputs import OutputError, encoded, messages_of
from local.host.settings import HostSettings
from local.host.storage import Storage
from local.host.worker import Call, Completed, Worker

log = logging.getLogger("functions.host")

Invoke = Callable[[LoadedFunction, Datum, dict[str, Datum]], Awaitable[object]]
"""Runs a function with the data and the metadata of its trigger, and raises FunctionFailedError when that fails."""


class FunctionFailedError(Exception):
    """This error means that an invocation has failed and was logged, so the trigger need not log it again."""


class WorkerGoneError(Exception):
    """This error means that the worker has ended, and with it an invocation that was running."""


class Invoker:
    """An invoker runs invocations, and calls `on_timeout` when one takes longer than host.json's functionTimeout."""

    def __init__(
        self, worker: Worker, storage: Storage, settings: HostSettings, on_timeout: Callable[[], None]
    ) -> None:
        self._worker = worker
        self._storage = storage
        self._settings = settings
        self._on_timeout = on_timeout
        self._running: dict[str, str] = {}
        self._worker_gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def running(self) -> tuple[str, ...]:
        """Return the names of the functions that are running, once for each invocation."""
        return tuple(self._running.values())

    def fail_running(self) -> None:
        """Fail all running invocations, because their worker has ended. Triggers handle this as any other failure."""
        self._worker_gone.set_result(None)

    async def invoke(
        self, function: LoadedFunction, data: Datum, metadata: Mapping[str, Datum], trace_parent: str = ""
    ) -> Datum | None:
        """Run a function once, write its outputs, and return its result.

        Raises:
            FunctionFailedError: The function raised an exception or took too long, or an output cannot be written.
        """
        call = Call(str(uuid.uuid4()), function, data, metadata, trace_parent)
        invocation_id_of_log.set(call.invocation_id)
        started = time.monotonic()
        self._running[call.invocation_id] = function.name
        try:
            completed = await self._within_limit(call)
            await self._write_outputs(completed)
        except Exception as error:
            self._log(call, "Failed", started, error)
            raise FunctionFailedError from error
        finally:
            del self._running[call.invocation_id]
        self._log(call, "Succeeded", started)
        return completed.result

    async def _within_limit(self, call: Call) -> Completed:
        future = asyncio.wrap_future(self._worker.submit(call))
        limit = self._settings.function_timeout
        ends: set[asyncio.Future[Any]] = {future, self._worker_gone}
        await asyncio.wait(ends, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if future.done():
            return future.result()
        if self._worker_gone.done():
            raise WorkerGoneError("the worker ended while the function ran")
        self._on_timeout()
        raise TimeoutError(f"functionTimeout of {limit} s exceeded")

    async def _write_outputs(self, completed: Completed) -> None:
        for binding, datum in completed.outputs:
            if binding.type != "queue":
                continue
            fields = binding.fields
            try:
                for message in messages_of(datum):
                    text = encoded(message, self._settings.queues.encoding)
                    await self._storage.send(fields.get("connection"), fields["queueName"], text)
            except AzureError as error:
                raise OutputError(f"queue {fields['queueName']} cannot be written: {error}") from error

    def _log(self, call: Call, outcome: str, started: float, error: Exception | None = None) -> None:
        level = logging.ERROR if error else logging.INFO
        if level < self._settings.log_level(call.function.name):
            return
        log.log(
            level,
            "Executed 'Functions.%s' (%s, Id=%s, Duration=%dms)",
            call.function.name,
            outcome,
            call.invocation_id,
            (time.monotonic() - started) * 1000,
            exc_info=error,
        )
