"""Measures many calls that talk at the same time, observed by one process until their limit ends them."""

import asyncio
import time
import traceback
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.calls import closed_loop
from bench.evidence import Evidence
from bench.scene import TALK
from bench.section import Section, Table, percentiles
from bench.stage import Stage, staged

CONNECTING = 16
"""So many callers begin calls at the same time."""


@dataclass(frozen=True)
class Load:
    """Says how many calls there are, and how long each may last; the last must begin well before the first ends."""

    calls: int
    limit: int
    """Seconds."""
    window: float
    """For so many seconds, while all calls are up, processor time and lags are measured."""


LOADS = (Load(256, 60, 20.0), Load(1000, 110, 20.0))
SHORT = (Load(4, 12, 2.0),)


@dataclass
class Seen:
    """Holds what was measured around the calls. CPU is in shares of a core, memory in bytes."""

    answered: dict[str, float] = field(default_factory=dict)
    """When each call's page had its SDP answer, in Unix seconds."""
    memory: float = 0.0
    shares: tuple[float, ...] = ()
    """Of the worker, of the host, and of the stand-ins."""
    lags: list[float] = field(default_factory=list)
    operations: float = 0.0
    """Storage operations a second for each call, while it talks."""


async def observe(stage: Stage, load: Load) -> tuple[Seen, list[Evidence]]:
    """Begin the calls, look while all of them talk, and wait until their limit has ended them."""
    worker, seen = stage.instance.worker, Seen()

    async def begin() -> float:
        call_id = await stage.connect(uuid.uuid4().hex)
        seen.answered[call_id] = time.time()
        return 0.0

    first, few = time.time(), max(1, load.calls // 16)
    await closed_loop(CONNECTING, few, begin)
    await asyncio.sleep(min(2.0, load.limit / 10))
    # What the first calls load and open is not what a call more needs.
    before = worker.memory()
    await closed_loop(CONNECTING, load.calls - few, begin)
    await asyncio.sleep(min(5.0, load.limit / 10))
    await asyncio.gather(worker.loop_lags(), stage.tally())
    cpu, began = stage.cpu(), time.perf_counter()
    await asyncio.sleep(load.window)
    took = time.perf_counter() - began
    if time.time() > first + load.limit:
        raise RuntimeError(f"{load.calls} calls could not begin before the first of them reached its limit")
    seen.shares = tuple((after - start) / took for start, after in zip(cpu, stage.cpu(), strict=True))
    seen.lags = await worker.loop_lags()
    seen.operations = sum((await stage.tally()).operations.values()) / took / load.calls
    seen.memory = (worker.memory() - before) / (load.calls - few)
    last = max(seen.answered.values())
    await asyncio.sleep(max(0.0, last + load.limit - time.time()))
    await asyncio.gather(*map(stage.archived, seen.answered))
    evidence = [one for one in await stage.evidence() if one.call_id in seen.answered]
    return seen, evidence


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    found: list[list[str]] = []
    figures: dict[str, float] = {}
    for load in SHORT if short else LOADS:
        limits = {"MAX_CALL_SECONDS": str(load.limit), "MAX_IDLE_SECONDS": "300"}
        own = folder / str(load.calls)
        own.mkdir()
        try:
            async with staged(own, msgspec.structs.replace(TALK, threshold=load.calls, env=limits)) as stage:
                seen, evidence = await observe(stage, load)
        except (RuntimeError, TimeoutError):
            # The other loads are worth their measurement.
            traceback.print_exc()
            found.append(["not measured" for _ in LABELS])
            continue
        found.append(column(load, seen, evidence))
        figures |= {f"{name}_{load.calls}": value for name, value in figures_of(load, seen, evidence).items()}
        print(*lost_events(evidence), sep="\n")
    if not figures:
        raise RuntimeError("no load could be measured")
    worst = ("share", "memory", "memory_kb", "operations", "attached_p95", "late_most", "lost")
    figures |= {one: max(value for name, value in figures.items() if name.rpartition("_")[0] == one) for one in worst}
    text = (
        "The calls talk as recorded traffic of Azure's service suggests: in 16 seconds the caller speaks for 4, the "
        "model answers 25 words in 37 deltas, and 20 further events belong to the turn. All are observed by one worker "
        "process over TLS until `MAX_CALL_SECONDS` ends them. By `host.json` an instance takes 256 calls; the one here "
        "may take all. *Durable* is the time from an event's sending until storage has it, storage's own 5 ms "
        "included; the journal is written in groups, which is most of it. *Lost* are events of what was billed and "
        "what the caller said that came after the observer had attached, and are in no journal; the call summary "
        "should note a gap around them. A call that ended before its observer came has one gap from beginning to end, "
        "and is counted by itself. Memory includes TLS."
    )
    head = ["", *(f"{load.calls:,} calls" for load in (SHORT if short else LOADS))]
    rows = [list(row) for row in zip(LABELS, *found, strict=True)]
    note = (
        "the time to *attached* contains the host's poll of the queue, every half second at the most; the service and "
        "storage are stand-ins, and near 100 % of a core they are the bottleneck."
    )
    return Section("Observers", text, [Table(head, rows, note)], figures)


def figures_of(load: Load, seen: Seen, evidence: list[Evidence]) -> dict[str, float]:
    """Return the figures of a load that other parts and the aims use. Times are in milliseconds."""
    return {
        "share": seen.shares[0] / load.calls,
        "memory": seen.memory,
        "memory_kb": seen.memory / 1000,
        "operations": seen.operations,
        "attached_p95": percentiles(_attaching(seen, evidence))["p95"],
        "late_most": 1000 * max(_late(load, evidence), default=float("nan")),
        "lost": sum(len(one.lost) for one in evidence),
    }


def lost_events(evidence: list[Evidence]) -> list[str]:
    """Say of each lost event when it was sent, and whether the record admits it."""
    return [
        f"lost: {lost.kind} of {one.call_id}, {lost.at - one.created:.1f} s after its beginning and "
        f"{(one.hung_up or lost.at) - lost.at:.1f} s before the hang-up, {'in a' if lost.noted else 'in no'} noted gap"
        for one in evidence
        for lost in one.lost
    ]


def _attaching(seen: Seen, evidence: list[Evidence]) -> list[float]:
    return [1000 * (one.attached - seen.answered[one.call_id]) for one in evidence if one.attached]


def _late(load: Load, evidence: list[Evidence]) -> list[float]:
    return [one.hung_up - one.created - load.limit for one in evidence if one.hung_up]


LABELS = (
    "events a second for each call",
    "worker: share of one core",
    "host and clients: share of one core",
    "stand-ins: share of one core",
    "worker: CPU of a call for each second",
    "worker: memory of a call",
    "storage operations a second for each call",
    "event to durable, p50 / p99",
    "lag of the worker's event loop, p50 / p99 / longest",
    "201 to attached, p50 / p95",
    "hang-up after its limit was due, p50 / longest",
    "calls that the limit ended",
    "calls that ended before their observer came",
    "events lost, of them in a noted gap",
)


def column(load: Load, seen: Seen, evidence: list[Evidence]) -> list[str]:
    """Return the column of the table for a load."""
    durable = percentiles([lag for one in evidence for lag in one.lags])
    lag = percentiles(seen.lags)
    attached, late = percentiles(_attaching(seen, evidence)), _late(load, evidence)
    lost = [event for one in evidence for event in one.lost]
    events = sum(one.events for one in evidence) / load.calls / load.limit
    worker, host, standins = seen.shares
    return [
        f"{events:.1f}",
        *(f"{100 * share:.0f} %" for share in (worker, host, standins)),
        f"{1000 * worker / load.calls:.2f} ms",
        f"{seen.memory / 1000:.0f} KB",
        f"{seen.operations:.1f}",
        f"{durable['p50']:.0f} / {durable['p99']:.0f} ms",
        f"{lag['p50']:.1f} / {lag['p99']:.1f} / {max(seen.lags):.0f} ms",
        f"{attached['p50']:.0f} / {attached['p95']:.0f} ms",
        f"{1000 * percentiles(late)['p50']:.0f} / {1000 * max(late, default=float('nan')):.0f} ms",
        f"{len(late)} of {len(evidence)}",
        f"{sum(one.attached is None for one in evidence)}",
        f"{len(lost)}, {sum(event.noted for event in lost)}",
    ]
