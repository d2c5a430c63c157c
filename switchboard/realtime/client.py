"""Speaks the GA protocol over HTTP: it mints client secrets, creates calls and hangs them up.

The paths, bodies and statuses come from Microsoft's how-to on the Realtime API over WebRTC (GA), from the OpenAPI
document of the Realtime API, and from recordings of what the service answered. Azure accepts an SDP offer only as a raw
`application/sdp` body with a client secret as bearer token; it refuses a resource key or an Entra token there.
"""

import logging
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from os import urandom
from time import time
from typing import Any
from urllib.parse import quote

import msgspec
import requests

from switchboard.credentials import Credentials
from switchboard.errors import SwitchboardError, UpstreamFailed
from switchboard.network import Network
from switchboard.realtime.refusals import refusal
from switchboard.realtime.service import ClientSecret, CreatedCall, call_id_of
from switchboard.realtime.wire import Endpoints, Timeouts, Wire, check_usable
from switchboard.settings import RealtimeProtocol, Secret
from switchboard.telemetry.port import OFF, Telemetry

log = logging.getLogger(__name__)

API = "/openai/v1/realtime"
# If a client secret lives this much longer than asked for, a warning is logged. Less may be a difference of clocks.
CLOCK_TOLERANCE_SECONDS = 60
# What the service answers to a hang-up of a call that is over. Nearly every call is hung up once too often, to be sure.
_OVER = (requests.codes.not_found, requests.codes.gone)

# How a client asks for a WebSocket (RFC 6455, section 4.1), beside a key that is random.
_HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


def sideband_url(endpoint: str, call_id: str) -> str:
    """Return the URL of a call's sideband, which begins with http or https."""
    return f"{endpoint}{API}?call_id={quote(call_id, safe='')}"


class _SecretBody(msgspec.Struct):
    value: str
    expires_at: int
    session: Any = None

    @property
    def session_id(self) -> str:
        """Return the id that the service gave the session, or an empty text if it named none."""
        found = self.session.get("id") if isinstance(self.session, dict) else None
        return found if isinstance(found, str) else ""


