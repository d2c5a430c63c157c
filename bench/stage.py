"""The stage of the measurements: the gateway on the platform's worker library, and stand-ins for all around it.

The worker process has one core for itself. The stand-ins for the service (over TLS) and for storage are processes of
their own, and the host half of the instance runs in the measuring process; all three share the other cores. Their time
is not the product's, and no table counts it as such.
"""

import contextlib
import json
import os
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from azure.functions.meta import Datum

from local.host.loading import LoadedFunction
from tests.examples import OFFER
from tests.processes import PYTHON, ROOT, free_port, running
from tests.standins.functions.instance import Instance
from tests.standins.storage.server import KEY

EXAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]


@dataclass(frozen=True)
class Scene:
    """What a measurement asks of its stand-ins. Times are in seconds."""

    mint: float = 0.08
    """How long the service takes for a client secret."""
    answer: float = 0.12
    """How long the service takes for an SDP answer."""
    storage: float = 0.005
    """How long each storage operation takes."""
    turns: int = 1
    """How many turns each call has before its browser leaves."""
    pause: float = 0.1
    """How long a call is quiet after a turn, about."""
    env: Mapping[str, str] = field(default_factory=dict)
    """App settings beside those of the example."""
    command: tuple[str, ...] = ()
    """What stands before the worker's own command, such as a profiler."""


class MeasuredInstance(Instance):
    """An instance that notes when it has archived each call."""

    archived: dict[str, float]
    """When each call was archived, in seconds of time.perf_counter."""

    async def invoke(
        self, function: LoadedFunction, data: Datum, metadata: Mapping[str, Datum], trace_parent: str = ""
    ) -> Datum | None:
        """Run a function, and note the call if it has archived one."""
        answer = await super().invoke(function, data, metadata, trace_parent)
        if function.name == "archive_call_summary":
            self.archived[json.loads(data.value)["call_id"]] = time.perf_counter()
        return answer


@dataclass
class Stage:
    """The running processes, and how a page asks the gateway for a call."""

    instance: MeasuredInstance
    http: aiohttp.ClientSession
    service_url: str
    storage_control: str
    service_control: str
    authority: Path

    async def connect(self, caller: str) -> str:
        """Create a call as this caller, and return its id."""
        headers = {"Content-Type": "application/sdp", "x-switchboard-caller": caller}
        async with self.http.post(f"{self.instance.url}/api/connect", data=OFFER, headers=headers) as answer:
            if answer.status != 201:
                raise RuntimeError(await answer.text())
            await answer.read()
            return answer.headers["Location"].rsplit("/", 1)[-1]

    async def operations(self) -> dict[str, int]:
        """Return how many storage operations of each kind the gateway and the host have done since the last time."""
        async with self.http.get(f"{self.storage_control}/counts") as answer:
            counts: dict[str, int] = await answer.json()
        await self.http.delete(f"{self.storage_control}/counts")
        return counts


@contextlib.asynccontextmanager
async def staged(folder: Path, scene: Scene = Scene()) -> AsyncIterator[Stage]:
    """Run everything until the block ends. What the processes print is in `folder`."""
    worker_core, others = cores()
    service, service_control, blob, queue, storage_control = (free_port() for _ in range(5))
    standin = ["taskset", "-c", others, PYTHON, "-m"]
    service_command = [
        *(*standin, "tests.standins.service", "--port", str(service), "--control-port", str(service_control)),
        *("--tls-folder", str(folder), "--mint", str(scene.mint), "--calls", str(scene.answer)),
        *("--turns", str(scene.turns), "--pause", str(scene.pause)),
    ]
    storage_command = [
        *(*standin, "tests.standins.storage", "--blob-port", str(blob), "--queue-port", str(queue)),
        *("--control-port", str(storage_control), "--latency", str(scene.storage)),
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
    with (
        running(service_command, service, log=folder / "service.log"),
        running(storage_command, blob, log=folder / "storage.log"),
    ):
        instance = await MeasuredInstance.start(
            "measured",
            free_port(),
            folder / "worker.log",
            env,
            host_env={"AzureWebJobsStorage": connection("host")},
            lock_seconds=600,
            command=("taskset", "-c", worker_core, *scene.command),
        )
        instance.archived = {}
        tls = ssl.create_default_context(cafile=authority)
        try:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ssl=tls)) as http:
                yield Stage(
                    instance,
                    http,
                    f"https://127.0.0.1:{service}",
                    f"http://127.0.0.1:{storage_control}",
                    f"http://127.0.0.1:{service_control}",
                    authority,
                )
        finally:
            await instance.kill()


def cores() -> tuple[str, str]:
    """Return the worker's core, and the list of all others (the same core where there is only one)."""
    own, *others = sorted(os.sched_getaffinity(0))
    return str(own), ",".join(map(str, others or [own]))


def percentiles(values: list[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of the values."""
    ordered = sorted(values)
    return {f"p{p}": ordered[min(len(ordered) - 1, int(len(ordered) * p / 100))] for p in (50, 95, 99)}
