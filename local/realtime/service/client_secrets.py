"""Client secrets (`ek_…`): made by the gateway, shown by the browser, good for many calls until they expire."""

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
DEFAULT_SECONDS = 7200  # Azure, as recorded; OpenAI documents 600
PREVIEW_SECONDS = 60  # "Currently, all tokens expire after one minute" (the openai package's beta types)


@dataclass(frozen=True)
class ClientSecret:
    """One secret and the session it stands for."""

    value: str
    expires_at: int
    """Unix seconds."""
    session: dict[str, Any]
    protocol: Literal["ga", "preview"] = "ga"
    temperature: float = DEFAULT_TEMPERATURE
    """Of a preview session; GA has none."""

    @property
    def body(self) -> dict[str, Any]:
        """The answer of `POST /client_secrets`, or of the preview protocol's `POST /sessions`."""
        key = {"value": self.value, "expires_at": self.expires_at}
        if self.protocol == "preview":
            return {**flat_session(self.session, self.temperature), "client_secret": key}
        return {**key, "session": self.session}


class ClientSecrets:
    """The secrets that were made and have not expired."""

    def __init__(self, deployments: Deployments, now: Callable[[], float] = time.time) -> None:
        self._deployments = deployments
        self._now = now
        self._secrets: dict[str, ClientSecret] = {}

    def create(self, request: Any) -> ClientSecret:
        """Make a secret from the JSON body of a request.

        Raises:
            ServiceError: for a body, a deployment or a lifetime the service refuses.
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
        """Make a preview session's key, good for a minute, from the JSON body of a request.

        Raises:
            ServiceError: as `create`; for GA's form of a body too.
        """
        flat = request.get("session", request) if isinstance(request, dict) else request
        session = self._session(nested_session(flat))
        if flat is not request:
            raise unknown_parameter("session")
        temperature = flat.get("temperature", DEFAULT_TEMPERATURE)
        expires = int(self._now()) + PREVIEW_SECONDS
        return self._keep(ClientSecret(new_id("ek", 32), expires, session, "preview", temperature))

    def find(self, value: str, protocol: str) -> ClientSecret:
        """The secret of that value.

        Raises:
            ServiceError: 401 for one that is unknown, has expired or is of the other protocol.
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
