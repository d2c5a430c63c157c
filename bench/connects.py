"""Measures what an SDP answer alone costs: the gateway answers offers, and nobody observes or archives the calls."""

import asyncio
import time
from pathlib import Path

from bench.calls import CALLERS, closed_loop
from bench.contenders import Gateway
from bench.section import Section, Table, three
from bench.stage import percentiles, staged

SETTLING_SECONDS = 2.0
"""What the worker still does of calls that are over is not counted."""


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    rows, shares = [], []
    async with staged(folder) as stage:
        gateway = Gateway(stage)
        await closed_loop(4, 8, gateway.call)
        stage.instance.deafen()
        await asyncio.sleep(SETTLING_SECONDS)
        await stage.tally()

        async def connect() -> float:
            return (await gateway.answered())[0]

        for callers in (1, 8) if short else CALLERS:
            many = 8 if short else 60 + 10 * callers
            cpu, began = stage.cpu(), time.perf_counter()
            waits = await closed_loop(callers, many, connect)
            took = time.perf_counter() - began
            worker, host, _ = (1000 * (after - before) / many for before, after in zip(cpu, stage.cpu(), strict=True))
            operations = sum((await stage.tally()).operations.values()) / many
            shares.append(worker)
            figures = [f"{worker:.1f} ms", f"{host:.1f} ms", f"{many / took:.0f}", f"{operations:.1f}"]
            rows.append([str(callers), three(percentiles(waits)), *figures])
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
    return Section("The SDP answer alone", text, [Table(head, rows, note)], {"cpu_ms": max(shares)})
