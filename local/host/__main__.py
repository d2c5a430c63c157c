"""This program serves an app's function_app.py on a machine where Azure Functions Core Tools cannot be installed.

    python -m local.host --port 7071 --app .

README.md says what is imitated and what is not. The app knows nothing of this host; `func start` serves the same app.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from local.host.host import End, Host, Options
from local.host.logs import configure_logging
from local.host.settings import StartupError, apply_local_settings, read_host_json

log = logging.getLogger("functions.host")

# The real host hides a message for ten minutes, and has no setting for it.
MESSAGE_LOCK_SECONDS = 600
GRACE_SECONDS = 2.0


def main(argv: Sequence[str]) -> int:
    """Run until a signal asks to stop.

    Return the exit code when the host could not start; once it has run, the process ends in this function.
    """
    given = _parser().parse_args(argv)
    app = given.app.resolve()
    started_in = Path.cwd()
    try:
        default_port = apply_local_settings(app, os.environ)
        options = Options(
            app=app,
            address=given.host,
            port=default_port if given.port is None else given.port,
            message_lock_seconds=given.message_lock_seconds,
            grace_seconds=given.grace_seconds,
        )
        asyncio.run(_serve(options, started_in))
    except StartupError as error:
        print(f"The functions host cannot start. {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(options: Options, started_in: Path) -> None:
    configure_logging()
    host = Host(options, read_host_json(options.app))
    port = await host.start()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, host.finish, End.STOPPED)
    print(f"Functions host listening on http://{options.address}:{port}", flush=True)
    why = await host.ended()
    if why is End.WORKER_GONE:
        log.error("The worker ends with all its invocations and starts again")
        host.fail_running()
        await host.stop()
        _start_again(port, started_in)
    await host.stop()
    # The platform ends its worker without unwinding it, so this process runs no atexit functions either, and does not
    # wait for threads that are still running.
    _flush()
    os._exit(1 if why is End.BROKEN else 0)


def _start_again(port: int, started_in: Path) -> None:
    """Replace this process by a new host on the same port, as the platform replaces a worker that timed out."""
    _flush()
    os.chdir(started_in)
    os.execv(sys.executable, [*sys.orig_argv, "--port", str(port)])  # noqa: S606 - this is our own command line


def _flush() -> None:
    logging.shutdown()
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.host", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--app", type=Path, default=Path(), help="the folder of function_app.py (default: the current folder)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, help="0 takes any free port (default: LocalHttpPort of local.settings.json, or else 7071)"
    )
    parser.add_argument(
        "--message-lock-seconds",
        type=int,
        default=MESSAGE_LOCK_SECONDS,
        help="how long the message of a killed host stays hidden (default: %(default)s)",
    )
    parser.add_argument(
        "--grace-seconds",
        type=float,
        default=GRACE_SECONDS,
        help="how long running functions may go on after SIGTERM or Ctrl-C (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
