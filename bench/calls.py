"""Measures whole calls of all contenders in turn: how long the page waits, and what a call costs."""

import asyncio
import contextlib
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.contenders import LITELLM, Contender, Gateway, contenders
from bench.scene import LEAN
from bench.section import Section, Table, percentiles, three
from bench.stage import Stage, staged

CALLERS = (1, 8, 32)
ROUNDS = 2
HOST_NOTE = (
    "the gateway's waits contain the local host, which is Python; the column of the host's time contains the clients "
    "that make the load."
)
CONNECTIONS_NOTE = (
    "The connections are those to the service and to storage, the host's included. The how-to prints events and "
    "LiteLLM hears none; neither archives a call."
)
FAILURES = (RuntimeError, OSError, TimeoutError, aiohttp.ClientError)


@dataclass
class Measured:
    """Holds what one contender did for one number of callers."""

    waits: list[float] = field(default_factory=list)
    """Milliseconds until the answer, of each call."""
    failed: int = 0
    """How many calls failed; nothing else counts them."""
    seconds: float = 0.0
    cpu: float = 0.0
    host: float = 0.0
    operations: Counter[str] = field(default_factory=Counter)
    connections: Counter[str] = field(default_factory=Counter)

    @property
    def p(self) -> dict[str, float]:
        """Return p50, p95 and p99 of the waits."""
        return percentiles(self.waits)

    def each(self, seconds: float) -> float:
        """Return milliseconds for each call."""
        return 1000 * seconds / max(1, len(self.waits))


async def closed_loop(
    callers: int, calls: int, once: Callable[[], Awaitable[float]], found: Measured | None = None
) -> list[float]:
    """Let so many callers call one after the other, until there were so many calls; return what each of them took.

    Calls that fail are counted in `found`; without it, the first one that fails is raised.
    """
    left = iter(range(calls))
    waits: list[float] = []

    async def caller() -> None:
        for _ in left:
            try:
                waits.append(await once())
            except FAILURES:
                if found is None:
                    raise
                found.failed += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return waits


async def measure(stage: Stage, one: Contender, found: Measured, callers: int, calls: int) -> None:
    """Add a round of calls to what was found."""
    await stage.tally()
    with _clocked(one, found):
        found.waits += await closed_loop(callers, calls, one.call, found)
        began = time.perf_counter()
        await asyncio.sleep(one.settles)
        found.seconds -= time.perf_counter() - began
    tally = await stage.tally()
    found.operations.update(tally.operations)
    found.connections.update(tally.connections)


