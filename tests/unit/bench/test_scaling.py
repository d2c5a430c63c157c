"""Tests of the scale controller's simulation, and of what docs/capacity.md says by it."""

import re

from bench.growth import TODAY, at_once
from bench.scaling import DAY, LONGEST_CALL_SECONDS, Outcome, Setting, arrivals, simulate
from tests.processes import ROOT

PAGE = (ROOT / "docs/capacity.md").read_text()


def day(calls: int, ready: int, target: int | None = None) -> Outcome:
    setting = Setting(TODAY.batch, TODAY.threshold, always_ready=ready)
    outcome = simulate(calls, setting, target or setting.capacity)
    assert len(outcome.waits) == calls, "every call is observed"
    assert outcome.most_on_one <= setting.capacity
    assert outcome.most_instances <= setting.most_instances
    return outcome


def test_a_days_calls() -> None:
    calls = list(arrivals(10_000))
    assert len(calls) == 10_000
    assert calls == sorted(calls, key=lambda call: call[0])
    assert 0 <= calls[0][0] <= calls[-1][0] < DAY
    assert 0 < min(lasts for _, lasts in calls) <= max(lasts for _, lasts in calls) <= LONGEST_CALL_SECONDS


def test_few_calls_fit_on_one_instance() -> None:
    outcome = day(1_000, ready=1)
    assert (max(outcome.waits), outcome.most_instances) == (0, 1)
    assert round(outcome.instance_hours, 3) == 24


def test_many_calls_wait_for_an_observer_unless_enough_instances_are_always_ready() -> None:
    text = " ".join(PAGE.split())
    (told,) = re.findall(
        r"default: (\d+) calls waited .* the longest (\d+) seconds\. .* With (\d) of them nobody waited", text
    )
    late, longest, ready = map(int, told)
    assert ready == -(-at_once(100_000) // TODAY.capacity) + 1
    assert max(day(100_000, ready).waits) == 0
    assert max(day(100_000, ready, TODAY.batch).waits) == 0, "nor by the rule of older extensions"
    waits = day(100_000, ready=1).waits
    assert sum(wait > 60 for wait in waits) == late
    assert max(waits) == longest


def test_another_batch_changes_nothing() -> None:
    """The batch decides who takes a message, and not when, as long as batch and threshold together stay the same."""
    for batch in (1, 32):
        setting = Setting(batch, TODAY.capacity - batch, always_ready=4)
        assert max(simulate(100_000, setting, setting.capacity).waits) == 0
