"""The preview protocol, deprecated since April 2026: client secrets and calls, and nothing after that.

Microsoft's first how-to on the Realtime API over WebRTC: a session with flat fields at the resource's own endpoint,
whose key lives for a minute; the SDP offer goes to an address of the region. The answer names no call: there is no
sideband, no filter and no hang-up, so nobody but the browser knows what is said and when it ends.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from switchboard.credentials import Credentials
from switchboard.errors import SessionRejected, UpstreamFailed
from switchboard.preview_session import preview_session
from switchboard.realtime.refusals import refusal
from switchboard.realtime.service import ClientSecret, CreatedCall
from switchboard.realtime.wire import Timeouts, Wire, check_usable, first_that_answers
from switchboard.settings import RealtimeProtocol, Secret, is_loopback

SESSIONS = "/openai/realtimeapi/sessions?api-version=2025-04-01-preview"
REGIONAL = "https://{region}.realtimeapi-preview.ai.azure.com"
CALL_ID_PREFIX = "rtc_preview_"


class _Key(msgspec.Struct):
    value: str
    expires_at: int


class _SessionBody(msgspec.Struct):
    client_secret: _Key


class PreviewClient:
    """See RealtimeService. All `endpoints` are resources in `region`: a key is good in its own region only."""

    protocol: RealtimeProtocol = "preview"
    # That a key may begin a second session is said of GA's secrets only.
    secrets_are_reusable = False

    def __init__(
        self,
        endpoints: Sequence[str],
        credentials: Credentials,
        *,
        region: str,
        deployment: str,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
    ) -> None:
        self._endpoints = tuple(endpoints)
        self._credentials = credentials
        self._region = region
        self._deployment = deployment
        self._wire = Wire(timeouts)

    def create_client_secret(self, session: Mapping[str, Any], seconds: int) -> ClientSecret:
        """Mint a key. It lives for a minute, whatever `seconds` says.

        Raises an UpstreamError; SessionRejected also for what the protocol cannot express.
        """
        del seconds
        flat, lost = preview_session(session)
        if lost:
            raise SessionRejected(f"The preview protocol has no counterpart for {', '.join(lost)}.")
        body = msgspec.json.encode(flat)
        return first_that_answers(self._endpoints, lambda endpoint: self._mint(endpoint, body))

    def calls_url(self, endpoint: str) -> str:
        """The region's address; an emulator on this machine is its own region."""
        base = endpoint if is_loopback(endpoint) else REGIONAL.format(region=self._region)
        return f"{base}/v1/realtimertc?model={quote(self._deployment, safe='')}"

    def create_call(self, secret: ClientSecret, offer: bytes) -> CreatedCall:
        """Relay the offer, once; the call's id is ours.

        Raises an UpstreamError; OfferInvalid when the service finds the offer at fault.
        """
        response = self._wire.post_offer(self.calls_url(secret.endpoint), offer, secret.value.reveal())
        if not response.ok:
            hint = f"Check that REALTIME_REGION is the region of the resource. {self._credentials.hint}"
            raise refusal(response, "calls", hint=hint)
        if not response.content.startswith(b"v=0"):
            raise UpstreamFailed("The service's SDP answer cannot be read. The call ends by itself: nobody joins it.")
        return CreatedCall(self.own_call_id(), response.content, secret.endpoint)

    def own_call_id(self) -> str:
        """Told apart from the service's own ids, which begin `rtc_` too, by its longer beginning."""
        return f"{CALL_ID_PREFIX}{uuid.uuid4().hex}"

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """The protocol has no hang-up: the call ends when the browser leaves it. Always False."""
        del endpoint, call_id
        return False

    def _mint(self, endpoint: str, body: bytes) -> ClientSecret:
        headers = {**self._credentials.headers(), "Content-Type": "application/json"}
        response = self._wire.post(endpoint + SESSIONS, data=body, headers=headers)
        if not response.ok:
            raise refusal(response, "client_secrets", hint=self._credentials.hint)
        try:
            key = msgspec.json.decode(response.content, type=_SessionBody).client_secret
        except msgspec.MsgspecError as error:
            raise UpstreamFailed("The service's answer holds no client secret that can be read.") from error
        check_usable(key.value, key.expires_at)
        return ClientSecret(Secret(key.value), key.expires_at, endpoint)