async def interleaved(
    stage: Stage, runners: list[Contender], callers: int, calls: int, rounds: int
) -> dict[str, Measured]:
    """Measure all contenders in turn, so that a busy moment of the machine hits all of them."""
    found = {one.name: Measured() for one in runners}
    for _ in range(rounds):
        for one in runners:
            await measure(stage, one, found[one.name], callers, max(callers, calls // rounds))
    return found


async def tokens(runners: list[Contender], callers: int, calls: int, rounds: int) -> dict[str, Measured]:
    """Measure how long a page waits for an ephemeral token."""
    found = {one.name: Measured() for one in runners}
    for _ in range(rounds):
        for one in runners:
            with _clocked(one, found[one.name]):
                many = max(callers, calls // rounds)
                found[one.name].waits += await closed_loop(callers, many, one.token, found[one.name])
    return found


@contextlib.contextmanager
def _clocked(one: Contender, found: Measured) -> Iterator[None]:
    cpu, host, began = one.cpu(), time.process_time(), time.perf_counter()
    yield
    found.seconds += time.perf_counter() - began
    found.cpu += one.cpu() - cpu
    found.host += time.process_time() - host


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    callers, rounds, long = ((1, 8), 1, 20) if short else (CALLERS, ROUNDS, 2000)
    async with staged(folder) as stage, contenders(stage, folder, litellm=LITELLM.exists()) as runners:
        for one in list(runners):
            try:
                await closed_loop(2, 4, one.call)
                await one.token()
            except FAILURES:
                if one.name in ("direct", "gateway"):
                    raise
                traceback.print_exc()
                runners.remove(one)
        whole = {n: await interleaved(stage, runners, n, 8 if short else 24 + 8 * n, rounds) for n in callers}
        minted = {n: await tokens(runners, n, 8 if short else 40 + 10 * n, rounds) for n in callers}
    lean: dict[int, Measured] = {}
    core = Measured()
    (folder / "lean").mkdir()
    async with staged(folder / "lean", LEAN) as stage:
        gateway = Gateway(stage)
        await closed_loop(2, 4, gateway.call)
        for n in callers:
            await measure(stage, gateway, lean.setdefault(n, Measured()), n, 8 if short else 24 + 8 * n)
        before, standins = stage.instance.worker.memory() / 1e6, stage.cpu()[2]
        await measure(stage, gateway, core, 8 if short else 64, long)
        after, standins = stage.instance.worker.memory() / 1e6, stage.cpu()[2] - standins
    names = [one.name for one in runners]
    most, kept_up = whole[callers[-1]]["gateway"], len(core.waits) / core.cpu
    others = (core.host + standins) / core.seconds
    text = (
        "Each caller begins the next call when the last one is over: archived, for the gateway. The contenders take "
        "turns. Waits are p50 / p95 / p99 in milliseconds. A call has one turn of about 25 events, and lasts a second; "
        "the aims for its cost are for calls of 8 events, which are those that the record of a turn is made of."
    )
    missing = {"how-to", "LiteLLM"} - set(names)
    if missing:
        text += f" **Not installed here, or did not work, and so not measured: {', '.join(sorted(missing))}.**"
    tables = [
        _waits("callers", "wait for the SDP answer", whole, names),
        _waits("callers", "wait for an ephemeral token", minted, names),
        _ratios(whole, names),
        _costs(whole, minted, names),
        _by_events(whole, lean),
        _storage(most),
        Table(
            [f"{long:,} calls of 8 events, of 64 callers", ""],
            [
                ["calls a second to the archive", f"{len(core.waits) / core.seconds:.1f}"],
                ["worker: share of its core", f"{core.cpu / core.seconds:.0%}"],
                [
                    "host, clients and stand-ins: share of the other core",
                    f"{others:.0%}",
                ],
                ["calls a second that the worker's core keeps up with, by that", f"{kept_up:.0f}"],
                ["worker: resident memory before", f"{before:.0f} MB"],
                ["worker: resident memory afterwards", f"{after:.0f} MB"],
            ],
            "the other core, which is full before the worker's is. So what the worker's core keeps up with is computed "
            "from its share.",
        ),
    ]
    figures = {
        "cpu_ms": lean[callers[-1]].each(lean[callers[-1]].cpu),
        "token_cpu_ms": max(one["gateway"].each(one["gateway"].cpu) for one in minted.values()),
        **_added("added", whole),
        **_added("token_added", minted),
        "operations": sum(most.operations.values()) / len(most.waits),
        "rate": kept_up,
        "memory_mb": after,
    }
    return Section("Whole calls", text, tables, figures)


def _added(name: str, found: dict[int, dict[str, Measured]]) -> dict[str, float]:
    """Return what the gateway adds to asking the service directly, in milliseconds, by percentile and callers."""
    return {
        f"{name}_{which}_{callers}": one["gateway"].p[which] - one["direct"].p[which]
        for callers, one in found.items()
        for which in ("p50", "p99")
    }


def _waits(first: str, what: str, found: dict[int, dict[str, Measured]], names: list[str]) -> Table:
    rows = []
    for callers, one in found.items():
        direct = one["direct"].p
        added = {name: value - direct[name] for name, value in one["gateway"].p.items()}
        rows.append([str(callers), *(three(one[name].p) for name in names), three(added, "+")])
    return Table([f"{first}: {what}", *names, "the gateway adds to direct"], rows, HOST_NOTE)


def _ratios(found: dict[int, dict[str, Measured]], names: list[str]) -> Table:
    others = [name for name in names if name not in ("direct", "gateway", "empty functions")]
    rows = [
        [str(callers), *(_ratio(one["gateway"].p, one[name].p) for name in others)] for callers, one in found.items()
    ]
    head = ["callers: the gateway's wait for the SDP answer, divided by that of", *others]
    return Table(head, rows, "the waits of all contain the time of the service.")


def _ratio(ours: dict[str, float], theirs: dict[str, float]) -> str:
    return " / ".join(f"{ours[name] / theirs[name]:.2f}" for name in ours)


def _costs(whole: dict[int, dict[str, Measured]], minted: dict[int, dict[str, Measured]], names: list[str]) -> Table:
    rows = []
    for callers, one in whole.items():
        for name in names:
            call, token = one[name], minted[callers][name]
            connections = sum(call.connections.values()) / max(1, len(call.waits))
            own = (
                [f"{call.each(call.cpu):.1f} ms", f"{token.each(token.cpu):.1f} ms"] if name != "direct" else ["-", "-"]
            )
            rate = f"{len(call.waits) / call.seconds:.1f}"
            rows.append(
                [
                    f"{callers}, {name}",
                    *own,
                    f"{call.each(call.host):.1f} ms",
                    rate,
                    f"{connections:.2f}",
                    str(call.failed),
                ]
            )
    head = [
        *("callers", "CPU of a whole call", "CPU of a token", "CPU of the host and the clients, a call"),
        *("calls a second", "connections opened, a call", "failed"),
    ]
    return Table(head, rows, f"{HOST_NOTE} {CONNECTIONS_NOTE}")


def _by_events(whole: dict[int, dict[str, Measured]], lean: dict[int, Measured]) -> Table:
    rows = [
        [str(callers), f"{few.each(few.cpu):.1f} ms", f"{one.each(one.cpu):.1f} ms"]
        for callers, few in lean.items()
        for one in [whole[callers]["gateway"]]
    ]
    return Table(["callers", "CPU of a call of 8 events", "CPU of a call of 25 events"], rows, "nothing.")


def _storage(found: Measured) -> Table:
    rows = [[f"`{name}`", f"{count / len(found.waits):.2f}"] for name, count in sorted(found.operations.items())]
    kept = [row for row in rows if float(row[1]) >= 0.05]
    return Table(["storage operation", "for each call"], kept, "`get_messages` and `delete_message` are the host's.")
