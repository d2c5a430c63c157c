"""Holds a run for each seed and says what was wrong; ends with 1 when anything was."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.app.runtime_worker import PYTHON
from tests.chaos.plan import Limits, planned
from tests.chaos.report import findings, report
from tests.chaos.run import Options, Run


def main() -> int:
    """Run the seeds one after the other; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.chaos")
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--every", type=float, default=1.3, help="seconds between two calls, about")
    parser.add_argument("--instances", type=int, default=3)
    parser.add_argument("--max-call", type=int, default=100, help="MAX_CALL_SECONDS")
    parser.add_argument("--max-idle", type=int, default=12, help="MAX_IDLE_SECONDS")
    parser.add_argument("--calm", type=float, default=6.0, help="seconds between two gusts, about")
    parser.add_argument("--rest", type=float, default=2.0, help="seconds between two kills, about")
    parser.add_argument("--settle", type=float, default=240.0, help="seconds in which everything must come right")
    parser.add_argument("--mild", action="store_true", help="no instance dies; the rest is as bad as ever")
    parser.add_argument("--logs", type=Path, help="folder for the workers' logs; a temporary one otherwise")
    parser.add_argument("--everything", action="store_true", help="name every call that something is wrong with")
    given = parser.parse_args()
    if not PYTHON.exists():
        print("There is no .venv-runtime: make .venv-runtime/.done, with a Python 3.13 or newer.")
        return 2
    guilty = 0
    for seed in given.seed:
        with tempfile.TemporaryDirectory() as temporary:
            folder = (given.logs or Path(temporary)) / f"seed-{seed}"
            folder.mkdir(parents=True, exist_ok=True)
            limits, deadly = Limits(given.max_call, given.max_idle), not given.mild
            plan = planned(seed, given.calls, given.every, limits, given.calm, deadly=deadly)
            options = Options(given.instances, given.settle, given.rest, folder, kills=deadly)
            print(f"seed {seed}: {given.calls} calls in {plan.seconds:.0f} s, {len(plan.gusts)} gusts", flush=True)
            outcome = asyncio.run(Run(plan, options).hold())
            print(report(outcome, folder, everything=given.everything), flush=True)
            guilty += bool(findings(outcome))
    return 1 if guilty else 0


if __name__ == "__main__":
    sys.exit(main())
