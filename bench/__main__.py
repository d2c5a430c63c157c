"""Runs the benchmark and rewrites docs/performance.md.

make bench                                   takes some minutes; nothing else should run on the machine
.venv/bin/python -m bench --calls 20 --out /tmp/performance.md
"""

import argparse
import asyncio
import datetime
import os
import platform
import tempfile
from pathlib import Path

from bench import report
from bench.calls import Figures, article, direct, gateway
from bench.folding import fold_seconds
from bench.stage import Scene, Stage, staged
from bench.start import cold_start
from tests.processes import ROOT

CALLERS = (1, 8, 32)
# A call of the stand-in has ended so long after its last answer.
CALL_SECONDS = 4.0


async def rows(stage: Stage, folder: Path, callers: tuple[int, ...], calls: int) -> list[report.Row]:
    """Measure the three ways for each number of callers, one after the other, so that a busy moment hits all."""
    found = []
    for number in callers:
        many = max(calls, 2 * number)
        asked = await direct(stage, number, many)
        theirs = await article(stage, folder / "article.log", number, many, CALL_SECONDS)
        found.append(report.Row(number, asked, await gateway(stage, number, many), *theirs))
    return found


async def measure(
    folder: Path, callers: tuple[int, ...], calls: int, long: int
) -> tuple[list[report.Row], list[Figures]]:
    """Return the rows, and the figures before and after `long` more calls."""
    async with staged(folder, Scene()) as stage:
        await gateway(stage, 4, min(16, calls))
        found = await rows(stage, folder, callers, calls)
        before = await gateway(stage, 8, min(8, calls))
        after = await gateway(stage, 64, long) if long else before
        return found, [before, after]


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--callers", type=int, nargs="*", default=CALLERS)
    parser.add_argument("--calls", type=int, default=200, help="calls of each measurement")
    parser.add_argument("--long", type=int, default=2000, help="calls after which memory is looked at again")
    parser.add_argument("--starts", type=int, default=9, help="cold starts")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/performance.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        measured, memory = asyncio.run(measure(Path(folder), tuple(options.callers), options.calls, options.long))
    machine = report.Machine(
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}",
        f"load {os.getloadavg()[0]:.1f} at the end",
    )
    page = report.page(machine, Scene(), measured, memory, options.long, cold_start(options.starts), fold_seconds())
    options.out.write_text(page)
    print(page)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