class RealtimeClient:
    """Implements RealtimeService with the GA protocol. It may be shared between threads.

    `endpoints` are the base URLs of the Azure resources. To mint a client secret they are tried in order; a call is
    created at the resource that minted its client secret. `webrtc_filter` says whether Azure hides most server events
    from the page (`webrtcfilter=on`), `spread` whether each endpoint comes first for a share of the calls.
    """

    protocol: RealtimeProtocol = "ga"
    # "A secret can be used to create multiple sessions until it expires" (openai-python, client_secret_create_params).
    secrets_are_reusable = True

    def __init__(
        self,
        endpoints: Sequence[str],
        credentials: Credentials,
        network: Network,
        *,
        webrtc_filter: bool,
        spread: bool = False,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
        telemetry: Telemetry = OFF,
    ) -> None:
        self._endpoints = Endpoints(endpoints)
        self.shares = len(endpoints) if spread else 1
        self._credentials = credentials
        self._filter = webrtc_filter
        self._wire = Wire(network, timeouts, telemetry)

    def create_client_secret(self, session: Mapping[str, Any], seconds: int, share: int = 0) -> ClientSecret:
        """Mint a client secret that starts sessions configured like `session` and expires after `seconds` (10 to 7200).

        Raises the UpstreamError of the last endpoint tried.
        """
        body = {"expires_after": {"anchor": "created_at", "seconds": seconds}, "session": session}
        return self._endpoints.first_that_answers(lambda endpoint: self._mint(endpoint, body, seconds), share)

    def calls_url(self, endpoint: str, *, filtered: bool | None = None) -> str:
        """Return the URL that takes an SDP offer. With the filter on, the page never sees the instructions.

        `filtered` overrides what `webrtc_filter` says.
        """
        on = self._filter if filtered is None else filtered
        return f"{endpoint}{API}/calls{'?webrtcfilter=on' if on else ''}"

    def create_call(self, secret: ClientSecret, offer: bytes, *, filtered: bool | None = None) -> CreatedCall:
        """Send the SDP offer to the service, once, and return the call that it created.

        `filtered` overrides what `webrtc_filter` says.
        Raises OfferInvalid if the service rejects the offer, and an UpstreamError if it fails in another way.
        """
        with self._endpoints.watch(secret.endpoint):
            return self._create_call(secret, offer, filtered)

    def own_call_id(self) -> None:
        """Return None, because the service gives its calls an id."""

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """Hang a call up. Return True if it was still up, False if the service does not know it or knows it no longer.

        The request is retried, because hanging up twice is safe. Raises an UpstreamError.
        """
        url = f"{endpoint}{API}/calls/{call_id}/hangup"
        response = self._wire.post(url, fine=_OVER, headers=self._credentials.headers())
        if response.status_code in _OVER:
            return False
        if not response.ok:
            raise refusal(response, "hangup", hint=self._credentials.hint)
        return True

    def has_forgotten(self, endpoint: str, call_id: str) -> bool:
        """Return whether the service says that it does not know a call, or knows it no longer.

        Only the handshake of a sideband tells. It is sent over an open connection here, which takes a tenth of the
        processor time of a dial. False if no connection is open, or if anything else is answered: then a dial has to
        tell. Raises nothing.
        """
        with suppress(SwitchboardError):
            key = b64encode(urandom(16)).decode()
            headers = {**self._credentials.headers(), **_HANDSHAKE, "Sec-WebSocket-Key": key}
            return self._wire.status_of(sideband_url(endpoint, call_id), headers) in _OVER
        return False

    def _create_call(self, secret: ClientSecret, offer: bytes, filtered: bool | None) -> CreatedCall:
        url = self.calls_url(secret.endpoint, filtered=filtered)
        response = self._wire.post_offer(url, offer, secret.value.reveal())
        if response.status_code != requests.codes.created:
            raise refusal(response, "calls", hint=self._credentials.hint)
        call_id = call_id_of(response.headers.get("Location", ""))
        if call_id is None:
            raise UpstreamFailed(
                "The service created a call but named no call id (no usable Location header). Nothing could be hung "
                "up; the call ends by itself because nobody joins it."
            )
        if not response.content.startswith(b"v=0"):
            # If the hang-up fails too, this must not look like a failure before the call.
            with suppress(SwitchboardError):
                self.hang_up(secret.endpoint, call_id)
            raise UpstreamFailed("The service created a call but its SDP answer cannot be read. The call is given up.")
        return CreatedCall(call_id, response.content, secret.endpoint)

    def _mint(self, endpoint: str, body: Mapping[str, Any], seconds: int) -> ClientSecret:
        response = self._wire.post(
            f"{endpoint}{API}/client_secrets",
            data=msgspec.json.encode(body),
            headers={**self._credentials.headers(), "Content-Type": "application/json"},
        )
        if not response.ok:
            raise refusal(response, "client_secrets", hint=self._credentials.hint)
        try:
            found = msgspec.json.decode(response.content, type=_SecretBody)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise UpstreamFailed("The service's answer holds no client secret that can be read.") from error
        check_usable(found.value, found.expires_at)
        secret = ClientSecret(Secret(found.value), found.expires_at, endpoint, found.session_id)
        _check_lifetime(secret, seconds)
        return secret


def _check_lifetime(secret: ClientSecret, seconds: int) -> None:
    """Log a warning if the client secret lives longer than asked for. Azure was seen to give 7200 s by default."""
    lives = secret.expires_at - time()
    if lives > seconds + CLOCK_TOLERANCE_SECONDS:
        log.warning("client secret lives %d s although %d s were asked for (CLIENT_SECRET_SECONDS)", lives, seconds)
