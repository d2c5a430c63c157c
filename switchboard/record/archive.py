"""Writes call summaries and poison messages to Blob storage, under names that follow from their content.

Writing the same thing twice changes nothing, so a queue may deliver every message more than once.
"""

import logging
from statistics import median
from time import time

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from switchboard.errors import CallNotFound
from switchboard.record.index import Index
from switchboard.record.index_lines import index_line
from switchboard.record.journal import Journals
from switchboard.record.lines import CallCreated, created_line
from switchboard.record.names import poison_name, summary_name
from switchboard.record.summary import CallSummary, encode_summary, fold
from switchboard.storage import Storage, storage_errors
from switchboard.telemetry.figures import CALL_ID, END_REASON
from switchboard.telemetry.port import OFF, Telemetry

log = logging.getLogger(__name__)

_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"


class Archive:
    """Holds call summaries and poison messages. Methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage, journals: Journals, telemetry: Telemetry = OFF) -> None:
        self._storage = storage
        self._journals = journals
        self._index = Index(storage)
        self._telemetry = telemetry

    def summarise(self, call_id: str) -> str:
        """Fold the call's journal into its summary, add the call to its day's index, and return the summary's name.

        Raises CallNotFound if there is no journal.
        """
        began = time()
        lines = self._journals.read(call_id) or []
        call = created_line(lines)
        summary = fold(lines)
        if call is None or summary is None:
            raise CallNotFound(f"Call {call_id} has no journal to archive.")
        name = summary_name(call_id, call.at)
        told = {CALL_ID: call_id, END_REASON: summary.end_reason or "unknown"}
        with self._telemetry.span("archive_call_summary", told, parent=call.traceparent, start=began):
            self._write(name, encode_summary(summary), _JSON)
            # If this fails the message is delivered again; the last line of a call counts.
            self._index.add(index_line(summary))
        log.info(
            "call %s archived: %.0f s, %s, turns=%d tokens=%d latency_ms=%s",
            call_id,
            summary.duration_seconds,
            summary.end_reason,
            len(summary.turns),
            summary.usage.total,
            median_latency_ms(summary),
        )
        return name

    def summary(self, call: CallCreated) -> CallSummary | None:
        """Return the archived summary of a call, or None if there is none yet."""
        return read_summary(self._storage, summary_name(call.call_id, call.at))

    def keep_poison(self, queue: str, message_id: str, arrived: float, message: bytes) -> None:
        """Keep a message of `queue` that failed too often, exactly as it came."""
        self._write(poison_name(queue, message_id, arrived), message, _TEXT)
        log.error("message %s of %s failed too often; it is kept", message_id, queue)

    def _write(self, name: str, content: bytes, content_type: str) -> None:
        with storage_errors():
            self._storage.blob(name).upload_blob(content, overwrite=True, content_type=content_type)


def read_summary(storage: Storage, name: str) -> CallSummary | None:
    """Return the call summary in the blob of this name, or None if there is none. Raises StorageUnavailable."""
    with storage_errors():
        try:
            content = storage.blob(name).download_blob().body
        except ResourceNotFoundError:
            return None
    return msgspec.json.decode(content, type=CallSummary)


def median_latency_ms(summary: CallSummary) -> int | None:
    """Return the median of the turns' response latencies in milliseconds, or None if no turn has one."""
    known = [turn.response_latency_ms for turn in summary.turns if turn.response_latency_ms is not None]
    return round(median(known)) if known else None
