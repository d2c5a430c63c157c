"""Tests how a tool's result reaches the model."""

from datetime import date

import msgspec
import pytest

from switchboard.tools import EndCall, HandOver
from switchboard.tools.outcome import MOST_RESULT_BYTES, Outcome, refused, succeeded


@pytest.mark.parametrize(
    ("result", "output"),
    [
        ("It is foggy.", "It is foggy."),
        (None, "null"),
        ({"day": date(2026, 11, 21), "degrees": 12.5}, '{"day":"2026-11-21","degrees":12.5}'),
    ],
)
def test_a_result(result: object, output: str) -> None:
    """A text is given as it is, and everything else as JSON."""
    assert succeeded(result) == Outcome("completed", output)


@pytest.mark.parametrize("effect", [EndCall(), HandOver("The caller is angry.")])
def test_a_result_with_an_effect(effect: EndCall | HandOver) -> None:
    assert succeeded(effect) == Outcome("completed", effect.answer, effect)


def test_a_result_of_a_megabyte() -> None:
    """The model is told that it was too large, and by how much, instead of getting a part of it."""
    outcome = succeeded("x" * 1024 * 1024)

    assert outcome.status == "too_large"
    assert msgspec.json.decode(outcome.output) == {
        "error": {
            "code": "too_large",
            "message": "The result has 1048576 bytes, and 16384 is the most. Ask for less.",
        }
    }


def test_the_limit_counts_bytes() -> None:
    assert succeeded("é" * (MOST_RESULT_BYTES // 2)).status == "completed"
    assert succeeded("é" * (MOST_RESULT_BYTES // 2 + 1)).status == "too_large"


def test_a_result_that_is_no_value() -> None:
    outcome = succeeded(object())

    assert outcome == refused("failed", "The tool returned a object, which cannot be written as JSON.")
