"""Call summaries and poison messages in Blob storage, under names that follow from their content.

Writing twice changes nothing, so every message may be delivered as often as the queue likes.
"""

import logging
from datetime import UTC, datetime
from time import time

import msgspec
from azure.storage.blob import ContentSettings

from switchboard.errors import CallNotFound, SwitchboardError
from switchboard.journal import Journals
from switchboard.lines import CallCreated, CallEnded, HangUpRequested, created_line, has_ended
from switchboard.queues import OBSERVE_CALLS, read_observe_message, read_summary_message
from switchboard.realtime.service import RealtimeService
from switchboard.storage import Storage, storage_errors
from switchboard.summary import encode_summary, fold, median_latency_ms

log = logging.getLogger(__name__)

_JSON = ContentSettings(content_type="application/json")
_TEXT = ContentSettings(content_type="text/plain; charset=utf-8")


def summary_name(call_id: str, started: float) -> str:
    """Where a call's summary lies in the container: by the UTC day on which it started (Unix seconds)."""
    return f"summaries/{_day(started)}/{call_id}.json"


def poison_name(queue: str, message_id: str, arrived: float) -> str:
    """Where a poison message is kept: by its queue and the UTC day on which it was put there (Unix seconds)."""
    return f"poison/{queue}/{_day(arrived)}/{message_id}.txt"


class Archive:
    """The archive. Methods may raise StorageUnavailable and block on the network."""

    def __init__(self, storage: Storage, journals: Journals, client: RealtimeService) -> None:
        self._storage = storage
        self._journals = journals
        self._client = client

    def summarise(self, call_id: str) -> str:
        """Fold the call's journal into its summary; returns the blob's name. Raises CallNotFound without a journal."""
        lines = self._journals.read(call_id) or []
        call = created_line(lines)
        summary = fold(lines)
        if call is None or summary is None:
            raise CallNotFound(f"Call {call_id} has no journal to archive.")
        name = summary_name(call_id, call.at)
        self._write(name, encode_summary(summary), _JSON)
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

    def keep_poison(self, queue: str, message_id: str, arrived: float, message: bytes) -> None:
        """Keep a message of `queue` that failed too often, as it came, and archive what is known of its call."""
        self._write(poison_name(queue, message_id, arrived), message, _TEXT)
        log.error("message %s of %s failed too often; it is kept", message_id, queue)
        try:
            if queue == OBSERVE_CALLS:
                call = read_observe_message(message)
                self._end_unobserved(call)
                self.summarise(call.call_id)
            else:
                self.summarise(read_summary_message(message).call_id)
        except (msgspec.MsgspecError, CallNotFound):
            log.error("message %s of %s names no call that has a journal", message_id, queue)

    def _end_unobserved(self, call: CallCreated) -> None:
        lines = self._journals.start(call)
        if has_ended(lines):
            return
        try:
            self._client.hang_up(call.endpoint, call.call_id)
        except SwitchboardError as error:
            log.error("call %s could not be hung up: %s", call.call_id, error.code)
        now = round(time(), 3)
        ended = CallEnded(at=now, reason="observer_failed")
        self._journals.append(call.call_id, [HangUpRequested(at=now, reason="observer_failed"), ended])

    def _write(self, name: str, content: bytes, settings: ContentSettings) -> None:
        with storage_errors():
            self._storage.container.upload_blob(name, content, overwrite=True, content_settings=settings)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y/%m/%d")
