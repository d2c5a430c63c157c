"""Ephemeral tokens of the gateway's own, for clients that want a client secret in their hand.

Such a token begins `ek_`, as the service's do, and is good at this gateway only: a browser that holds one cannot go
around the limits and the observer. It is kept as a small blob under its hash, never itself, and may be used again and
again until it expires, as the service's may (openai-python, client_secret_create_params).
"""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from time import time

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from switchboard.callers import Caller, identify
from switchboard.errors import SignallingDisabled, TokenInvalid
from switchboard.session import Choice
from switchboard.settings import Secret, Settings
from switchboard.storage import Storage, storage_errors

log = logging.getLogger(__name__)

# Clients look for it: the Agents SDK takes no other in a browser.
PREFIX = "ek_"


class Grant(msgspec.Struct, frozen=True):
    """On whose behalf a request comes, and with what choice; `expires_at` in Unix seconds, 0 without a token."""

    caller: Caller
    choice: Choice = Choice()
    expires_at: int = 0


class IssuedToken(msgspec.Struct, frozen=True):
    """A token; `name` names it where it must not be seen. `expires_at` in Unix seconds."""

    value: Secret
    name: str
    expires_at: int


class Tokens:
    """All tokens. Methods may raise StorageUnavailable and block on the network."""

    def __init__(self, storage: Storage, settings: Settings) -> None:
        self._storage = storage
        self._settings = settings

    def issue(self, caller: Caller, choice: Choice, seconds: int | None = None) -> IssuedToken:
        """A token for calls of this caller with this choice, good for CLIENT_SECRET_SECONDS at the most.

        Raises SignallingDisabled where the gateway relays no offers: then the token would be good for nothing.
        """
        if self._settings.signalling == "token":
            raise SignallingDisabled
        most = self._settings.client_secret_seconds
        token = PREFIX + secrets.token_urlsafe(32)
        # Whoever holds the token calls for the caller, and does not do an operator's work.
        grant = Grant(Caller(caller.id, caller.name), choice, int(time()) + min(seconds or most, most))
        name = _name(token)
        with storage_errors():
            self._storage.container.upload_blob(f"tokens/{name}", msgspec.json.encode(grant))
        log.info("ephemeral token given, good until %d", grant.expires_at)
        return IssuedToken(Secret(token), name, grant.expires_at)

    def identify(self, headers: Mapping[str, str], *, late: bool = False) -> Grant:
        """Who sends a request: whoever took its token; without one, whoever `switchboard.callers` finds.

        A bearer that is none of ours is not looked at: Static Web Apps puts one of its own over every request. Raises
        TokenInvalid for a token that is unknown or, unless `late` is allowed, expired; else as `callers.identify`.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.startswith(PREFIX):
            return Grant(identify(headers, self._settings))
        with storage_errors():
            try:
                kept = self._storage.container.download_blob(f"tokens/{_name(token)}").readall()
            except ResourceNotFoundError as error:
                raise TokenInvalid from error
        grant = msgspec.json.decode(kept, type=Grant)
        if grant.expires_at <= time() and not late:
            raise TokenInvalid
        return grant


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
