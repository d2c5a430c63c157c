"""Limits how many calls run at once: a number for each caller, and a number over all callers.

Both are counted where all instances see them, by one small blob for each place. Creating the blob takes the place, and
only one request can create it. The call's observer deletes the blob when the call has ended. If everything that knew of
the call has died, the sweep deletes the blob; should no sweep run either, the place becomes free when its time is over.
"""

import contextlib
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from secrets import token_hex
from time import time
from typing import Any

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from switchboard.errors import GatewayFull, SwitchboardError, TooManyCalls, TooManyTokens
from switchboard.limits.notes import NOWHERE, read_note
from switchboard.limits.place_names import (
    GATEWAY,
    GRACE_SECONDS,
    LONGEST_RETRY_SECONDS,
    PREFIX,
    Taken,
    names_of_caller,
    names_of_gateway,
    names_of_tokens,
    taken_by,
    token_of,
    wait_until,
)
from switchboard.storage import Storage, storage_errors
from switchboard.storage.listing import StoredBlob

# So many of the gateway's places are tried at random before the free ones are looked up in a list.
RANDOM_TRIES = 3
TOKEN_SECONDS = 60


class Place(msgspec.Struct, frozen=True):
    """The content of a place's blob."""

    until: float
    """When the place is free at the latest, in Unix seconds."""
    nonce: str = ""
    """A random text that tells whose place it is. The places of one call have the same nonce."""
    token: bool = False
    """Whether the place is held for a call that the page may set up with a token, and not yet for a call."""
    shared: str = ""
    """With `token`, which of the gateway's places is held as well."""


FREE = Place(until=0)


class HeldPlace(msgspec.Struct, frozen=True):
    """A place as the sweep finds it in a list."""

    name: str
    """The name of the blob."""
    etag: str
    """The version of the blob, so that only this one is deleted."""
    nonce: str
    """Tells which call holds the place."""
    since: float
    """When the place was taken, in Unix seconds by the storage's clock."""
    until: float = 0.0
    """Until when it is held for a token, in Unix seconds; 0 where it is held for a call."""


