"""Tests how times are written."""

import pytest

from switchboard.record.times import iso


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1795219200.0, "2026-11-21T00:00:00.000Z"),
        (1795219200.123, "2026-11-21T00:00:00.123Z"),
        (1795219200.9994, "2026-11-21T00:00:00.999Z"),
    ],
)
def test_iso(at: float, text: str) -> None:
    """Always in UTC, always with milliseconds, so that texts sort as times do."""
    assert iso(at) == text
