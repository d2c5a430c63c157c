"""Times as people and summaries read them."""

from datetime import UTC, datetime


def iso(at: float) -> str:
    """Unix seconds as ISO 8601 in UTC, to the millisecond: 2026-11-21T02:20:57.123Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