class Places:
    """The places of all callers. Methods block on the network and may raise StorageUnavailable."""

    def __init__(
        self,
        storage: Storage,
        executor: Executor,
        *,
        per_caller: int,
        over_all: int,
        call_seconds: int,
        tokens_per_minute: int = 60,
    ) -> None:
        self._storage = storage
        self._executor = executor
        self._per_caller = per_caller
        self._over_all = over_all
        self._tokens_per_minute = tokens_per_minute
        self._seconds = call_seconds + GRACE_SECONDS

    def reserve(self, caller_id: str) -> str:
        """Take a place of the caller's and one of the gateway's, and return the token that `release` wants back.

        Raises TooManyCalls when the caller's places are taken and GatewayFull when all of the gateway's are; both say
        when to try again.
        """
        content = Place(until=time() + self._seconds, nonce=token_hex(16))
        # The visitor waits for the slower one of the two, not for both.
        other = self._executor.submit(self._take_one_of_the_gateways, content)
        own, refusal = "", None
        try:
            own = self._take_one_of_the_callers(caller_id, content)
        except SwitchboardError as error:
            refusal = error
        try:
            shared = other.result()
        except SwitchboardError as error:
            refusal, shared = refusal or error, ""
        token = token_of(content.nonce, own, shared)
        if refusal is not None:
            with contextlib.suppress(SwitchboardError):
                self.release(token)
            raise refusal
        return token

    def reserve_for_token(self, caller_id: str, seconds: float) -> str:
        """Count a token, and hold a place for `seconds` for the call that a page may set up with it.

        `adopt` makes the place the call's. Returns what `release` wants back. Raises what `count_token` and `reserve`
        raise.
        """
        content = Place(until=time() + seconds, nonce=token_hex(16), token=True)
        # The page waits for the slower one of the two, not for both.
        other = self._executor.submit(self._take_one_of_the_gateways, content)
        try:
            self.count_token(caller_id)
        except SwitchboardError:
            with contextlib.suppress(SwitchboardError):
                self.release(other.result())
            raise
        shared = other.result()
        try:
            own = self._take_one_of_the_callers(caller_id, msgspec.structs.replace(content, shared=shared))
        except SwitchboardError:
            self.release(shared)
            raise
        return token_of(content.nonce, own, shared)

    def adopt(self, caller_id: str) -> str:
        """Make a place that is held for a token of this caller's the place of a call; without one, reserve a place.

        Returns the token that `release` wants back. Raises what `reserve` raises.
        """
        for name in names_of_caller(caller_id, self._per_caller):
            held, version = read_note(self._storage, name, FREE)
            if not held.token or held.until <= time():
                continue
            with storage_errors(), contextlib.suppress(ResourceNotFoundError, ResourceModifiedError):
                content = Place(until=time() + self._seconds, nonce=held.nonce)
                own = self._rewrite(name, content, version)
                (shared,) = taken_by(held.shared)
                etag = self._rewrite(shared.name, content, shared.etag)
                return token_of(held.nonce, str(Taken(name, own)), str(Taken(shared.name, etag)))
        return self.reserve(caller_id)

    def count_token(self, caller_id: str) -> None:
        """Count a token that the caller takes. Raises TooManyTokens when the caller has taken too many in a minute."""
        most = self._tokens_per_minute
        content = Place(until=time() + TOKEN_SECONDS, nonce=token_hex(16))
        found = self._first_free(names_of_tokens(caller_id, _drawn(most, most)), content)
        if not isinstance(found, str):
            raise TooManyTokens(retry_after=wait_until(found, time()))

    def release(self, token: str) -> None:
        """Give places back. Does nothing for a place that is free already or that another call holds by now."""
        with storage_errors():
            for name, etag in taken_by(token):
                self._delete(name, etag)

    def left(self) -> int:
        """Return how many of the gateway's places are free."""
        with storage_errors():
            taken = sum(1 for _ in self._blobs(GATEWAY))
        return max(0, self._over_all - taken)

    def held(self) -> Iterator[HeldPlace]:
        """Yield every place that is taken, in the order of their names."""
        with storage_errors():
            for blob in self._blobs(PREFIX):
                yield HeldPlace(
                    name=blob.name,
                    etag=f'"{blob.etag}"',
                    nonce=blob.metadata.get("nonce", ""),
                    since=blob.modified.timestamp(),
                    until=float(blob.metadata.get("until", 0)),
                )

    def free(self, place: HeldPlace) -> None:
        """Free a place that the sweep found, unless somebody else has taken it in the meantime."""
        with storage_errors():
            self._delete(place.name, place.etag)

    def _blobs(self, prefix: str) -> Iterator[StoredBlob]:
        for page, _ in self._storage.list_blobs(prefix):
            yield from page.blobs

    def _take_one_of_the_callers(self, caller_id: str, content: Place) -> str:
        found = self._first_free(names_of_caller(caller_id, self._per_caller), content)
        if isinstance(found, str):
            return found
        raise TooManyCalls(retry_after=wait_until(found, time()))

    def _take_one_of_the_gateways(self, content: Place) -> str:
        found = self._first_free(names_of_gateway(_drawn(RANDOM_TRIES, self._over_all)), content)
        if not isinstance(found, str):
            # Few are free: look which ones they are.
            with storage_errors():
                taken = {blob.name for blob in self._blobs(GATEWAY)}
            free = [name for name in names_of_gateway(range(self._over_all)) if name not in taken]
            random.shuffle(free)
            found = self._first_free(free, content)
        if isinstance(found, str):
            return found
        raise GatewayFull(retry_after=wait_until(found, time()))

    def _first_free(self, names: Iterable[str], content: Place) -> str | float:
        """Take the first free place and return "name#etag"; or return when one is free at the latest (Unix seconds)."""
        until = time() + LONGEST_RETRY_SECONDS
        for name in names:
            etag, free_at = self._take(name, content)
            if etag:
                return str(Taken(name, etag))
            until = min(until, free_at)
        return until

    def _take(self, name: str, content: Place) -> tuple[str, float]:
        """Return (etag, 0) when the place is now ours, else ("", when it is free at the latest in Unix seconds)."""
        with storage_errors(), contextlib.suppress(ResourceExistsError):
            return self._write(name, content, overwrite=False), 0
        held, version = read_note(self._storage, name, FREE)
        if held.nonce and held.nonce == content.nonce:
            # The write was done although its reply was lost, and it was sent again.
            return version, 0
        if held.until > time():
            return "", held.until
        if version != NOWHERE:
            with storage_errors(), contextlib.suppress(ResourceNotFoundError, ResourceModifiedError):
                return self._rewrite(name, content, version), 0
        # Another request has freed or taken it at this very moment; the next try will see.
        return "", time() + 1

    def _rewrite(self, name: str, content: Place, etag: str) -> str:
        return self._write(name, content, overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified)

    def _write(self, name: str, content: Place, **conditions: Any) -> str:
        metadata = {"nonce": content.nonce} | ({"until": str(content.until)} if content.token else {})
        blob = self._storage.blob(name)
        return str(blob.upload_blob(msgspec.json.encode(content), metadata=metadata, **conditions)["etag"])

    def _delete(self, name: str, etag: str) -> None:
        with contextlib.suppress(ResourceNotFoundError, ResourceModifiedError):
            self._storage.blob(name).delete_blob(etag=etag, match_condition=MatchConditions.IfNotModified)


def _drawn(most: int, below: int) -> Iterator[int]:
    """Yield `most` different numbers below `below`, or all of them, by chance. Each is drawn only when it is needed."""
    drawn: set[int] = set()
    while len(drawn) < min(most, below):
        number = random.randrange(below)  # noqa: S311 (nothing secret depends on it)
        if number not in drawn:
            drawn.add(number)
            yield number
