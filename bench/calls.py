"""Whole calls, from the offer to the archive: how long the page waits, and what a call costs."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bench.stage import Stage, cores, percentiles
from tests.examples import OFFER
from tests.processes import PYTHON, free_port, running
from tests.standins.functions.process import cpu_of

PATIENCE_SECONDS = 60.0
SECRET = {"expires_after": {"anchor": "created_at", "seconds": 60}, "session": {"type": "realtime"}}


@dataclass(frozen=True)
class Figures:
    """What a measurement of whole calls gave. Times are in milliseconds."""

    waits: dict[str, float]
    """p50, p95 and p99 of what the page waits for its SDP answer."""
    cpu: float
    """Processor time of the worker for each call, to the archive."""
    rate: float
    """Calls a second, each to the archive."""
    memory: float
    """Resident memory of the worker afterwards, in MB."""
    operations: dict[str, float]
    """Storage operations for each call, the host's included."""


async def closed_loop(callers: int, calls: int, once: Callable[[], Awaitable[float]]) -> list[float]:
    """Let so many callers call one after the other, until there were so many calls; return what each of them took."""
    left = iter(range(calls))
    waits: list[float] = []

    async def caller() -> None:
        waits.extend([await once() for _ in left])

    await asyncio.gather(*(caller() for _ in range(callers)))
    return waits


async def gateway(stage: Stage, callers: int, calls: int) -> Figures:
    """Measure the gateway; a caller's next call begins when the last one is archived."""

    async def once() -> float:
        began = time.perf_counter()
        call_id = await stage.connect(uuid.uuid4().hex)
        waited = 1000 * (time.perf_counter() - began)
        while call_id not in stage.instance.archived:
            if time.perf_counter() > began + PATIENCE_SECONDS:
                raise RuntimeError(f"{call_id} was not archived")
            await asyncio.sleep(0.02)
        return waited

    await stage.operations()
    worker = stage.instance.worker
    cpu, began = worker.cpu(), time.perf_counter()
    waits = await closed_loop(callers, calls, once)
    took = time.perf_counter() - began
    operations = {name: count / calls for name, count in sorted((await stage.operations()).items())}
    used = 1000 * (worker.cpu() - cpu) / calls
    return Figures(percentiles(waits), used, calls / took, worker.memory() / 1e6, operations)


@contextlib.asynccontextmanager
async def article_service(stage: Stage, log: Path) -> AsyncIterator[tuple[str, int]]:
    """Run the service of the how-to on the worker's core; gives its address and its process's id."""
    port = free_port()
    command = ["taskset", "-c", cores()[0], PYTHON, "-m", "bench.article_service", "--port", str(port)]
    env = {"REQUESTS_CA_BUNDLE": str(stage.authority)}
    with running([*command, "--endpoint", stage.service_url], port, log=log, env=env) as process:
        yield f"http://127.0.0.1:{port}", process.pid


async def article(stage: Stage, log: Path, callers: int, calls: int, seconds: float) -> tuple[dict[str, float], float]:
    """Measure the service of the how-to: percentiles of the waits, and processor time for each call.

    It archives nothing, so after the last answer it gets `seconds` in which its calls end.
    """
    async with article_service(stage, log) as (url, pid):

        async def once() -> float:
            began = time.perf_counter()
            async with stage.http.post(f"{url}/connect", data=OFFER) as answer:
                await answer.read()
                answer.raise_for_status()
            return 1000 * (time.perf_counter() - began)

        await closed_loop(1, 2, once)
        cpu = cpu_of(pid)
        waits = await closed_loop(callers, calls, once)
        await asyncio.sleep(seconds)
        return percentiles(waits), 1000 * (cpu_of(pid) - cpu) / calls


async def direct(stage: Stage, callers: int, calls: int) -> dict[str, float]:
    """Measure a page that could ask the service itself, on warm connections: a client secret, then the offer."""
    service = f"{stage.service_url}/openai/v1/realtime"

    async def once() -> float:
        began = time.perf_counter()
        async with stage.http.post(f"{service}/client_secrets", json=SECRET, headers={"api-key": "key-of-x"}) as minted:
            headers = {"Authorization": f"Bearer {(await minted.json())['value']}"}
        async with stage.http.post(f"{service}/calls", data=OFFER, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
        return 1000 * (time.perf_counter() - began)

    await closed_loop(callers, callers, once)
    return percentiles(await closed_loop(callers, calls, once))
