"""Serve the triggers of an app's function_app.py where Azure Functions Core Tools cannot be had.

    python -m local.functions_host --port 7071 --app .

host/README.md says what is imitated and what is not. The app knows nothing of this host: `func start` serves it too.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.host.http_edge import HttpEdge
from local.host.invoker import Invoker
from local.host.listener import QueueListener
from local.host.loading import LoadedFunction
from local.host.logs import configure_logging
from local.host.routes import Route, routes_of
from local.host.settings import HostSettings, StartupError, apply_local_settings, read_host_json
from local.host.storage import Storage
from local.host.worker import Worker

log = logging.getLogger("functions.host")

MESSAGE_LOCK_SECONDS = 600  # how long the real host hides a message; not a setting there
GRACE_SECONDS = 2.0


@dataclass(frozen=True)
class Options:
    """The command line."""

    app: Path
    host: str
    port: int | None
    message_lock_seconds: int
    grace_seconds: float


def main(argv: Sequence[str]) -> int:
    """Run until a signal; the exit code."""
    options = _options(argv)
    started_in = Path.cwd()
    try:
        return asyncio.run(_serve(options, started_in))
    except StartupError as error:
        print(f"The functions host cannot start. {error}", file=sys.stderr)
        return 1


async def _serve(options: Options, started_in: Path) -> int:
    began = time.monotonic()
    port = apply_local_settings(options.app, os.environ)
    settings = read_host_json(options.app)
    configure_logging()
    loop = asyncio.get_running_loop()
    end: asyncio.Future[str] = loop.create_future()

    def finish(why: str) -> None:
        if not end.done():
            end.set_result(why)

    def restart_from_thread() -> None:
        loop.call_soon_threadsafe(finish, "restart")

    worker = Worker(on_exit=restart_from_thread)
    functions = await asyncio.to_thread(worker.load, options.app)
    storage = Storage(os.environ)
    invoker = Invoker(worker, storage, settings, on_timeout=lambda: finish("restart"))
    served = [function for function in functions if function.is_served]
    routes = routes_of(served, settings.route_prefix)
    listeners = [
        _listener(function, storage, settings, options, invoker)
        for function in served
        if function.trigger.type == "queueTrigger"
    ]
    edge = HttpEdge(routes, served, invoker, settings)
    wanted = port if options.port is None else options.port
    try:
        port = await edge.start(options.host, wanted)
    except OSError as error:
        raise StartupError(f"Port {wanted} of {options.host} cannot be had: {error.strerror}.") from None
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, finish, "stop")

    def listener_ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.critical("A queue listener broke", exc_info=error)
            finish("broken")

    listening = [asyncio.create_task(listener.run()) for listener in listeners]
    for task in listening:
        task.add_done_callback(listener_ended)
    _announce(functions, routes, time.monotonic() - began)
    print(f"Functions host listening on http://{options.host}:{port}", flush=True)

    why = await end
    if why == "restart":
        log.error("The worker ends with all its invocations and starts again")
        _start_again(port, started_in)
    for listener in listeners:
        listener.stop()
    await asyncio.wait({*listening, asyncio.create_task(edge.stop())}, timeout=options.grace_seconds)
    if invoker.running:
        log.warning("Stopped while running: %s. Messages of theirs come back.", ", ".join(invoker.running))
    await storage.close()
    # As the platform's worker, this process is ended, not unwound: no atexit, no waiting for threads that still run.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(1 if why == "broken" else 0)


def _listener(
    function: LoadedFunction, storage: Storage, settings: HostSettings, options: Options, invoker: Invoker
) -> QueueListener:
    connection = function.trigger.fields.get("connection")
    name = function.trigger.fields["queueName"]
    listener = QueueListener(
        function,
        storage.queue(connection, name),
        storage.poison_queue(connection, name),
        settings.queues,
        options.message_lock_seconds,
        invoker.invoke,
    )
    storage.when_sent(connection, name, listener.wake)
    return listener


def _announce(functions: Sequence[LoadedFunction], routes: Sequence[Route], took: float) -> None:
    for route in routes:
        methods = ",".join(sorted(route.methods)) or "any method"
        log.info("%s: [%s] /%s", route.function.name, methods, route.template)
    for function in functions:
        if not function.is_served:
            log.warning("%s: this host does not serve %s", function.name, function.trigger.type)
        elif function.trigger.type == "queueTrigger":
            log.info("%s: queue %s", function.name, function.trigger.fields["queueName"])
    log.info("%d functions ready after %.2f s", len(functions), took)


def _start_again(port: int, started_in: Path) -> None:
    """Replace this process by a new host on the same port: what the platform does to a worker that timed out."""
    logging.shutdown()
    sys.stdout.flush()
    os.chdir(started_in)
    os.execv(sys.executable, [*sys.orig_argv, "--port", str(port)])  # noqa: S606 - our own command line


def _options(argv: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m local.functions_host", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--app", type=Path, default=Path(), help="folder of function_app.py (default: this one)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port", type=int, help="0 for any free port (default: LocalHttpPort of local.settings.json, else 7071)"
    )
    parser.add_argument(
        "--message-lock-seconds",
        type=int,
        default=MESSAGE_LOCK_SECONDS,
        help="how long a killed host's message stays hidden (default: %(default)s)",
    )
    parser.add_argument(
        "--grace-seconds",
        type=float,
        default=GRACE_SECONDS,
        help="how long running functions may go on after SIGTERM or Ctrl-C (default: %(default)s)",
    )
    given = parser.parse_args(argv)
    return Options(given.app.resolve(), given.host, given.port, given.message_lock_seconds, given.grace_seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
