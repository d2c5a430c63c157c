"""This module creates client secrets (`ek_…`) and finds them again.

A server asks for a client secret, a browser presents it, and it is valid for many calls until it expires.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from local.realtime.errors import (
    deployment_not_found,
    invalid_value,
    missing_parameter,
    needs_ephemeral_token,
    not_realtime,
    out_of_range,
    unknown_parameter,
    wrong_type,
)
from local.realtime.options import Deployments
from local.realtime.protocol.events import new_id
from local.realtime.protocol.preview_session import DEFAULT_TEMPERATURE, flat_session, nested_session
from local.realtime.protocol.session import configured, default_session

SHORTEST_SECONDS = 10
LONGEST_SECONDS = 7200
# This was recorded on Azure; OpenAI documents 600.
DEFAULT_SECONDS = 7200
# "Currently, all tokens expire after one minute", say the beta types of the openai package.
PREVIEW_SECONDS = 60


@dataclass(frozen=True)
class ClientSecret:
    """This class is one client secret, with the session that a call gets from it."""

    value: str
    """The secret itself, which begins with `ek_`."""
    expires_at: int
    """When it expires, in Unix seconds."""
    session: dict[str, Any]
    """The session object in GA's form, with all defaults filled in."""
    protocol: Literal["ga", "preview"] = "ga"
    """The protocol in which it was created; only that protocol's endpoint for calls accepts it."""
    temperature: float = DEFAULT_TEMPERATURE
    """The temperature of a preview session, which is only shown; GA has no such setting."""

    @property
    def body(self) -> dict[str, Any]:
        """Return the body of the answer in which the client is given the secret, in the form of its protocol."""
        key = {"value": self.value, "expires_at": self.expires_at}
        if self.protocol == "preview":
            return {**flat_session(self.session, self.temperature), "client_secret": key}
        return {**key, "session": self.session}


class ClientSecrets:
    """This class holds the client secrets that have not expired.

    `now` returns the time in Unix seconds.
    """

    def __init__(self, deployments: Deployments, now: Callable[[], float] = time.time) -> None:
        self._deployments = deployments
        self._now = now
        self._secrets: dict[str, ClientSecret] = {}

    def create(self, request: Any) -> ClientSecret:
        """Create a client secret from the JSON body of a request.

        Raises:
            ServiceError: The service refuses the body, the deployment or the lifetime.
        """
        if not isinstance(request, dict):
            raise wrong_type("body", "an object", request)
        for name in request:
            if name not in ("session", "expires_after"):
                raise unknown_parameter(name)
        seconds = _lifetime(request.get("expires_after"))
        session = self._session(request.get("session"))
        return self._keep(ClientSecret(new_id("ek", 32), int(self._now()) + seconds, session))

    def create_preview(self, request: Any) -> ClientSecret:
        """Create a client secret of the preview protocol, valid for one minute, from the JSON body of a request.

        Raises:
            ServiceError: The service refuses the body or the deployment; it also refuses a body in GA's form.
        """
        flat = request.get("session", request) if isinstance(request, dict) else request
        session = self._session(nested_session(flat))
        if flat is not request:
            raise unknown_parameter("session")
        temperature = flat.get("temperature", DEFAULT_TEMPERATURE)
        expires = int(self._now()) + PREVIEW_SECONDS
        return self._keep(ClientSecret(new_id("ek", 32), expires, session, "preview", temperature))

    def find(self, value: str, protocol: str) -> ClientSecret:
        """Return the client secret with this value.

        Raises:
            ServiceError: It does not exist, has expired, or belongs to the other protocol (401).
        """
        secret = self._secrets.get(value)
        if secret is None or secret.expires_at <= self._now() or secret.protocol != protocol:
            raise needs_ephemeral_token()
        return secret

    def _keep(self, secret: ClientSecret) -> ClientSecret:
        now = self._now()
        self._secrets = {value: kept for value, kept in self._secrets.items() if kept.expires_at > now}
        self._secrets[secret.value] = secret
        return secret

    def _session(self, change: Any) -> dict[str, Any]:
        if change is None:
            raise missing_parameter("session")
        if not isinstance(change, dict):
            raise wrong_type("session", "an object", change)
        session = configured(default_session(""), change)
        model = session["model"]
        if not model:
            raise missing_parameter("session.model")
        if model in self._deployments.realtime:
            return session
        if model in self._deployments.other | self._deployments.transcription:
            raise not_realtime(model)
        raise deployment_not_found()


def _lifetime(expires_after: Any) -> int:
    if expires_after is None:
        return DEFAULT_SECONDS
    if not isinstance(expires_after, dict):
        raise wrong_type("expires_after", "an object", expires_after)
    anchor = expires_after.get("anchor", "created_at")
    if anchor != "created_at":
        raise invalid_value("expires_after.anchor", anchor, ["created_at"])
    seconds = expires_after.get("seconds", DEFAULT_SECONDS)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise wrong_type("expires_after.seconds", "an integer", seconds)
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise out_of_range("expires_after.seconds", seconds, SHORTEST_SECONDS, LONGEST_SECONDS)
    return seconds
