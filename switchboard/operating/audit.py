"""Keeps a note of what operators did with records: an append blob for each month, which no retention rule deletes.

A note must not keep what was deleted, so it names calls and callers by a hash alone.
"""

import logging
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from switchboard.record.times import iso
from switchboard.storage import Storage, storage_errors

log = logging.getLogger(__name__)

PREFIX = "audit/"


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Says what an operator did with records."""

    at: str
    """When it was done, in ISO 8601, UTC, with milliseconds."""
    operator: str
    """The operator's caller id."""
    action: Literal["record.deleted", "caller.exported"]
    """What the operator did."""
    subject: str
    """The first 32 hexadecimal digits of the SHA-256 of the call's id, or of the caller's."""
    count: int
    """How many blobs were changed or deleted, or how many calls were exported."""


class Audit:
    """The notes. Methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def note(
        self,
        now: float,
        operator: str,
        action: Literal["record.deleted", "caller.exported"],
        subject: str,
        count: int,
    ) -> None:
        """Write down that an operator did something at `now` (Unix seconds). `subject` is an id."""
        note = Note(at=iso(now), operator=operator, action=action, subject=hidden(subject), count=count)
        blob = self._storage.blob(f"{PREFIX}{datetime.fromtimestamp(now, UTC):%Y-%m}.jsonl")
        block = msgspec.json.encode(note) + b"\n"
        with storage_errors():
            try:
                blob.append_block(block)
            except ResourceNotFoundError:
                try:
                    blob.create_append_blob(match_condition=MatchConditions.IfMissing)
                except ResourceExistsError:
                    log.debug("another operator has begun this month's notes")
                blob.append_block(block)
        log.info("operator: %s", action)


def hidden(subject: str) -> str:
    """Return the hash by which notes name a call or a caller."""
    return sha256(subject.encode()).hexdigest()[:32]
