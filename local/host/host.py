"""The whole host: worker, HTTP edge and queue listeners, from start to end."""

import asyncio
import enum
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.host.http_edge import HttpEdge
from local.host.invoker import Invoker
from local.host.listener import QueueListener
from local.host.loading import LoadedFunction
from local.host.routes import Route, routes_of
from local.host.settings import HostSettings, StartupError
from local.host.storage import Storage
from local.host.worker import Worker

log = logging.getLogger("functions.host")


@dataclass(frozen=True)
class Options:
    """How to run an app: its folder, where to listen, how long a message is hidden, how long a stop may take."""

    app: Path
    address: str
    port: int
    message_lock_seconds: int
    grace_seconds: float


class End(enum.Enum):
    """Why a host ends."""

    STOPPED = "asked to"
    WORKER_GONE = "the worker timed out or exited"
    BROKEN = "a fault of the host itself"


class Host:
    """Create it on a running event loop, which is the host's own; the app gets another one."""

    def __init__(self, options: Options, settings: HostSettings) -> None:
        self._options = options
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[End] = self._loop.create_future()
        self._storage = Storage(os.environ)
        self._worker = Worker(on_exit=lambda: self._end_from_thread(End.WORKER_GONE))
        self._invoker = Invoker(self._worker, self._storage, settings, on_timeout=lambda: self.finish(End.WORKER_GONE))
        self._listeners: list[QueueListener] = []
        self._listening: list[asyncio.Task[None]] = []
        self._edge: HttpEdge | None = None

    async def start(self) -> int:
        """Load the app, listen, and say what is served; the port taken. Raises StartupError."""
        began = time.monotonic()
        functions = await asyncio.to_thread(self._worker.load, self._options.app)
        served = [function for function in functions if function.is_served]
        routes = routes_of(served, self._settings.route_prefix)
        self._listeners = [self._listener(f) for f in served if f.trigger.type == "queueTrigger"]
        self._edge = HttpEdge(routes, served, self._invoker, self._settings)
        try:
            port = await self._edge.start(self._options.address, self._options.port)
        except OSError as error:
            raise StartupError(
                f"Port {self._options.port} of {self._options.address} cannot be had: {error.strerror}."
            ) from None
        for listener in self._listeners:
            task = asyncio.create_task(listener.run())
            task.add_done_callback(self._listener_ended)
            self._listening.append(task)
        _announce(functions, routes, self._listeners)
        log.info("%d functions loaded in %.2f s", len(served), time.monotonic() - began)
        return port

    def finish(self, why: End) -> None:
        """End the host; the first reason given counts."""
        if not self._end.done():
            self._end.set_result(why)

    async def ended(self) -> End:
        """Wait for the end; why it came."""
        return await self._end

    def fail_running(self) -> None:
        """Fail all invocations at once: the worker that ran them is gone."""
        self._invoker.fail_running()

    async def stop(self) -> None:
        """Take nothing new and let what runs go on for the grace time; messages of the rest come back."""
        for listener in self._listeners:
            listener.stop()
        waiting = {*self._listening}
        if self._edge is not None:
            waiting.add(asyncio.create_task(self._edge.stop()))
        if waiting:
            await asyncio.wait(waiting, timeout=self._options.grace_seconds)
        if self._invoker.running:
            log.warning("Stopped while running: %s. Messages of theirs come back.", ", ".join(self._invoker.running))
        await self._storage.close()

    def _listener(self, function: LoadedFunction) -> QueueListener:
        connection = function.trigger.fields.get("connection")
        name = function.trigger.fields["queueName"]
        listener = QueueListener(
            function,
            self._storage.queue(connection, name),
            self._storage.poison_queue(connection, name),
            self._settings.queues,
            self._options.message_lock_seconds,
            self._invoker.invoke,
        )
        self._storage.when_sent(connection, name, listener.wake)
        return listener

    def _listener_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.critical("A queue listener broke", exc_info=error)
            self.finish(End.BROKEN)

    def _end_from_thread(self, why: End) -> None:
        self._loop.call_soon_threadsafe(self.finish, why)


def _announce(functions: Sequence[LoadedFunction], routes: Sequence[Route], listeners: Sequence[QueueListener]) -> None:
    for route in routes:
        methods = ",".join(sorted(route.methods)) or "any method"
        log.info("%s: [%s] /%s", route.function.name, methods, route.template)
    for listener in listeners:
        log.info("%s", listener)
    for function in functions:
        if not function.is_served:
            kinds = ", ".join(binding.type for binding in (function.trigger, *function.outputs))
            log.warning("%s is not served: this host does not know all of %s", function.name, kinds)
