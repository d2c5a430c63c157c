"""Tests how the settings of the limits are read."""

from tests.examples import settings
from tests.unit.environment.faults import faults


def test_a_budget_without_prices() -> None:
    """Without prices nobody could say when the budget is spent."""
    (fault,) = faults(DAILY_BUDGET="20")

    assert fault.startswith("DAILY_BUDGET needs PRICES")
    assert settings(DAILY_BUDGET="20.5", PRICES="{}").daily_budget == 20.5
    assert settings().daily_budget is None
