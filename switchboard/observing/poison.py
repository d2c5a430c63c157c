"""Deals with queue messages that failed too often: keeps each one, and finishes what can be finished of its call."""

import contextlib
import logging

import msgspec

from switchboard.errors import CallNotFound
from switchboard.observing.observers import Observers
from switchboard.record.archive import Archive
from switchboard.record.queues import OBSERVE_CALLS, read_observe_message, read_summary_message

log = logging.getLogger(__name__)


class Poison:
    """Handles poison messages. Handling one twice changes nothing; all methods block on the network."""

    def __init__(self, archive: Archive, observers: Observers) -> None:
        self._archive = archive
        self._observers = observers

    def handle(self, queue: str, message_id: str, arrived: float, message: bytes) -> None:
        """Hang up the call that a message of `queue` names, keep the message exactly as it came, and archive the call.

        `arrived` is when the message was put on the poison queue, in Unix seconds. A message that names no call with a
        journal is only kept. Raises StorageUnavailable.
        """
        call = None
        with contextlib.suppress(msgspec.MsgspecError):
            if queue == OBSERVE_CALLS:
                call = read_observe_message(message)
                # Nothing that needs storage comes before this.
                self._observers.try_to_end(call)
        self._archive.keep_poison(queue, message_id, arrived, message)
        try:
            self._archive.summarise(call.call_id if call else read_summary_message(message).call_id)
        except (msgspec.MsgspecError, CallNotFound):
            log.error("message %s of %s names no call that has a journal", message_id, queue)
