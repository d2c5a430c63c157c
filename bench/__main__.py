"""Runs the benchmark and rewrites docs/performance.md.

make bench                                   about a quarter of an hour; nothing else should run on the machine
.venv/bin/python -m bench calls archive      only these parts; the page keeps what it knows of the others
.venv/bin/python -m bench --short --results /tmp/results --out /tmp/performance.md
"""

import argparse
import asyncio
import datetime
import os
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from bench import arrivals, calls, connects, folding, growth, observers, operators, page_start, report, start, telemetry
from bench.section import Section
from tests.processes import ROOT

Part = Callable[..., Awaitable[Section]]
PARTS: dict[str, tuple[Part, float]] = {
    "calls": (calls.part, 600),
    "connect": (connects.part, 90),
    "arrivals": (arrivals.part, 240),
    "observers": (observers.part, 600),
    "archive": (folding.part, 90),
    "start": (start.part, 180),
    "page": (page_start.part, 240),
    "operators": (operators.part, 300),
    "telemetry": (telemetry.part, 180),
}
"""The parts that measure, each with the seconds after which it is given up."""


def run(name: str, *, short: bool) -> Section:
    """Run a part. If it fails or takes too long, its section says so, and the other parts are measured all the same."""
    part, patience = PARTS[name]
    load, began = os.getloadavg()[0], time.perf_counter()

    async def patient(folder: str) -> Section:
        async with asyncio.timeout(patience):
            return await part(Path(folder), short=short)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            section = asyncio.run(patient(folder))
        except Exception as error:  # noqa: BLE001  whatever it is, the other parts are measured
            traceback.print_exc()
            text = f"**This part could not be measured (`{type(error).__name__}`).** The benchmark's output says more."
            section = Section(name.capitalize(), text, failed=True)
    section.took, section.load = time.perf_counter() - began, load
    section.when = datetime.datetime.now(datetime.UTC).date().isoformat()
    return section


def main() -> int:
    """Measure, and write the page. Return how many parts failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without any")
    parser.add_argument("--short", action="store_true", help="see whether it runs; the figures say nothing")
    parser.add_argument("--results", type=Path, default=ROOT / "test-results/bench", help="what was measured, as JSON")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/performance.md")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    options.results.mkdir(parents=True, exist_ok=True)
    began, failed = time.perf_counter(), 0
    for name in options.parts or PARTS:
        print(f"{name}: measuring", flush=True)
        section = run(name, short=options.short)
        file = options.results / f"{name}.json"
        file.write_bytes(msgspec.json.encode(section))
        failed += section.failed
        print(f"{section.markdown()}\n\n{name}: {section.took:.0f} s\n", flush=True)
    measured = stored(options.results)
    computed = growth.section({name: one.figures for name, one in measured.items()})
    options.out.write_text(report.page(report.machine(), measured, computed))
    print(f"{options.out}: all of it took {time.perf_counter() - began:.0f} s; {failed} parts failed")
    return failed


def stored(results: Path) -> dict[str, Section]:
    """Return the last result of each part, in the order of the page. What was never measured says so."""
    files = {name: results / f"{name}.json" for name in PARTS}
    return {
        name: msgspec.json.decode(file.read_bytes(), type=Section)
        if file.exists()
        else Section(name.capitalize(), f"**Not measured yet: `make bench PARTS={name}`**", failed=True)
        for name, file in files.items()
    }


if __name__ == "__main__":
    raise SystemExit(main())
