"""Speaks the preview protocol, deprecated since April 2026: it mints client secrets and creates calls, no more.

The facts come from Microsoft's first how-to on the Realtime API over WebRTC. The session has flat fields and is created
at the resource's own endpoint; its client secret lives for a minute. The SDP offer goes to an address of the region,
whose answer names no call. This protocol has no sideband, no filter and no hang-up, so only the browser knows what is
said and when the call ends.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from switchboard.credentials import Credentials
from switchboard.errors import SessionRejected, UpstreamFailed
from switchboard.network import Network
from switchboard.preview_session import preview_session
from switchboard.realtime.refusals import refusal
from switchboard.realtime.service import ClientSecret, CreatedCall
from switchboard.realtime.wire import Endpoints, Timeouts, Wire, check_usable
from switchboard.settings import RealtimeProtocol, Secret, is_loopback
from switchboard.telemetry.port import OFF, Telemetry

SESSIONS = "/openai/realtimeapi/sessions?api-version=2025-04-01-preview"
REGIONAL = "https://{region}.realtimeapi-preview.ai.azure.com"
CALL_ID_PREFIX = "rtc_preview_"


class _Key(msgspec.Struct):
    value: str
    expires_at: int


class _SessionBody(msgspec.Struct):
    client_secret: _Key
    id: str | None = None


class PreviewClient:
    """Implements RealtimeService with the preview protocol. It may be shared between threads.

    `endpoints` are the base URLs of the Azure resources, all of them in `region`, because a client secret is valid only
    in the region that minted it.
    """

    protocol: RealtimeProtocol = "preview"
    # The documentation says only of the GA protocol that several sessions may start with one secret.
    secrets_are_reusable = False
    shares = 1

    def __init__(
        self,
        endpoints: Sequence[str],
        credentials: Credentials,
        network: Network,
        *,
        region: str,
        deployment: str,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
        telemetry: Telemetry = OFF,
    ) -> None:
        self._endpoints = Endpoints(endpoints)
        self._credentials = credentials
        self._region = region
        self._deployment = deployment
        self._wire = Wire(network, timeouts, telemetry)

    def create_client_secret(self, session: Mapping[str, Any], seconds: int, share: int = 0) -> ClientSecret:
        """Mint a client secret that starts sessions configured like `session`. It expires after a minute.

        The protocol does not let a client choose the lifetime, so `seconds` is ignored; calls are not spread with this
        protocol, so `share` is ignored too. Raises SessionRejected if
        `session` has something that the protocol cannot express, or the UpstreamError of the last endpoint tried.
        """
        del seconds, share
        flat, lost = preview_session(session)
        if lost:
            raise SessionRejected(f"The preview protocol has no counterpart for {', '.join(lost)}.")
        body = msgspec.json.encode(flat)
        return self._endpoints.first_that_answers(lambda endpoint: self._mint(endpoint, body))

    def calls_url(self, endpoint: str) -> str:
        """Return the URL that takes an SDP offer: an address of the region, or the emulator itself on this machine."""
        base = endpoint if is_loopback(endpoint) else REGIONAL.format(region=self._region)
        return f"{base}/v1/realtimertc?model={quote(self._deployment, safe='')}"

    def create_call(self, secret: ClientSecret, offer: bytes, *, filtered: bool | None = None) -> CreatedCall:
        """Send the SDP offer to the service, once, and return the call with an id that the gateway makes up.

        The protocol has no filter, so `filtered` is ignored.
        Raises OfferInvalid if the service rejects the offer, and an UpstreamError if it fails in another way.
        """
        del filtered
        with self._endpoints.watch(secret.endpoint):
            return self._create_call(secret, offer)

    def own_call_id(self) -> str:
        """Return a new id. It begins with `rtc_preview_`, so that it cannot be mistaken for an id of the GA service."""
        return f"{CALL_ID_PREFIX}{uuid.uuid4().hex}"

    def has_forgotten(self, endpoint: str, call_id: str) -> bool:
        """Return False, because nobody can ask the service for a call."""
        del endpoint, call_id
        return False

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """Return False, because the protocol has no hang-up: the call ends when the browser leaves it."""
        del endpoint, call_id
        return False

    def _create_call(self, secret: ClientSecret, offer: bytes) -> CreatedCall:
        response = self._wire.post_offer(self.calls_url(secret.endpoint), offer, secret.value.reveal())
        if not response.ok:
            hint = f"Check that REALTIME_REGION is the region of the resource. {self._credentials.hint}"
            raise refusal(response, "calls", hint=hint)
        if not response.content.startswith(b"v=0"):
            raise UpstreamFailed("The service's SDP answer cannot be read. The call ends by itself: nobody joins it.")
        return CreatedCall(self.own_call_id(), response.content, secret.endpoint)

    def _mint(self, endpoint: str, body: bytes) -> ClientSecret:
        headers = {**self._credentials.headers(), "Content-Type": "application/json"}
        response = self._wire.post(endpoint + SESSIONS, data=body, headers=headers)
        if not response.ok:
            raise refusal(response, "client_secrets", hint=self._credentials.hint)
        try:
            found = msgspec.json.decode(response.content, type=_SessionBody)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise UpstreamFailed("The service's answer holds no client secret that can be read.") from error
        key = found.client_secret
        check_usable(key.value, key.expires_at)
        return ClientSecret(Secret(key.value), key.expires_at, endpoint, found.id or "")
