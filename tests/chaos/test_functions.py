"""The judge finds what is wrong with function calls, and nothing where nothing is."""

import random
from collections.abc import Callable

import pytest

from tests.chaos import functions
from tests.chaos.test_judge import JSON, NOON, a_summary, a_truth, evidence
from tests.standins.service.events import Conversation, Pace
from tests.standins.service.ledger import Truth


def with_functions() -> tuple[Truth, JSON]:
    """Return a call of three function calls, each of them answered, and its true summary."""
    truth, conversation = a_truth(), Conversation(random.Random(2), Pace())
    end, at = truth.ended or 0, NOON + 2
    for _ in range(3):
        for wait, event in conversation.asks_for("count_days", "{}"):
            at += wait
            truth.events.append((at, {"event_id": f"f{len(truth.events)}", **event}))
        called = truth.events[-1][1]["response"]["output"][0]["call_id"]
        for _, event in conversation.create({"type": "function_call_output", "call_id": called, "output": "1"}) or ():
            truth.events.append((at + 0.1, {"event_id": f"f{len(truth.events)}", **event}))
    truth.ended = max(end, at + 60)
    truth.attachments[0].until = truth.ended
    summary = a_summary(truth)
    summary["tools"] = [{"name": "count_days", "outcome": "completed"}] * 3
    return truth, summary


def test_function_calls() -> None:
    """Each is answered once, and has one outcome."""
    truth, summary = with_functions()
    assert list(functions.rules(evidence(truth, summary), summary)) == []


def answer_twice(truth: Truth, _: JSON) -> None:
    at, event = next(each for each in truth.events if each[1].get("item", {}).get("type") == "function_call_output")
    truth.events.append((at, event))


def answer_never(truth: Truth, summary: JSON) -> None:
    truth.events = [each for each in truth.events if each[1].get("item", {}).get("type") != "function_call_output"]
    summary["tools"] = []


def forget(_: Truth, summary: JSON) -> None:
    summary["tools"] = summary["tools"][1:]


def leave_open(_: Truth, summary: JSON) -> None:
    summary["tools"] = [{"name": "count_days", "outcome": None}, *summary["tools"][1:]]


def make_up(_: Truth, summary: JSON) -> None:
    summary["tools"] = [*summary["tools"], {"name": "hand_over", "outcome": "completed"}]


@pytest.mark.parametrize(
    ("crime", "rule"),
    [
        (answer_twice, "one answer for each function call"),
        (answer_never, "one answer for each function call"),
        (forget, "each function call has one outcome"),
        (leave_open, "each function call has one outcome"),
        (make_up, "no tool that was not called"),
    ],
)
def test_crimes_with_functions(crime: Callable[[Truth, JSON], None], rule: str) -> None:
    truth, summary = with_functions()
    crime(truth, summary)
    assert {found for found, _ in functions.rules(evidence(truth, summary), summary)} == {rule}
