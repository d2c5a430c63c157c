"""Names the places of calls, and reads and writes the tokens by which they are given back. This module does no I/O."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Added to the longest time of a call, for the hang-up itself and for clocks that differ.
GRACE_SECONDS = 60
# Nobody is told to wait longer than this: a place is usually free earlier than it must be.
LONGEST_RETRY_SECONDS = 60
PREFIX, GATEWAY = "places/", "places/all/"


class Taken(NamedTuple):
    """A place that a call has taken."""

    name: str
    """The name of the blob."""
    etag: str
    """The version of the blob that the call wrote."""

    def __str__(self) -> str:
        return f"{self.name}#{self.etag}"


def token_of(nonce: str, *taken: str) -> str:
    """Return the token with which the places of a call are given back; an empty place is left out."""
    return " ".join(part for part in (nonce, *taken) if part)


def taken_by(token: str) -> Iterator[Taken]:
    """Yield the places that a token names. Its nonce, and a place without a version, name none."""
    for part in token.split():
        name, _, etag = part.partition("#")
        if etag:
            yield Taken(name, etag)


def nonce_of(token: str) -> str:
    """Return the nonce in a token of `Places.reserve`: it names the call in the lists that the sweep compares."""
    return token.partition(" ")[0].partition("#")[0]


def hash_of(caller_id: str) -> str:
    """Return a name for the caller. The id may have any form and length, and does not belong into a blob's name."""
    return hashlib.sha256(caller_id.encode()).hexdigest()[:32]


def names_of_caller(caller_id: str, most: int) -> list[str]:
    """Return the names of the places of a caller, who may be in `most` calls at the same time."""
    own = f"{PREFIX}{hash_of(caller_id)}"
    return [f"{own}/{number}" for number in range(most)]


def names_of_gateway(numbers: Iterable[int]) -> Iterator[str]:
    """Yield the names of the gateway's places with these numbers."""
    for number in numbers:
        yield f"{GATEWAY}{number}"


def names_of_tokens(caller_id: str, numbers: Iterable[int]) -> Iterator[str]:
    """Yield the names of the blobs that count the tokens of a caller, with these numbers."""
    own = f"{PREFIX}{hash_of(caller_id)}"
    for number in numbers:
        yield f"{own}/token-{number}"


def wait_until(free_at: float, now: float) -> int:
    """Return how many seconds to wait for a place that is free at `free_at` at the latest; both are Unix seconds."""
    return max(1, min(LONGEST_RETRY_SECONDS, round(free_at - now)))
