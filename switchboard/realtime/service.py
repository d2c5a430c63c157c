"""The port to the Realtime service: what the gateway asks of it, in whichever protocol.

`client` speaks GA, `preview` the deprecated protocol; services.py chooses, and nobody else needs to know.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from switchboard.settings import RealtimeProtocol, Secret

_CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class ClientSecret(msgspec.Struct, frozen=True):
    """A client secret: `expires_at` in Unix seconds; good for calls at `endpoint` only."""

    value: Secret
    expires_at: int
    endpoint: str


class CreatedCall(msgspec.Struct, frozen=True):
    """A call the service has created, and its SDP answer."""

    call_id: str
    answer: bytes
    endpoint: str


class RealtimeService(Protocol):
    """Client secrets, calls and hang-up; safe to share between threads. What they raise are SwitchboardErrors."""

    protocol: RealtimeProtocol
    secrets_are_reusable: bool
    """Whether one client secret may begin several calls."""

    def create_client_secret(self, session: Mapping[str, Any], seconds: int) -> ClientSecret:
        """Mint a client secret that begins sessions like `session` (in GA's fields), for `seconds` where one may ask.

        Endpoints are tried in order; raises an UpstreamError, that of the last one tried.
        """
        ...

    def calls_url(self, endpoint: str) -> str:
        """Where an SDP offer goes with a secret that was minted at `endpoint`."""
        ...

    def create_call(self, secret: ClientSecret, offer: bytes) -> CreatedCall:
        """Relay the offer, once. Raises an UpstreamError; OfferInvalid when the service finds the offer at fault."""
        ...

    def own_call_id(self) -> str | None:
        """An id for a call that the service gives none; None where the service does, in its Location header."""
        ...

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """End a call for everyone in it; again does no harm. Raises an UpstreamError.

        True if it was still up; False if the service knows no such call (any more), or never can end one.
        """
        ...


def call_id_of(location: str) -> str | None:
    """The call id in a Location header such as `/v1/realtime/calls/rtc_…`; None where there is none."""
    segments = urlsplit(location).path.rstrip("/").split("/")
    usable = len(segments) > 1 and segments[-2] == "calls" and _CALL_ID.fullmatch(segments[-1])
    return segments[-1] if usable else None


def is_call_id(text: str) -> bool:
    """Whether this could be a call id; such a text is safe in a path."""
    return _CALL_ID.fullmatch(text) is not None


def host(endpoint: str) -> str:
    """The endpoint's host name, for logs and records."""
    return urlsplit(endpoint).netloc
