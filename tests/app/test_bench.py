"""Tests that the benchmark runs to its end. What it measures in so short a time says nothing."""

import asyncio
from pathlib import Path

import pytest

from bench import report
from bench.__main__ import measure
from bench.folding import fold_seconds
from bench.stage import Scene
from tests.app.runtime_worker import PYTHON

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")


def test_the_benchmark_writes_its_page(tmp_path: Path) -> None:
    rows, memory = asyncio.run(measure(tmp_path, (1,), 2, 0))
    machine = report.Machine("2026-11-21", "a processor", "load 0.0")
    page = report.page(machine, Scene(), rows, memory, 0, {"azure.functions": 1.0}, fold_seconds((1, 2)))

    assert rows[0].gateway.operations["create_append_blob"] == 1
    assert rows[0].gateway.cpu > 0
    assert page.count("\n## ") == 7
    assert "| 1 | " in page
