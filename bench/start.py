"""Measures how long a cold start takes: importing and indexing the app, and the first token after the start."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.contenders import LITELLM, Contender, Gateway, HowTo, LiteLlm, how_to_server, litellm_server
from bench.section import Section, Table
from bench.stage import EXAMPLE, cores, staged
from tests.app.runtime_worker import PYTHON
from tests.processes import ROOT, free_port

ALONE = "import azure.functions"
APP_ROW = "importing and indexing the app"
APP = "import sys; sys.path.append('.'); import function_app; function_app.app.get_functions()"


def milliseconds(code: str) -> float:
    """Return how long a new process of the worker's Python takes for the code, on the worker's core."""
    began = time.perf_counter()
    command = ["taskset", "-c", cores()[0], str(PYTHON), "-c", code]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **EXAMPLE}, check=True, capture_output=True)  # noqa: S603
    return 1000 * (time.perf_counter() - began)


def imports(runs: int) -> dict[str, float]:
    """Return the medians, each less the time of a process that does nothing, in turn."""
    codes = {"nothing": "", ALONE: ALONE, APP_ROW: APP}
    for code in codes.values():
        milliseconds(code)
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(runs):
        for name, code in codes.items():
            taken[name].append(milliseconds(code))
    nothing = statistics.median(taken.pop("nothing"))
    return {name: statistics.median(values) - nothing for name, values in taken.items()}


async def first_tokens(folder: Path) -> dict[str, list[float]]:
    """Start each contender and ask it for two tokens.

    Return the seconds that its start, the first and the second token took, by its name.
    """
    async with staged(folder) as stage:
        found = {"gateway": await _tokens(Gateway(stage), stage.started)}
        servers: list[tuple[Callable[..., Contender], Any]] = [(HowTo, how_to_server)]
        if LITELLM.exists():
            servers.append((LiteLlm, litellm_server))
        for build, server in servers:
            port, began = free_port(), time.perf_counter()
            with server(port, stage.service_url, stage.authority, folder / f"{port}.log") as process:
                one = build(stage, f"http://127.0.0.1:{port}", process.pid)
                found[one.name] = await _tokens(one, time.perf_counter() - began)
    return found


async def _tokens(one: Contender, started: float) -> list[float]:
    return [started, await one.token() / 1000, await one.token() / 1000]


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    taken = imports(1 if short else 9)
    alone = taken[ALONE]
    rows = [[name, f"{value:.0f} ms", f"{value / alone:.2f}"] for name, value in taken.items()]
    text = (
        "Imports are medians of new processes of the worker's Python, less the time of one that does nothing. The "
        "first token contains the 80 ms that the service takes for a client secret."
    )
    tokens = await first_tokens(folder)
    waits = [
        [name, *(f"{value:.2f} s" for value in (started, first, second, started + first))]
        for name, (started, first, second) in tokens.items()
    ]
    tables = [
        Table(["import", "time", "ratio"], rows, f"`{ALONE}`, which every app for this platform needs."),
        Table(
            ["contender", "start of its process", "first token", "second token", "start and first token"],
            waits,
            "the start of a machine, of the real host and of its container, which Azure adds.",
        ),
    ]
    figures = {"ratio": taken[APP_ROW] / alone, "first_token": tokens["gateway"][1]}
    return Section("Cold start", text, tables, figures)
