"""Writes docs/performance.md from the sections that the parts of the benchmark gave."""

import os
import platform
import textwrap
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench import aims
from bench.scene import BUSY
from bench.section import Section, Table

HEAD = """# Performance

`make bench` measured these figures and wrote this page. They come from {machine}, and not from Azure. The table at the
end says when each part ran, and how busy the machine was before it: a load above 0.5 means that other work disturbed
the measurement.

{aims}

Each section begins with its own aims. *Added* is how much longer a page waits than a client that asks the
service itself; below zero it waits less.

## How to read it

The gateway runs on the worker library of the platform (azure-functions-runtime), pinned to one core. The service is a
stand-in over TLS that takes {mint:.0f} ms for a client secret and {answer:.0f} ms for an SDP answer. Storage is a
stand-in in memory that takes {storage:.0f} ms for each operation. The stand-ins and the host's half run on the other
cores. Under each table stands what in its figures is not the product. Compare ratios rather than milliseconds: another
machine has other milliseconds.

- *direct* is a client that asks the service itself, on warm connections: a client secret, then the offer. The gateway
  can be faster, because it uses a client secret again.
- *gateway* is this project. Its calls are counted until they are archived.
- *empty functions* is an app on the same worker library whose functions do nothing. It is asked for as many functions
  as a call of the gateway: connect, the observer, the archive. So its figures are the platform's part of the gateway's,
  and no gateway on this platform needs less.
- *how-to* is a plain service that follows Microsoft's how-to: for each offer it builds a credential and makes both
  requests, each on a new TLS connection, and it listens on a thread for each call. It keeps no limits and no record,
  and has no host before it.
- *LiteLLM* is the LiteLLM proxy, with one model and without a database. It relays client secrets and offers, and
  observes no call. `requirements-litellm.txt` says which version."""


@dataclass(frozen=True)
class Machine:
    """Says where was measured."""

    processor: str
    cores: int
    kernel: str

    def __str__(self) -> str:
        return f"a machine with {self.cores} cores ({self.processor}, Linux {self.kernel})"


def machine() -> Machine:
    """Return this machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return Machine(
        next(named, platform.machine()), len(os.sched_getaffinity(0)), platform.release().split("-", maxsplit=1)[0]
    )


def page(machine: Machine, measured: dict[str, Section], computed: Section) -> str:
    """Return the page. `measured` are the sections of the parts by their names, and `computed` follows from them."""
    sections = [*(_with_aims(part, one) for part, one in measured.items()), computed]
    rows = [[one.title, one.when, f"{one.load:.1f}", f"{one.took:.0f} s"] for one in sections if one.when]
    whole = f"{sum(one.took for one in sections) / 60:.0f} minutes"
    ran = Table(["part", "measured on", "load before it", "took"], [*rows, ["all", "", "", whole]])
    when = Section(
        "When this was measured",
        '`make bench PARTS="calls archive"` measures these parts anew, and leaves the others as they are.',
        [ran],
    )
    times = {name: 1000 * getattr(BUSY, name) for name in ("mint", "answer", "storage")}
    parts = [
        HEAD.format(machine=machine, aims=aims.told(measured), **times),
        *(one.markdown() for one in [*sections, when]),
    ]
    return "\n\n".join(map(_wrapped, "\n\n".join(parts).split("\n\n"))) + "\n"


def _with_aims(part: str, section: Section) -> Section:
    """Put the table of the aims before the others."""
    table = aims.table(part, section.figures)
    return msgspec.structs.replace(section, tables=[table, *section.tables]) if table else section


def _wrapped(block: str) -> str:
    return block if block.startswith(("#", "|", "- ")) else textwrap.fill(block, 120)
