"""Tests what the page says of the project's aims."""

from bench import aims
from bench.aims import AIMS, Aim
from bench.section import Section
from tests.unit.bench.samples import MEASURED


def test_figures_are_compared_as_the_page_shows_them() -> None:
    most, least = Aim("a", "b", "c", 12, digits=1), Aim("a", "b", "c", 80, "a second", least=True)

    assert [most.met(value) for value in (11.9, 12.04, 12.06)] == [True, True, False]
    assert [least.met(value) for value in (80.0, 79.6, 79.4)] == [True, True, False]
    assert [most.told(-65.0), least.told(1234.4)] == ["−65.0 ms", "1,234 a second"]


def test_the_table_has_what_was_measured_and_no_more() -> None:
    table = aims.table("calls", {"cpu_ms": 20.0, "rate": 90.0, "memory_mb": float("nan"), "added_p50_1": -70.2})
    assert table is not None
    assert table.rows == [
        ["CPU of a whole call of 8 events, 32 callers", "≤ 12.0 ms", "20.0 ms", "**no**"],
        ["whole calls of 8 events that one core keeps up with", "≥ 80 a second", "90 a second", "yes"],
        ["added to the wait for the SDP answer, 1 caller, p50", "≤ −65 ms", "−70 ms", "yes"],
    ]
    assert aims.table("calls", {}) is None
    assert aims.table("growth", {"cpu_ms": 1.0}) is None


def test_what_is_said_of_all_aims() -> None:
    told = aims.told(MEASURED)

    assert told.startswith(f"The project has set itself {len(AIMS)} aims. 2 of them are met here.")
    missed = "- CPU of a whole call of 8 events, 32 callers\n- whole calls of 8 events that one core keeps up with\n\n"
    assert f"\n\nThese are missed:\n\n{missed}" in told
    assert "These were not measured:\n\n- added to the wait" in told


def test_nothing_is_said_of_what_does_not_apply() -> None:
    figures = {part: {aim.figure: aim.limit for aim in AIMS if aim.part == part} for part in {aim.part for aim in AIMS}}
    told = aims.told({part: Section(part, "", figures=own) for part, own in figures.items()})

    assert told == f"The project has set itself {len(AIMS)} aims. {len(AIMS)} of them are met here."
