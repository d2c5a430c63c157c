"""One instance of the app: a worker process, and the half of the host that feeds it."""

import asyncio
import base64
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from azure.core.exceptions import AzureError
from azure.functions.meta import Datum

from local.host.http_edge import HttpEdge
from local.host.invoker import FunctionFailedError
from local.host.listener import QueueListener
from local.host.loading import Binding, LoadedFunction
from local.host.outputs import OutputError, encoded, messages_of
from local.host.routes import routes_of
from local.host.settings import HostSettings, read_host_json
from local.host.storage import Storage
from tests.processes import ROOT
from tests.standins.functions.process import Outcome, WorkerGone, WorkerProcess


class Instance:
    """A running instance; `name` is in its logs. Made by `start`."""

    def __init__(
        self, name: str, worker: WorkerProcess, settings: HostSettings, host_env: Mapping[str, str], lock_seconds: int
    ) -> None:
        self.name, self.worker, self.url = name, worker, ""
        self.gone = False
        self.failures = 0
        """Invocations that ended with an error."""
        self._settings = settings
        self._storage = Storage(host_env)
        self.functions = [_loaded(name, one["bindings"]) for name, one in worker.functions.items()]
        routes = routes_of(self.functions, settings.route_prefix)
        self._edge = HttpEdge(routes, self.functions, self, settings)  # type: ignore[arg-type]
        self._listeners = [
            self._listener(function, lock_seconds)
            for function in self.functions
            if function.trigger.type == "queueTrigger"
        ]
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def start(
        cls,
        name: str,
        port: int,
        log: Path,
        env: Mapping[str, str],
        *,
        host_env: Mapping[str, str],
        lock_seconds: int,
        command: tuple[str, ...] = (),
        settings: HostSettings | None = None,
    ) -> Self:
        """Start an instance of the project's app that serves HTTP on `port`; 0 stands for one that is free.

        `env` is the worker's, `host_env` the host's own; messages are hidden for `lock_seconds` (the real host: 600).
        `settings` are those of host.json unless others are given.
        """
        worker = await WorkerProcess.start(ROOT, log, env, command)
        self = cls(name, worker, settings or read_host_json(ROOT), host_env, lock_seconds)
        port = await self._edge.start("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        self._tasks = [asyncio.create_task(listener.run()) for listener in self._listeners]
        return self

    async def kill(self) -> None:
        """Kill the instance, as when its machine dies: nothing is settled, nothing is released."""
        if self.gone:
            return
        self.gone = True
        self.worker.signal(signal.SIGKILL)
        for listener, task in zip(self._listeners, self._tasks, strict=True):
            task.cancel()
            for processing in list(listener._processing):
                processing.cancel()
        await self.worker.ended()
        await self._edge.stop()
        await asyncio.wait([*self._tasks, *(task for one in self._listeners for task in one._processing)], timeout=5)
        await self._storage.close()

    async def drain(self, grace_seconds: float) -> None:
        """End the instance as a deployment does: nothing new, SIGTERM, and SIGKILL when the grace is over."""
        self.gone = True
        for listener in self._listeners:
            listener.stop()
        self.worker.signal(signal.SIGTERM)
        await asyncio.wait(self._tasks, timeout=grace_seconds)
        self.gone = False
        await self.kill()

    async def invoke(
        self, function: LoadedFunction, data: Datum, metadata: Mapping[str, Datum], trace_parent: str = ""
    ) -> Datum | None:
        """Run a function for the HTTP edge and the listeners. Raises FunctionFailedError."""
        trigger = _http_call(data) if data.type == "http" else _queue_call(data, metadata)
        outcome = await self._run(function, trigger)
        return _http_datum(outcome) if outcome.http else None

    async def tick(self, function: LoadedFunction) -> None:
        """Run a timer function. Raises FunctionFailedError."""
        await self._run(function, {"timer": {"past_due": False}})

    async def _run(self, function: LoadedFunction, trigger: dict[str, Any]) -> Outcome:
        try:
            outcome = await self.worker.invoke({"function": function.name, **trigger})
        except WorkerGone as error:
            raise FunctionFailedError from error
        if outcome.error:
            self.failures += 1
            raise FunctionFailedError(outcome.error)
        try:
            for binding in function.outputs:
                if binding.type == "queue" and binding.name in outcome.outputs:
                    for message in messages_of(Datum(outcome.outputs[binding.name], "bytes")):
                        text = encoded(message, self._settings.queues.encoding)
                        await self._storage.send(binding.fields["connection"], binding.fields["queueName"], text)
        except (AzureError, OutputError) as error:
            self.failures += 1
            raise FunctionFailedError from error
        return outcome

    def _listener(self, function: LoadedFunction, lock_seconds: int) -> QueueListener:
        connection, name = function.trigger.fields.get("connection"), function.trigger.fields["queueName"]
        queue, poison = self._storage.queue(connection, name), self._storage.poison_queue(connection, name)
        listener = QueueListener(function, queue, poison, self._settings.queues, lock_seconds, self.invoke)
        self._storage.when_sent(connection, name, listener.wake)
        return listener


def _loaded(name: str, raw: list[str]) -> LoadedFunction:
    bindings = [json.loads(binding) for binding in raw]
    found = [(one["direction"], Binding(one["type"], one["name"], one)) for one in bindings]
    trigger = next(binding for _, binding in found if binding.type.endswith("Trigger"))
    outputs = tuple(binding for direction, binding in found if direction in ("OUT", 1, "1"))
    return LoadedFunction(
        name=name,
        call=_called_elsewhere,
        is_async=False,
        wants_context=False,
        directory=str(ROOT),
        trigger=trigger,
        outputs=outputs,
        text_parameters=frozenset(),
    )


def _called_elsewhere() -> None:
    raise AssertionError("The worker process runs the functions.")


def _http_call(data: Datum) -> dict[str, Any]:
    given = data.value
    texts = {name: {key: one.value for key, one in given[name].items()} for name in ("headers", "query", "params")}
    body = base64.b64encode(given["body"].value).decode()
    return {"http": {"method": given["method"].value, "url": given["url"].value, **texts, "body": body}}


def _queue_call(data: Datum, metadata: Mapping[str, Datum]) -> dict[str, Any]:
    return {"queue": {"body": data.value, "metadata": {name: one.value for name, one in metadata.items()}}}


def _http_datum(outcome: Outcome) -> Datum:
    http = outcome.http or {}
    headers = {name: Datum(value, "string") for name, value in http["headers"].items()}
    body = Datum(base64.b64decode(http["body"]), "bytes")
    status = Datum(str(http["status"]), "string")
    return Datum({"status_code": status, "headers": headers, "body": body, "cookies": None}, "http")
