"""Defines the port to the Realtime service: what the gateway asks of it, whichever protocol is in use.

`client` implements it with the GA protocol and `preview` with the deprecated one. Only services.py knows which of them
is in use.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from switchboard.settings import RealtimeProtocol, Secret

CALL_ID_PATTERN = "[A-Za-z0-9_-]{1,128}"
_CALL_ID = re.compile(CALL_ID_PATTERN)


class ClientSecret(msgspec.Struct, frozen=True):
    """Holds a client secret, with which calls can be created."""

    value: Secret
    """The secret itself (`ek_…`)."""
    expires_at: int
    """When it expires, in Unix seconds. A call that was created before goes on."""
    endpoint: str
    """The base URL of the Azure resource that minted it. It is valid only there."""
    session_id: str = ""
    """The id that the service gave the session (`sess_…`); empty if it named none."""


class CreatedCall(msgspec.Struct, frozen=True):
    """Describes a call that the service has created."""

    call_id: str
    """The id of the call (`rtc_…`)."""
    answer: bytes
    """The SDP answer for the browser."""
    endpoint: str
    """The base URL of the Azure resource that runs the call."""


class RealtimeService(Protocol):
    """This port is the Realtime service, as the gateway sees it.

    An implementation may be shared between threads. Its methods block on the network, and raise only SwitchboardErrors.
    """

    protocol: RealtimeProtocol
    """The protocol in use: `ga` or `preview`."""
    secrets_are_reusable: bool
    """Whether several calls may be created with one client secret."""

    shares: int
    """The number of endpoints that calls are spread over; 1 if the further endpoints are used only after a failure."""

    def create_client_secret(self, session: Mapping[str, Any], seconds: int, share: int = 0) -> ClientSecret:
        """Mint a client secret that starts sessions configured like `session` and expires after `seconds`.

        `session` has the GA protocol's fields. A protocol that fixes the lifetime ignores `seconds`. The endpoints are
        tried in order, beginning with the one whose index is `share` (0 to `shares` - 1); one that has failed lately
        comes last. Raises the UpstreamError of the last one tried.
        """
        ...

    def calls_url(self, endpoint: str) -> str:
        """Return the URL that takes an SDP offer with a client secret that was minted at `endpoint`."""
        ...

    def create_call(self, secret: ClientSecret, offer: bytes, *, filtered: bool | None = None) -> CreatedCall:
        """Send the SDP offer to the service, once, and return the call that it created.

        `filtered` says whether Azure hides most server events from the page; None leaves it to the settings. A protocol
        without such a filter ignores it.
        Raises OfferInvalid if the service rejects the offer, and an UpstreamError if it fails in another way: with
        UpstreamUnauthorized and UpstreamUnreachable, no call can have begun.
        """
        ...

    def own_call_id(self) -> str | None:
        """Return a new id for a call, or None if the service gives its calls an id.

        The GA service names a call's id in its `Location` header; the preview service names none.
        """
        ...

    def has_forgotten(self, endpoint: str, call_id: str) -> bool:
        """Return True if the service says that it does not know a call, or knows it no longer.

        False says nothing: the service may know the call, or could not be asked with little work. Raises nothing.
        """
        ...

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """Hang a call up, for everyone in it. Safe to call more than once.

        Return True if the call was still up. Return False if the service does not know it or knows it no longer, or if
        the protocol has no hang-up. Raises an UpstreamError.
        """
        ...


def call_id_of(location: str) -> str | None:
    """Return the call id in a `Location` header such as `/v1/realtime/calls/rtc_…`, or None if there is none."""
    try:
        segments = urlsplit(location).path.rstrip("/").split("/")
    except ValueError:
        return None
    usable = len(segments) > 1 and segments[-2] == "calls" and _CALL_ID.fullmatch(segments[-1])
    return segments[-1] if usable else None


def is_call_id(text: str) -> bool:
    """Return whether the text has the form of a call id. A text of that form is safe in a path."""
    return _CALL_ID.fullmatch(text) is not None


def host(endpoint: str) -> str:
    """Return the host name, and the port if there is one, of an endpoint. Logs and records show it."""
    return urlsplit(endpoint).netloc
