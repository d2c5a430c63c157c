"""Sends the odd requests of a seed and says what was wrong with the answers; ends with 1 when anything was."""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.app.runtime_worker import PYTHON
from tests.fuzz.run import fuzz

MOST_GROWTH = 24 * 2**20


def main() -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.fuzz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--logs", type=Path, help="folder for the workers' logs; a temporary one otherwise")
    given = parser.parse_args()
    if not PYTHON.exists():
        print("There is no .venv-runtime: make .venv-runtime/.done, with a Python 3.13 or newer.")
        return 2
    # The host's HTTP server tells of each request that it cannot read.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.logs or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(fuzz(given.seed, given.requests, folder))
    print(f"{given.requests} requests of seed {given.seed} in {result.seconds:.0f} s; slowest {result.slowest:.1f} s")
    print("answers:", ", ".join(f"{count} × {status}" for status, count in sorted(result.statuses.items())))
    for name, sizes in (("after the warm-up", result.warm), ("at the end", result.after)):
        print(f"memory {name}:", ", ".join(f"{size / 2**20:.1f} MiB" for size in sizes))
    for what, count in Counter(what for _, what, _ in result.offences).most_common():
        print(f"{count} × {what}")
    for number, what, sent in result.offences[:20]:
        print(f"  request {number}: {what}\n    {sent!r}")
    for error, count in result.raised.most_common(20):
        print(f"raised {count} ×: {error}")
    grown = result.growth > MOST_GROWTH
    return 1 if result.offences or result.raised or grown else 0


if __name__ == "__main__":
    sys.exit(main())
