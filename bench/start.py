"""How long a cold start takes: importing and indexing the app, beside importing azure.functions alone.

.venv/bin/python -m bench.start [--runs 7]
"""

import argparse
import os
import statistics
import subprocess
import time

from bench.stage import EXAMPLE, cores
from tests.app.runtime_worker import PYTHON
from tests.processes import ROOT

ALONE = "import azure.functions"
APP = "import sys; sys.path.append('.'); import function_app; function_app.app.get_functions()"


def milliseconds(code: str) -> float:
    """Return how long a new process of the worker's Python takes for the code, on the worker's core."""
    began = time.perf_counter()
    command = ["taskset", "-c", cores()[0], str(PYTHON), "-c", code]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **EXAMPLE}, check=True, capture_output=True)  # noqa: S603
    return 1000 * (time.perf_counter() - began)


def cold_start(runs: int) -> dict[str, float]:
    """Return the medians, each less the time of a process that does nothing, in turn."""
    codes = {"nothing": "", "azure.functions": ALONE, "the app": APP}
    for code in codes.values():
        milliseconds(code)
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(runs):
        for name, code in codes.items():
            taken[name].append(milliseconds(code))
    nothing = statistics.median(taken.pop("nothing"))
    return {name: statistics.median(values) - nothing for name, values in taken.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=7)
    for name, value in cold_start(parser.parse_args().runs).items():
        print(f"{name:>20} {value:8.0f} ms")


if __name__ == "__main__":
    main()
