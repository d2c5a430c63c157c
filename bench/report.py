"""Writes docs/performance.md from measured figures."""

from dataclasses import dataclass

from bench.calls import Figures
from bench.stage import Scene


@dataclass(frozen=True)
class Machine:
    """Says where and when was measured."""

    date: str
    processor: str
    load: str


@dataclass(frozen=True)
class Row:
    """One number of callers: the service asked directly, the gateway, and the service of the how-to."""

    callers: int
    direct: dict[str, float]
    gateway: Figures
    article: dict[str, float]
    article_cpu: float


HEAD = """# Performance

`make bench` measured these figures on {date} and wrote this page: {processor}; {load}.
A load above 1 means that other work disturbed the measurement.

## How to read it

The gateway runs on the worker library of the platform (azure-functions-runtime), pinned to one core. The service is a
stand-in over TLS that takes {mint:.0f} ms for a client secret and {answer:.0f} ms for an SDP answer. Storage is a
stand-in in memory that takes {storage:.0f} ms for each operation. The stand-ins and the host's half run on the other
cores. Waits contain the local host; processor time is the worker's alone. Each caller begins its next call when the
last one is archived. A call has one turn of about 25 events and lasts two seconds.

*Direct* is a client that asks the service itself, on warm connections: a client secret, then the offer. The gateway can
be faster, because it uses a client secret again. *How-to* is a plain service that makes both requests for each offer,
each on a new TLS connection, and listens on a thread for each call. It keeps no limits and no record, asks for no Entra
token, and has no host before it."""


def page(
    machine: Machine,
    scene: Scene,
    rows: list[Row],
    memory: list[Figures],
    long: int,
    starts: dict[str, float],
    folds: dict[int, tuple[int, float]],
) -> str:
    """Return the page. `long` is how many calls lie between the two figures of `memory`."""
    times = {name: 1000 * getattr(scene, name) for name in ("mint", "answer", "storage")}
    parts = [
        HEAD.format(date=machine.date, processor=machine.processor, load=machine.load, **times),
        "## What the page waits for its SDP answer\n\np50 / p95 / p99 in milliseconds.",
        _table(
            ("callers", "direct", "gateway", "the gateway adds", "how-to"),
            [
                (str(row.callers), _three(row.direct), _three(row.gateway.waits), _added(row), _three(row.article))
                for row in rows
            ],
        ),
        "## What a call costs\n\nProcessor time of one core. The rate is that of these callers.",
        _table(
            ("callers", "gateway, connect to archive", "how-to, connect and listen", "calls a second to the archive"),
            [
                (str(row.callers), f"{row.gateway.cpu:.0f} ms", f"{row.article_cpu:.0f} ms", f"{row.gateway.rate:.1f}")
                for row in rows
            ],
        ),
        "## Storage operations of a call\n\nWith the host's: `get_messages`, `delete_message`, a `put_message`.",
        _table(
            ("operation", "for each call"),
            [(f"`{name}`", f"{count:.1f}") for name, count in rows[-1].gateway.operations.items() if count >= 0.05],
        ),
        f"## Memory of the worker\n\n{memory[0].memory:.0f} MB, and {memory[1].memory:.0f} MB after {long} more calls.",
        "## Cold start\n\nEach in a new process, less the time of a process that does nothing.",
        _table(("", "milliseconds"), [(f"importing {name}", f"{value:.0f}") for name, value in starts.items()]),
        "## The archive\n\nThe fold of a journal is linear if the time for a line stays about the same.",
        _table(
            ("turns", "lines", "fold", "for each line"),
            [
                (str(turns), str(lines), f"{1000 * seconds:.1f} ms", f"{1e6 * seconds / lines:.1f} µs")
                for turns, (lines, seconds) in folds.items()
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _added(row: Row) -> str:
    return " / ".join(f"{row.gateway.waits[name] - row.direct[name]:+.0f}" for name in ("p50", "p95", "p99"))


def _three(values: dict[str, float]) -> str:
    return " / ".join(f"{values[name]:.0f}" for name in ("p50", "p95", "p99"))


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
