"""From a trigger to the worker and on to the outputs: the time limit, the log line, and what is still running."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping
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


class FunctionFailedError(Exception):
    """An invocation failed and its log line is written; there is nothing more to tell."""


class WorkerGoneError(Exception):
    """The worker ended, and this invocation with it."""


class Invoker:
    """Runs invocations to their end. `on_timeout` is called when one exceeds host.json's functionTimeout."""

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
        """The names of the functions that run at this moment."""
        return tuple(self._running.values())

    def fail_running(self) -> None:
        """Fail all that runs: its worker has ended. Replies are sent and messages released, as for any failure."""
        self._worker_gone.set_result(None)

    async def invoke(
        self, function: LoadedFunction, data: Datum, metadata: Mapping[str, Datum], trace_parent: str = ""
    ) -> Datum | None:
        """The function's result after all its outputs are written. Raises FunctionFailedError."""
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
        log.log(
            logging.ERROR if error else logging.INFO,
            "Executed 'Functions.%s' (%s, Id=%s, Duration=%dms)",
            call.function.name,
            outcome,
            call.invocation_id,
            (time.monotonic() - started) * 1000,
            exc_info=error,
        )
