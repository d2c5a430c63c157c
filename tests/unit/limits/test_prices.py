"""Tests what usage costs."""

import pytest

from switchboard.limits.prices import cost_of
from switchboard.record.usage import InputUsage, OutputUsage, TranscriptionTotal, Usage
from switchboard.settings import Prices

PRICES = Prices(
    text_input=4,
    text_cached_input=0.4,
    text_output=24,
    audio_input=32,
    audio_cached_input=0.5,
    audio_output=64,
    transcription_input=6,
    transcription_output=10,
    transcription_minute=0.017,
)


def usage(given: InputUsage = InputUsage(), made: OutputUsage = OutputUsage(), **written: float) -> Usage:  # noqa: B008
    return Usage(1, 0, given, made, TranscriptionTotal(**written))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("used", "cost"),
    [
        (usage(InputUsage(text=1_000_000)), 4),
        (usage(InputUsage(image=1_000_000)), 4),
        (usage(InputUsage(text=1_000_000, cached_text=1_000_000)), 0.4),
        (usage(InputUsage(image=1_000_000, cached_image=500_000)), 2.2),
        (usage(InputUsage(audio=1_000_000, cached_audio=500_000)), 16.25),
        (usage(made=OutputUsage(text=500_000, audio=250_000)), 28),
        (usage(input_text=500_000, input_audio=500_000, output=1_000_000), 16),
        (usage(seconds=120), 0.034),
        (usage(), 0),
    ],
)
def test_each_kind_of_token_has_its_price(used: Usage, cost: float) -> None:
    """Cached tokens are part of their kind and are charged once, at their own price."""
    assert cost_of(used, PRICES) == pytest.approx(cost)


def test_what_has_no_price_costs_nothing() -> None:
    """A price that is unknown is not guessed, and more cached tokens than tokens give no money back."""
    assert cost_of(usage(InputUsage(text=9, audio=9), OutputUsage(9, 9), output=9, seconds=9), Prices()) == 0
    assert cost_of(usage(InputUsage(text=1, cached_text=2)), Prices(text_input=1)) == 0
