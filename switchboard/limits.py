"""How many calls a caller may be in at once, counted where all instances see it: one small blob per place.

A place is taken by creating its blob, which only one request can do. It is free again when the call's observer deletes
the blob, or once it has expired: no call outlives MAX_CALL_SECONDS, so neither does a place, even if everything died.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from time import time

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)

from switchboard.errors import TooManyCalls
from switchboard.storage import Storage, storage_errors

# Beyond the call's longest time: for the hang-up itself, and for clocks that differ.
GRACE_SECONDS = 60


class _Taken(msgspec.Struct, frozen=True):
    until: float


class Places:
    """The places of all callers. Methods may raise StorageUnavailable and block on the network."""

    def __init__(self, storage: Storage, *, per_caller: int, call_seconds: int) -> None:
        self._storage = storage
        self._per_caller = per_caller
        self._seconds = call_seconds + GRACE_SECONDS

    def reserve(self, caller_id: str) -> str:
        """Take a place; returns its token, which `release` wants back. Raises TooManyCalls with Retry-After."""
        frees = []
        for name in self._names(caller_id):
            token, until = self._take(name)
            if token:
                return token
            frees.append(until)
        raise TooManyCalls(retry_after=max(1, round(min(frees) - time())))

    def release(self, token: str) -> None:
        """Free a place. Does nothing when it is free already, or somebody else's by now."""
        name, _, etag = token.partition("#")
        if not etag:
            return
        with storage_errors(), contextlib.suppress(ResourceNotFoundError, ResourceModifiedError):
            self._storage.container.delete_blob(name, etag=etag, match_condition=MatchConditions.IfNotModified)

    def _names(self, caller_id: str) -> Iterator[str]:
        # A caller's id may be of any form and length, and need not stand in a blob's name.
        caller = hashlib.sha256(caller_id.encode()).hexdigest()[:32]
        return (f"places/{caller}/{number}" for number in range(self._per_caller))

    def _take(self, name: str) -> tuple[str, float]:
        """(token, 0) when the place is now ours, else ("", when it is free at the latest in Unix seconds)."""
        blob = self._storage.container.get_blob_client(name)
        content = msgspec.json.encode(_Taken(until=time() + self._seconds))
        with storage_errors():
            try:
                done = blob.upload_blob(content, overwrite=False)
                return f"{name}#{done['etag']}", 0
            except ResourceExistsError:
                pass
            try:
                held = blob.download_blob()
                until = msgspec.json.decode(held.readall(), type=_Taken).until
                if until > time():
                    return "", until
                etag = held.properties.etag
                done = blob.upload_blob(
                    content, overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified
                )
                return f"{name}#{done['etag']}", 0
            except (ResourceNotFoundError, ResourceModifiedError):
                # Freed or taken by another request at this very moment: the next try will see.
                return "", time() + 1
