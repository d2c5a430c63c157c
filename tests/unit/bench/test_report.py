"""Tests that the page is well-formed, whatever the parts gave."""

import asyncio
import importlib
import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from bench import growth, report
from bench.section import Section, Table, three
from tests.unit.bench.samples import MEASURED

MACHINE = report.Machine("a processor", 2, "6.1")
DAYS = (1_000, 2_000)


@pytest.fixture
def program() -> ModuleType:
    """Return the program, imported here so that one worker of the unit tests needs all that it runs, and not each."""
    return importlib.import_module("bench.__main__")


def page(measured: dict[str, Section]) -> str:
    figures = {name: one.figures for name, one in measured.items()}
    return report.page(MACHINE, measured, growth.section(figures, DAYS))


def tables(text: str) -> list[list[str]]:
    return [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]


def test_stored_results_give_a_page(tmp_path: Path, program: ModuleType) -> None:
    for name, section in MEASURED.items():
        (tmp_path / f"{name}.json").write_bytes(msgspec.json.encode(section))
    found: dict[str, Section] = program.stored(tmp_path)
    assert {name: found[name] for name in MEASURED} == MEASURED
    assert found["archive"].text == "**Not measured yet: `make bench PARTS=archive`**"
    text = page(found)

    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert titles == [
        *(
            "How to read it",
            "Whole calls",
            "Connect",
            "Calls that arrive at random",
            "Observers",
            "Archive",
            "Start",
            "Page",
            "Operators",
            "Telemetry",
            "Growth",
        ),
        "When this was measured",
    ]
    assert text.startswith("# Performance\n")
    assert text.endswith("\n")
    assert "{" not in text, "every figure is filled in"
    assert "nan" not in text
    assert len(tables(text)) == 8
    for table in tables(text):
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {table[0].count("|")}
        assert re.fullmatch(r"\|( --- \|)+", table[1])
    assert "a machine with 2 cores (a processor, Linux 6.1)" in text
    assert "| Whole calls | 2026-11-21 | 0.1 | 60 s |" in text
    assert "Not the product: the stand-ins." in text


def test_growth_without_figures_says_so() -> None:
    section = growth.section({"calls": MEASURED["calls"].figures}, (1_000,))
    assert section.failed
    assert "there are no figures of observers" in section.text
    assert len(section.tables) == 1, "what needs no figures is there all the same"


def test_a_part_that_fails_is_reported_and_ends_no_other(monkeypatch: pytest.MonkeyPatch, program: ModuleType) -> None:
    async def broken(folder: Path, *, short: bool) -> Section:
        assert folder.name
        assert short
        raise OSError("a detail such as /a/path")

    monkeypatch.setitem(program.PARTS, "archive", (broken, 5))
    section = program.run("archive", short=True)
    assert section.failed
    assert "could not be measured (`OSError`)" in section.markdown()
    assert "/a/path" not in section.markdown()
    assert section.when


def test_a_part_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch, program: ModuleType) -> None:
    async def endless(folder: Path, *, short: bool) -> Section:
        await asyncio.Event().wait()
        return Section(str(folder), str(short))

    monkeypatch.setitem(program.PARTS, "archive", (endless, 0.01))
    assert "`TimeoutError`" in program.run("archive", short=True).text


def test_a_part_that_succeeds_is_dated(program: ModuleType) -> None:
    section = program.run("archive", short=True)
    assert not section.failed
    assert section.took > 0
    assert len(section.tables[0].rows) == 2


def test_tables_and_percentiles() -> None:
    assert Table(["a", "b"], [["1", "2"]]).markdown() == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert three({"p50": 1.4, "p95": -2.0, "p99": 3.0}, "+") == "+1 / -2 / +3"
