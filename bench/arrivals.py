"""Measures calls that arrive by themselves (Poisson), whether the gateway keeps up or not."""

import asyncio
import random
import time
from pathlib import Path

from bench.calls import closed_loop
from bench.contenders import Gateway
from bench.section import Section, Table, percentiles, three
from bench.stage import Stage, staged

RATES = (5, 10, 20, 40)
SECONDS = 12.0


async def arrivals(stage: Stage, rate: float, seconds: float, seed: int = 1) -> list[str]:
    """Let calls arrive at a rate for so many seconds, wait until all are archived, and return a row of the table."""
    rng = random.Random(seed)  # noqa: S311  reproducible
    gateway, waits, failed = Gateway(stage), [], 0
    cpu, began = stage.cpu(), time.perf_counter()

    async def one() -> None:
        nonlocal failed
        try:
            took, call_id = await gateway.answered()
            waits.append(took)
            await stage.archived(call_id)
        except (RuntimeError, TimeoutError, OSError):
            failed += 1

    tasks, due = [], began
    while (due := due + rng.expovariate(rate)) < began + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one()))
    await asyncio.gather(*tasks)
    took = time.perf_counter() - began
    shares = [f"{100 * (after - before) / took:.0f} %" for before, after in zip(cpu, stage.cpu(), strict=True)]
    rate_done = f"{(len(tasks) - failed) / took:.1f}"
    return [str(rate), three(percentiles(waits)), rate_done, str(failed), *shares]


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    rates, seconds = ((5,), 2.0) if short else (RATES, SECONDS)
    async with staged(folder) as stage:
        await closed_loop(4, 8, Gateway(stage).call)
        rows = [await arrivals(stage, rate, seconds) for rate in rates]
    head = [
        *("calls a second that arrive", "wait for the SDP answer", "calls a second to the archive", "failed"),
        *("worker", "host and clients", "stand-ins"),
    ]
    text = (
        f"Calls arrive at random moments (Poisson) for {seconds:.0f} seconds at each rate, whether the ones before are "
        "answered or not. Waits are p50 / p95 / p99 in milliseconds. The rate to the archive counts the time until the "
        "last call is archived. The last three columns are shares of one core."
    )
    note = (
        "the host and the stand-ins share the cores that the worker does not have; near 100 % they are the bottleneck."
    )
    return Section("Calls that arrive at random", text, [Table(head, rows, note)])
