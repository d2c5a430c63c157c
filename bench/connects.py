"""Measures what an SDP answer alone costs: the gateway answers offers, and nobody observes or archives the calls."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bench.calls import CALLERS, closed_loop
from bench.contenders import Gateway
from bench.section import Section, Table, percentiles, three
from bench.stage import Stage, staged

SETTLING_SECONDS = 2.0
"""What the worker still does of calls that are over is not counted."""


@dataclass(frozen=True)
class Answers:
    """Holds what SDP answers cost for one number of callers. All but `waits` are for each call."""

    waits: list[float]
    """Milliseconds until the answer, of each call."""
    worker: float
    """Milliseconds of CPU."""
    host: float
    """Milliseconds of CPU, of the host and of the clients."""
    operations: float
    """Storage operations."""
    rate: float
    """Calls a second."""


async def connects(stage: Stage, callers: int, calls: int) -> Answers:
    """Let so many callers post offers one after the other, until there were so many calls."""
    gateway = Gateway(stage)

    async def connect() -> float:
        return (await gateway.answered())[0]

    await stage.tally()
    cpu, began = stage.cpu(), time.perf_counter()
    waits = await closed_loop(callers, calls, connect)
    took = time.perf_counter() - began
    worker, host, _ = (1000 * (after - before) / calls for before, after in zip(cpu, stage.cpu(), strict=True))
    operations = sum((await stage.tally()).operations.values()) / calls
    return Answers(waits, worker, host, operations, calls / took)


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    async with staged(folder) as stage:
        await closed_loop(4, 8, Gateway(stage).call)
        stage.instance.deafen()
        await asyncio.sleep(SETTLING_SECONDS)
        found = {n: await connects(stage, n, 8 if short else 60 + 10 * n) for n in ((1, 8) if short else CALLERS)}
    rows = [
        [
            *(str(callers), three(percentiles(one.waits)), f"{one.worker:.1f} ms", f"{one.host:.1f} ms"),
            *(f"{one.rate:.0f}", f"{one.operations:.1f}"),
        ]
        for callers, one in found.items()
    ]
    text = (
        "This is the first part of a call by itself: the page posts its SDP offer and has the SDP answer. A place is "
        "taken, the offer is relayed, the call is made known and its message is put on the queue. Here nobody takes "
        "the message, so that no observer and no archive is in the figures. Each caller posts the next offer when the "
        "last one is answered. Waits are p50 / p95 / p99 in milliseconds."
    )
    head = [
        *("callers", "wait for the SDP answer", "CPU of the worker, a call", "CPU of the host and the clients, a call"),
        *("calls a second", "storage operations, a call"),
    ]
    note = "the service's 120 ms, storage's 5 ms an operation, and the local host, which is in all waits."
    return Section(
        "The SDP answer alone", text, [Table(head, rows, note)], {"cpu_ms": max(one.worker for one in found.values())}
    )
