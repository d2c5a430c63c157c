"""This module runs a whole host, with worker, HTTP server and queue listeners, from its start to its end."""

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
from local.host.timer import TimerListener
from local.host.worker import Worker

log = logging.getLogger("functions.host")


@dataclass(frozen=True)
class Options:
    """This class says how to run an app."""

    app: Path
    """The folder that holds function_app.py."""
    address: str
    """The IP address or host name to listen on."""
    port: int
    """The TCP port to listen on; 0 takes any free one."""
    message_lock_seconds: int
    """How long a received message stays hidden from other hosts, in seconds, unless it is renewed."""
    grace_seconds: float
    """How long running functions may go on after a stop was asked for, in seconds."""


class End(enum.Enum):
    """A host ends for one of these reasons."""

    STOPPED = "asked to"
    WORKER_GONE = "the worker timed out or exited"
    BROKEN = "a fault of the host itself"


class Host:
    """A host serves one app.

    Create it on a running event loop. That loop is the host's own; the app runs on another one.
    """

    def __init__(self, options: Options, settings: HostSettings) -> None:
        self._options = options
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[End] = self._loop.create_future()
        self._storage = Storage(os.environ)
        self._worker = Worker(on_exit=lambda: self._end_from_thread(End.WORKER_GONE))
        self._invoker = Invoker(self._worker, self._storage, settings, on_timeout=lambda: self.finish(End.WORKER_GONE))
        self._listeners: list[QueueListener | TimerListener] = []
        self._listening: list[asyncio.Task[None]] = []
        self._edge: HttpEdge | None = None

    async def start(self) -> int:
        """Load the app, listen, and log what is served. Return the port.

        Raises:
            StartupError: The app cannot be served, or the port is not free.
        """
        began = time.monotonic()
        functions = await asyncio.to_thread(self._worker.load, self._options.app)
        served = [function for function in functions if function.is_served]
        routes = routes_of(served, self._settings.route_prefix)
        self._listeners = [
            *(self._listener(f) for f in served if f.trigger.type == "queueTrigger"),
            *(TimerListener(f, self._invoker.invoke) for f in served if f.trigger.type == "timerTrigger"),
        ]
        self._edge = HttpEdge(routes, served, self._invoker, self._settings)
        try:
            port = await self._edge.start(self._options.address, self._options.port)
        except OSError as error:
            raise StartupError(
                f"Port {self._options.port} of {self._options.address} is not available: {error.strerror}."
            ) from None
        for listener in self._listeners:
            task = asyncio.create_task(listener.run())
            task.add_done_callback(self._listener_ended)
            self._listening.append(task)
        _announce(functions, routes, self._listeners)
        log.info("%d functions loaded in %.2f s", len(served), time.monotonic() - began)
        return port

    def finish(self, why: End) -> None:
        """Ask the host to end. Only the first reason that is given counts."""
        if not self._end.done():
            self._end.set_result(why)

    async def ended(self) -> End:
        """Wait until somebody asks the host to end, and return the reason."""
        return await self._end

    def fail_running(self) -> None:
        """Fail all running invocations at once, because the worker that ran them is gone."""
        self._invoker.fail_running()

    async def stop(self) -> None:
        """Accept nothing new, and let running functions go on for the grace time.

        Messages of functions that are still running afterwards become visible again when their lock ends.
        """
        for listener in self._listeners:
            listener.stop()
        waiting = {*self._listening}
        if self._edge is not None:
            waiting.add(asyncio.create_task(self._edge.stop()))
        if waiting:
            await asyncio.wait(waiting, timeout=self._options.grace_seconds)
        if self._invoker.running:
            log.warning(
                "Stopped while running: %s. Their messages will become visible again.", ", ".join(self._invoker.running)
            )
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
            log.critical("A listener broke", exc_info=error)
            self.finish(End.BROKEN)

    def _end_from_thread(self, why: End) -> None:
        self._loop.call_soon_threadsafe(self.finish, why)


def _announce(
    functions: Sequence[LoadedFunction], routes: Sequence[Route], listeners: Sequence[QueueListener | TimerListener]
) -> None:
    for route in routes:
        methods = ",".join(sorted(route.methods)) or "any method"
        log.info("%s: [%s] /%s", route.function.name, methods, route.template)
    for listener in listeners:
        log.info("%s", listener)
    for function in functions:
        if not function.is_served:
            kinds = ", ".join(binding.type for binding in (function.trigger, *function.outputs))
            log.warning("%s is not served: this host does not know all of %s", function.name, kinds)
