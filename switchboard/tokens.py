"""Issues ephemeral tokens of the gateway's own, for OpenAI's clients, which expect a client secret.

Such a token begins with `ek_`, like the service's client secrets, but is valid only at this gateway, so a browser that
has one cannot avoid the limits and the observer. The gateway stores a small blob under the token's hash and never the
token itself. Like the service's client secrets, a token may be used several times until it expires (openai-python,
client_secret_create_params).
"""

import hashlib
import logging
import re
import secrets
from collections.abc import Mapping
from time import time
from typing import Any

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from switchboard.assistants.assistant import Assistant
from switchboard.assistants.shelf import Assistants
from switchboard.callers import Caller, choose_assistant, identify
from switchboard.errors import AssistantNotFound, OpenAIClientsOff, SignallingDisabled, TokenInvalid
from switchboard.limits.places import Places
from switchboard.session import Choice
from switchboard.settings import Secret, Settings
from switchboard.storage import Storage, storage_errors

log = logging.getLogger(__name__)

# Clients check this prefix: in a browser, the Agents SDK accepts no other.
PREFIX = "ek_"
_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{1,128}}")


class Grant(msgspec.Struct, frozen=True):
    """Says on whose behalf a request is sent, and what its call shall be like."""

    caller: Caller
    """The caller who took the token, or who sent the request without one."""
    choice: Choice = Choice()
    """The voice, the language and the assistant that were chosen with the token."""
    session: dict[str, Any] | None = None
    """The fields of the whole session that an application sent with its request; None if a visitor took the token."""
    expires_at: int = 0
    """When the token expires, in Unix seconds; 0 for a request without a token."""

    def assistant(self, name: str, assistants: Assistants) -> Assistant:
        """Return the assistant that the request is for: the token's, or without a token the one of this name.

        Blocks on the file system. Raises AssistantNotFound if there is none, if the caller may not call it, or if the
        request names another one than its token.
        """
        if not self.expires_at:
            return choose_assistant(self.caller, name, assistants)
        # Whether the caller may call this one was checked when the token was issued: a token keeps no roles.
        assistants.refresh()
        found = assistants.get(self.choice.assistant)
        if found is None or name not in ("", found.name):
            raise AssistantNotFound("The ephemeral token was taken for another assistant, or its assistant is gone.")
        return found


class NewToken(msgspec.Struct, frozen=True):
    """Holds a new token."""

    value: Secret
    """The token itself (`ek_…`)."""
    name: str
    """The token's hash, which names it where the token itself must not be seen."""
    expires_at: int
    """When it expires, in Unix seconds."""


class Tokens:
    """Issues and checks tokens. Both methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage, settings: Settings, places: Places) -> None:
        self._storage = storage
        self._settings = settings
        self._places = places

    def issue(
        self, caller: Caller, choice: Choice, seconds: int | None = None, session: dict[str, Any] | None = None
    ) -> NewToken:
        """Return a new token for this caller's calls, with this choice, and with the whole session of an application.

        It is valid for `seconds`, but no longer than CLIENT_SECRET_SECONDS. Raises OpenAIClientsOff, SignallingDisabled
        if the gateway relays no offers, because the token would be useless then, and TooManyTokens if the caller has
        taken too many in this minute.
        """
        self.check_on()
        if self._settings.signalling == "token":
            raise SignallingDisabled
        self._places.count_token(caller.id)
        most = self._settings.client_secret_seconds
        token = PREFIX + secrets.token_urlsafe(32)
        # Whoever has the token may call in the caller's name, but must not get an operator's rights.
        grant = Grant(Caller(caller.id, caller.name), choice, session, int(time()) + min(seconds or most, most))
        name = _name(token)
        with storage_errors():
            self._storage.blob(f"tokens/{name}").upload_blob(msgspec.json.encode(grant))
        log.info("ephemeral token given, good until %d", grant.expires_at)
        return NewToken(Secret(token), name, grant.expires_at)

    def check_on(self) -> None:
        """Raise OpenAIClientsOff if the settings do not serve OpenAI's clients, or if the protocol cannot."""
        if self._settings.realtime_protocol == "preview":
            raise OpenAIClientsOff(
                "OpenAI's clients speak the GA protocol, and this gateway has REALTIME_PROTOCOL=preview.",
                hint="Set REALTIME_PROTOCOL to ga, with a deployment of a GA model, and OPENAI_CLIENTS.",
            )
        if self._settings.openai_clients == "off":
            raise OpenAIClientsOff

    def identify(self, headers: Mapping[str, str], *, late: bool = False) -> Grant:
        """Return on whose behalf a request is sent: the caller who took its token, or else the one it identifies.

        Any other bearer token is ignored, because Static Web Apps puts one of its own on every request. Raises
        TokenInvalid if the token is unknown, or expired and not `late`, or missing at the direct gateway; and
        SignInRequired if a request without a token needs a signed-in caller.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.startswith(PREFIX):
            if self._settings.direct_gateway:
                # The platform does not protect the routes that take these tokens, so nobody may come without one.
                raise TokenInvalid
            return Grant(identify(headers, self._settings))
        if not _TOKEN.fullmatch(token):
            raise TokenInvalid
        with storage_errors():
            try:
                kept = self._storage.blob(f"tokens/{_name(token)}").download_blob().body
            except ResourceNotFoundError as error:
                raise TokenInvalid from error
        grant = msgspec.json.decode(kept, type=Grant)
        if grant.expires_at <= time() and not late:
            raise TokenInvalid
        return grant


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
