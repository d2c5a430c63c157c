"""This program runs the emulator until SIGTERM or SIGINT: `python -m local.realtime --port N`."""

import argparse
import asyncio
import logging
import signal

from aiohttp import web

from local.realtime.options import Options
from local.realtime.service.app import create_app

_DEFAULT_PORT = 8181
_GOODBYE_SECONDS = 2.0


def main() -> None:
    """Read the command line, and serve."""
    defaults = Options()
    parser = argparse.ArgumentParser(
        "python -m local.realtime", description="Emulator of the Azure OpenAI Realtime API."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=_DEFAULT_PORT, help="0 takes any free port (default %(default)s)")
    parser.add_argument("--api-key", default=defaults.api_key, help="the resource's key (default %(default)s)")
    parser.add_argument("--max-call-seconds", type=float, default=defaults.max_call_seconds, help="default %(default)s")
    parser.add_argument("--connect-seconds", type=float, default=defaults.connect_seconds, help="default %(default)s")
    parser.add_argument("--thinking-ms", type=int, default=defaults.thinking_ms, help="default %(default)s")
    parser.add_argument("--delta-ms", type=int, default=defaults.delta_ms, help="default %(default)s")
    parser.add_argument("--verbose", action="store_true", help="log the calls and how they end")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO if given.verbose else logging.WARNING, format="%(message)s")
    options = Options(
        api_key=given.api_key,
        max_call_seconds=given.max_call_seconds,
        connect_seconds=given.connect_seconds,
        thinking_ms=given.thinking_ms,
        delta_ms=given.delta_ms,
    )
    asyncio.run(serve(options, given.host, given.port))


async def serve(options: Options, host: str, port: int) -> None:
    """Serve on this address until a signal asks to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stopping.set)
    runner = web.AppRunner(create_app(options), access_log=None, shutdown_timeout=_GOODBYE_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    _, bound = runner.addresses[0][:2]
    print(f"Realtime emulator listening on http://{host}:{bound}", flush=True)
    await stopping.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main()
