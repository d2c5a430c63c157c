"""Tests that docs/capacity.md computes its figures from what the template, the host and the page on costs say."""

import json
import math
import re

import pytest

from tests.infra.bicep import INFRA, MAIN, literal

ROOT = INFRA.parent
PAGE = (ROOT / "docs" / "capacity.md").read_text()
COSTS = (ROOT / "docs" / "costs.md").read_text()
TOKENS_A_MINUTE, MINUTES, STATUS_SECONDS, LOG_KB, STORAGE_REQUESTS = 5000, 4, 10, 20, 2


def _row(title: str) -> list[str]:
    (cells,) = re.findall(rf"^\| {title}[^|]* \|(.*)\|$", PAGE, re.MULTILINE)
    return [cell.strip().replace(",", "") for cell in cells.split("|")]


CALLS = [int(cell) for cell in _row("calls at the same time")]


def test_the_units_are_those_of_the_models_quota() -> None:
    assert [int(cell) for cell in _row("units of")] == [calls * TOKENS_A_MINUTE // 10_000 for calls in CALLS]


def test_the_observers_are_those_of_the_host() -> None:
    queues = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    each = queues["batchSize"] + queues["newBatchThreshold"]
    needed = [math.ceil(calls / each) for calls in CALLS]
    assert [int(cell) for cell in _row("instances that observe")] == needed
    default = MAIN.of("param")["maximumInstanceCount"].value
    assert default
    assert literal(default) == needed[-1], "the page says: exactly the default"


def test_pages_storage_and_logs() -> None:
    page = (ROOT / "web/js/call/record.js").read_text()
    assert f"EVERY_MS = {STATUS_SECONDS}_000" in page
    assert [int(cell) for cell in _row("status requests")] == [calls // STATUS_SECONDS for calls in CALLS]
    assert [int(cell) for cell in _row("storage requests")] == [calls * STORAGE_REQUESTS for calls in CALLS]
    a_day = [calls * 24 * 60 / MINUTES * LOG_KB / 1e6 for calls in CALLS]
    assert [float(cell) for cell in _row("logs")] == pytest.approx(a_day, rel=0.05)
    cap = MAIN.of("param")["logDailyCapGb"].value
    assert cap
    enough = int(re.findall(r"enough for about (\d+) calls", PAGE)[0])
    assert enough == pytest.approx(literal(cap) / a_day[0] * CALLS[0], rel=0.02)


def test_the_models_cost_is_that_of_the_page_on_costs() -> None:
    busy = re.findall(r"^\| (?:Voice model|Transcription)[^|]*\| 0 \| ([\d,–]+) \|", COSTS, re.MULTILINE)
    ends = [[int(end.replace(",", "")) for end in cell.split("–")] for cell in busy]
    assert len(ends) == 3
    minutes = 2000 * MINUTES
    for calls, cell in zip(CALLS, _row("model cost"), strict=True):
        for end, said in zip((0, -1), cell.split("–"), strict=True):
            assert int(said) == pytest.approx(sum(row[end] for row in ends) / minutes * 60 * calls, rel=0.001)
