"""Sets the stage of the measurements: the gateway on the platform's worker library, and stand-ins for all around it.

The worker process has one core for itself. The stand-ins for the service (over TLS) and for storage are one process,
and the host half of the instance runs in the measuring process; both share the other cores. Their time is not the
product's, and no table counts it as such.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
from azure.functions.meta import Datum

from bench.evidence import Evidence
from bench.scene import BUSY, Scene
from local.host.loading import LoadedFunction
from local.host.settings import read_host_json
from tests.examples import OFFER
from tests.processes import PYTHON, ROOT, free_port, running
from tests.standins.functions.instance import Instance
from tests.standins.functions.process import cpu_of
from tests.standins.storage.server import KEY

EXAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
PATIENCE_SECONDS = 60.0


class MeasuredInstance(Instance):
    """Tells whoever waits for it when a call is archived."""

    waiting: dict[str, asyncio.Event]

    async def invoke(
        self, function: LoadedFunction, data: Datum, metadata: Mapping[str, Datum], trace_parent: str = ""
    ) -> Datum | None:
        """Run a function, and note the call if it has archived one."""
        answer = await super().invoke(function, data, metadata, trace_parent)
        if function.name == "archive_call_summary":
            self.archived(json.loads(data.value)["call_id"]).set()
        return answer

    def deafen(self) -> None:
        """Take no more messages from the queues, so that calls are neither observed nor archived."""
        for listener in self._listeners:
            listener.stop()

    def archived(self, call_id: str) -> asyncio.Event:
        """Return the event that is set when the call is archived."""
        return self.waiting.setdefault(call_id, asyncio.Event())


class Tally(msgspec.Struct):
    """Holds what the stand-ins were asked since the last tally."""

    operations: dict[str, int]
    """Storage operations by kind, the host's included."""
    connections: dict[str, int]
    """Connections that were opened, by whose they are: service, storage."""


@dataclass
class Stage:
    """Holds the running processes, and knows how a page asks the gateway for a call."""

    instance: MeasuredInstance
    http: aiohttp.ClientSession
    service_url: str
    control: str
    authority: Path
    standins: int
    """The process id of the stand-ins."""
    started: float
    """How many seconds the worker took to start and to index the app, the host's half included."""

    async def connect(self, caller: str) -> str:
        """Create a call as this caller, and return its id."""
        headers = {"Content-Type": "application/sdp", "x-switchboard-caller": caller}
        async with self.http.post(f"{self.instance.url}/api/connect", data=OFFER, headers=headers) as answer:
            if answer.status != 201:
                raise RuntimeError(await answer.text())
            await answer.read()
            return answer.headers["Location"].rsplit("/", 1)[-1]

    async def archived(self, call_id: str) -> None:
        """Wait until the call is archived. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.instance.archived(call_id).wait()

    async def tally(self) -> Tally:
        """Return what the stand-ins were asked since the last time."""
        async with self.http.get(f"{self.control}/tally") as answer:
            return msgspec.json.decode(await answer.read(), type=Tally)

    async def evidence(self) -> list[Evidence]:
        """Return what became of the events of each call."""
        async with self.http.get(f"{self.control}/evidence") as answer:
            return msgspec.json.decode(await answer.read(), type=list[Evidence])

    def cpu(self) -> tuple[float, float, float]:
        """Return the seconds of CPU used so far: by the worker, by the host and the clients, and by the stand-ins."""
        return self.instance.worker.cpu(), time.process_time(), cpu_of(self.standins)


@contextlib.asynccontextmanager
async def staged(folder: Path, scene: Scene = BUSY) -> AsyncIterator[Stage]:
    """Run everything until the block ends. What the processes print is in `folder`."""
    worker_core, others = cores()
    service, blob, queue, control = (free_port() for _ in range(4))
    command = [
        *("taskset", "-c", others, PYTHON, "-m", "bench.standins", "--service-port", str(service)),
        *("--blob-port", str(blob), "--queue-port", str(queue), "--control-port", str(control)),
        *("--tls-folder", str(folder), "--scene", msgspec.json.encode(scene).decode()),
    ]
    authority = folder / "ca.pem"

    def connection(account: str) -> str:
        return (
            f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={KEY};"
            f"BlobEndpoint=http://127.0.0.1:{blob}/{account};QueueEndpoint=http://127.0.0.1:{queue}/{account};"
        )

    env = {
        **EXAMPLE,
        "AzureWebJobsStorage": connection("gateway"),
        "REALTIME_ENDPOINT": f"https://127.0.0.1:{service}",
        "REALTIME_API_KEY": "key-of-gateway",
        "MAX_CALLS": "100000",
        "SIGNALLING": "both",
        "REQUESTS_CA_BUNDLE": str(authority),
        "PYTHON_THREADPOOL_THREAD_COUNT": "64",
        **scene.env,
    }
    with running(command, control, log=folder / "standins.log") as standins:
        settings = read_host_json(ROOT)
        if scene.threshold is not None:
            queues = dataclasses.replace(settings.queues, new_batch_threshold=scene.threshold)
            settings = dataclasses.replace(settings, queues=queues)
        began = time.perf_counter()
        instance = await MeasuredInstance.start(
            "measured",
            free_port(),
            folder / "worker.log",
            env,
            host_env={"AzureWebJobsStorage": connection("host")},
            lock_seconds=600,
            command=("taskset", "-c", worker_core),
            settings=settings,
        )
        instance.waiting, started = {}, time.perf_counter() - began
        tls = ssl.create_default_context(cafile=authority)
        address, controls = f"https://127.0.0.1:{service}", f"http://127.0.0.1:{control}"
        try:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ssl=tls)) as http:
                yield Stage(instance, http, address, controls, authority, standins.pid, started)
        finally:
            await instance.kill()


def cores() -> tuple[str, str]:
    """Return the worker's core, and the list of all others (the same core where there is only one)."""
    own, *others = sorted(os.sched_getaffinity(0))
    return str(own), ",".join(map(str, others or [own]))
