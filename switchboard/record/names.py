"""Names the blobs in which a call is kept, and the messages that failed."""

from datetime import UTC, datetime

JOURNALS, SUMMARIES = "journals/", "summaries/"


def journal_name(call_id: str) -> str:
    """Return the name of a call's journal in the container."""
    return f"{JOURNALS}{call_id}.jsonl"


def summary_name(call_id: str, started: float) -> str:
    """Return the name of a call's summary in the container: by the UTC day on which it started (Unix seconds)."""
    return f"{summaries_of(started)}{call_id}.json"


def summaries_of(moment: float) -> str:
    """Return how the names of the summaries begin whose calls started on the UTC day of `moment` (Unix seconds)."""
    return f"{SUMMARIES}{_day(moment)}/"


def summary_name_of(call_id: str, day: str) -> str:
    """Return the name of a call's summary by the UTC day on which the call started, given as `2026-11-21`."""
    return f"{SUMMARIES}{day.replace('-', '/')}/{call_id}.json"


def poison_name(queue: str, message_id: str, arrived: float) -> str:
    """Return the name of a kept poison message: by its queue and the UTC day on which it arrived (Unix seconds)."""
    return f"poison/{queue}/{_day(arrived)}/{message_id}.txt"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y/%m/%d")
