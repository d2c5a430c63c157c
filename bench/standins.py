"""Runs both stand-ins as one process, and tells what only they know: operations, connections, and events in storage.

    .venv/bin/python -m bench.standins --service-port 8181 --blob-port 10000 --queue-port 10001 --control-port 10009 \
        --tls-folder FOLDER --scene '{"mint": 0.08, ...}'

On the control port, GET /tally answers with the operations of storage and the connections that were opened since the
last time, and GET /evidence with what became of each call's events. Calls are joined as they are created.
"""

import argparse
import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from bench.evidence import Evidence, evidence_of
from bench.scene import Scene
from tests.standins.faults import Operation, When
from tests.standins.service.events import Pace
from tests.standins.service.server import ServiceStandIn
from tests.standins.service.tls import server_context
from tests.standins.storage.server import StorageStandIn

JOURNALS = "archive/journals/"


class Watch:
    """Watches the stand-ins: who connects, and when each journal has grown."""

    def __init__(self, storage: StorageStandIn, service: ServiceStandIn, scene: Scene) -> None:
        self.connections: Counter[int] = Counter()
        self.growth: dict[str, list[tuple[int, float]]] = {}
        self._storage, self._service, self._scene = storage, service, scene
        storage.faults.witnesses.append(self._stored)
        service.faults.witnesses.append(self._created)

    async def _created(self, operation: Operation, when: When) -> None:
        if (operation.kind, when) == ("calls", "after"):
            for call in reversed(self._service.calls.values()):
                if call.truth.joined is not None:
                    break
                call.join(self._scene.turns, self._scene.pause, leave=True)

    async def _stored(self, operation: Operation, when: When) -> None:
        if when == "after" and operation.kind == "append_block" and operation.name.startswith(JOURNALS):
            name = operation.name.removeprefix("archive/")
            blob = self._storage.blobs.containers["archive"].get(name)
            if blob is not None:
                self.growth.setdefault(name, []).append((len(blob.content), blob.modified))

    def count_connections(self) -> None:
        """Count the connections to every server of this process, by its port."""
        connected = web.Server.connection_made

        def counted(server: web.Server, handler: Any, transport: asyncio.Transport) -> None:
            self.connections[transport.get_extra_info("sockname")[1]] += 1
            connected(server, handler, transport)

        web.Server.connection_made = counted  # type: ignore[assignment, method-assign]

    def evidence(self) -> list[Evidence]:
        """Return what became of each call."""
        blobs = self._storage.blobs.containers.get("archive", {})
        found = []
        for call_id, truth in self._service.ledger.calls.items():
            name = f"journals/{call_id}.jsonl"
            content = bytes(blobs[name].content) if name in blobs else b""
            found.append(evidence_of(truth, content, self.growth.get(name, [])))
        return found


async def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("service", "blob", "queue", "control"):
        parser.add_argument(f"--{name}-port", type=int, required=True)
    parser.add_argument("--tls-folder", type=Path, required=True)
    parser.add_argument("--scene", type=lambda text: msgspec.json.decode(text, type=Scene), required=True)
    options = parser.parse_args()
    scene: Scene = options.scene
    pace = Pace(scene.speech, scene.playback, scene.words, 1, frozenset(scene.only))
    tls, _ = server_context(options.tls_folder)
    storage = StorageStandIn(options.blob_port, options.queue_port)
    service = ServiceStandIn(options.service_port, pace=pace, tls=tls)
    watch = Watch(storage, service, scene)
    watch.count_connections()

    async def tally(_request: web.Request) -> web.Response:
        connections = {
            "service": watch.connections[options.service_port],
            "storage": watch.connections[options.blob_port] + watch.connections[options.queue_port],
        }
        operations = dict(storage.faults.counts)
        storage.faults.counts.clear()
        watch.connections.clear()
        return web.json_response({"operations": operations, "connections": connections})

    async def evidence(_request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(watch.evidence()), content_type="application/json")

    control = web.Application()
    control.add_routes([web.get("/tally", tally), web.get("/evidence", evidence)])
    async with storage, service:
        storage.faults.latencies["*"] = scene.storage
        service.faults.latencies |= {"client_secrets": scene.mint, "calls": scene.answer}
        runner = web.AppRunner(control, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", options.control_port).start()
        over = asyncio.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signum, over.set)
        await over.wait()
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
