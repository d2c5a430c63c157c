"""Writes times in the form that summaries use."""

from datetime import UTC, datetime


def iso(at: float) -> str:
    """Return a time, given in Unix seconds, as ISO 8601 in UTC with milliseconds: `2026-11-21T02:20:57.123Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
