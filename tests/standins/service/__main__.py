"""Runs the service stand-in as a process, until it is ended. Its calls are joined as they are created.

Whoever measures has no browser that could join: each call begins to talk at once, as `--turns` and `--pause` say.
"""

import argparse
import asyncio
import signal
from pathlib import Path

from tests.standins.faults import Operation, When
from tests.standins.service.server import ServiceStandIn
from tests.standins.service.tls import server_context


async def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control-port", type=int, required=True)
    parser.add_argument("--tls-folder", type=Path, help="serve over TLS; ca.pem and server.pem are written there")
    parser.add_argument("--turns", type=int, default=3, help="turns of each call, after which the browser leaves")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two turns, about")
    parser.add_argument("--mint", type=float, default=0.0, help="seconds that a client secret takes")
    parser.add_argument("--calls", type=float, default=0.0, help="seconds that an SDP answer takes")
    options = parser.parse_args()
    tls = server_context(options.tls_folder)[0] if options.tls_folder else None
    async with ServiceStandIn(options.port, options.control_port, tls=tls) as service:
        service.faults.latencies |= {"client_secrets": options.mint, "calls": options.calls}

        async def join(operation: Operation, when: When) -> None:
            for call in list(service.calls.values()) if (operation.kind, when) == ("calls", "after") else ():
                if call.truth.joined is None:
                    call.join(options.turns, options.pause, leave=True)

        service.faults.witnesses.append(join)
        print(service.url, flush=True)
        over = asyncio.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signum, over.set)
        await over.wait()


if __name__ == "__main__":
    asyncio.run(main())
