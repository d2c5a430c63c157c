"""Whole calls, from the offer to the archive: how long the page waits, and what a call costs.

.venv/bin/python -m bench.calls [--callers 8] [--calls 100]
"""

import argparse
import asyncio
import tempfile
import time
import uuid
from pathlib import Path

from bench.stage import Scene, Stage, percentiles, staged

PATIENCE_SECONDS = 60.0


async def whole_calls(stage: Stage, callers: int, calls: int) -> dict[str, float]:
    """Let so many callers make calls, one after the other, each to its archive, and return the figures."""
    waits: list[float] = []
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            began = time.perf_counter()
            call_id = await stage.connect(uuid.uuid4().hex)
            waits.append(1000 * (time.perf_counter() - began))
            deadline = began + PATIENCE_SECONDS
            while call_id not in stage.instance.archived:
                if time.perf_counter() > deadline:
                    raise RuntimeError(f"{call_id} was not archived")
                await asyncio.sleep(0.02)

    await stage.operations()
    cpu, began = stage.instance.worker.cpu(), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    took = time.perf_counter() - began
    figures = {"cpu_ms": 1000 * (stage.instance.worker.cpu() - cpu) / calls, "calls_s": calls / took}
    figures |= {f"connect_{name}": value for name, value in percentiles(waits).items()}
    figures["memory_mb"] = stage.instance.worker.memory() / 1e6
    operations = await stage.operations()
    return figures | {name: count / calls for name, count in sorted(operations.items())}


async def main() -> None:
    """Measure and print one row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--callers", type=int, nargs="*", default=[8])
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--command", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(turns=options.turns, command=tuple(options.command.split()))
        async with staged(Path(folder), scene) as stage:
            await whole_calls(stage, 4, 20)
            for callers in options.callers:
                figures = await whole_calls(stage, callers, options.calls)
                print(callers, {name: round(value, 2) for name, value in figures.items()}, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
