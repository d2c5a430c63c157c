"""Deals with queue messages that failed too often: keeps each one, and finishes what can be finished of its call."""

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
        """Keep a message of `queue` exactly as it came, then end and archive the call that it names.

        `arrived` is when the message was put on the poison queue, in Unix seconds. A message that names no call with a
        journal is only kept. Raises StorageUnavailable.
        """
        self._archive.keep_poison(queue, message_id, arrived, message)
        try:
            if queue == OBSERVE_CALLS:
                call = read_observe_message(message)
                self._observers.give_up(call)
                self._archive.summarise(call.call_id)
            else:
                self._archive.summarise(read_summary_message(message).call_id)
        except (msgspec.MsgspecError, CallNotFound):
            log.error("message %s of %s names no call that has a journal", message_id, queue)
