"""Tests which indexes are read, how many at once, and what is kept of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from switchboard.operating import days as days_module
from switchboard.operating.days import Days
from switchboard.record.index import Index
from switchboard.record.index_lines import IndexLine


def line(call_id: str, started: str) -> IndexLine:
    return IndexLine(call_id=call_id, caller_id="aad:ada", started=started)


class Stored:
    """Stands in for the indexes in storage: it knows versions, and notes what is asked. It sends nothing anywhere."""

    def __init__(self) -> None:
        self.content: dict[str, tuple[list[IndexLine], str]] = {}
        self.asked: list[tuple[str, str]] = []

    def read_newer(self, day: str, etag: str) -> tuple[list[IndexLine], str] | None:
        self.asked.append((day, etag))
        lines, version = self.content.get(day, ([], ""))
        return None if etag and etag == version else (lines, version)


class AtOnce(ThreadPoolExecutor):
    """Notes how many pieces of work are given at once, and runs them one after the other."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given: list[int] = []

    def map(self, fn: Callable[..., Any], *iterables: Any, **options: Any) -> Any:
        self.given.append(len(iterables[0]))
        return super().map(fn, *iterables, **options)


def days_of(stored: Stored, executor: ThreadPoolExecutor | None = None) -> Days:
    return Days(cast("Index", stored), executor or AtOnce())


def read(days: Days, *names: str) -> list[tuple[str, list[str]]]:
    return [(name, [one.call_id for one in lines]) for name, lines in days.each(names)]


def test_the_newest_call_comes_first() -> None:
    stored = Stored()
    stored.content["2026-11-21"] = ([line("rtc_1", "1"), line("rtc_3", "2"), line("rtc_2", "2")], "v1")

    assert read(days_of(stored), "2026-11-21", "2026-11-20") == [
        ("2026-11-21", ["rtc_3", "rtc_2", "rtc_1"]),
        ("2026-11-20", []),
    ]


def test_what_has_not_changed_is_kept() -> None:
    """Storage is asked each time, with the version that is known, and a change is seen at once."""
    stored = Stored()
    stored.content["a"] = ([line("rtc_1", "1")], "v1")
    days = days_of(stored)
    assert read(days, "a") == read(days, "a") == [("a", ["rtc_1"])]
    stored.content["a"] = ([line("rtc_2", "1")], "v2")
    assert read(days, "a") == [("a", ["rtc_2"])]
    del stored.content["a"]
    assert read(days, "a") == read(days, "a") == [("a", [])]

    assert stored.asked == [("a", ""), ("a", "v1"), ("a", "v1"), ("a", "v2"), ("a", "")]


def test_the_more_days_are_wanted_the_more_are_read_at_once() -> None:
    """A list that is full with its first day has read nothing else."""
    executor, stored = AtOnce(), Stored()
    days = days_of(stored, executor)
    next(days.each(str(number) for number in range(31)))
    assert executor.given == [1]

    assert len(list(days.each(str(number) for number in range(31)))) == 31
    assert executor.given[1:] == [1, 2, 4, 8, 8, 8]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of the days that were used last are kept, and a day that is too large is not."""
    monkeypatch.setattr(days_module, "KEPT_LINES", 3)
    stored = Stored()
    for day, calls in (("a", 1), ("b", 1), ("c", 1), ("d", 1), ("large", 4)):
        stored.content[day] = ([line(f"rtc_{day}{number}", "1") for number in range(calls)], f"v-{day}")
    days = days_of(stored)
    read(days, "a", "b", "c")
    read(days, "a")
    read(days, "d")
    stored.asked.clear()
    read(days, "a", "b")
    assert stored.asked == [("a", "v-a"), ("b", "")]

    read(days, "large")
    stored.asked.clear()
    assert [len(calls) for _, calls in read(days, "large")] == [4]
    assert stored.asked == [("large", "")]
