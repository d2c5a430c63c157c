"""Runs the storage stand-in as a process, until it is ended."""

import argparse
import asyncio
import contextlib
import signal

from tests.standins.storage.server import StorageStandIn


async def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("blob", "queue", "control"):
        parser.add_argument(f"--{name}-port", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each operation waits")
    options = parser.parse_args()
    async with StorageStandIn(options.blob_port, options.queue_port, options.control_port) as storage:
        storage.faults.latencies["*"] = options.latency
        print(storage.connection_string(), flush=True)
        over = asyncio.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signum, over.set)
        await over.wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
