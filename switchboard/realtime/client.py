"""Client secrets, calls and hang-up over HTTP.

Paths, bodies and statuses: Microsoft's how-to on the Realtime API over WebRTC (GA), the OpenAPI document of the
Realtime API, and what the service was recorded to answer. Azure takes an offer only as a raw `application/sdp` body
with a client secret as bearer; a resource key or an Entra token is refused there.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from time import time
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter

from switchboard.credentials import Credentials
from switchboard.errors import SwitchboardError, UpstreamFailed, UpstreamTimeout
from switchboard.realtime.refusals import refusal
from switchboard.realtime.retry import MINT_RETRY
from switchboard.settings import Secret

log = logging.getLogger(__name__)

API = "/openai/v1/realtime"
POOL_SIZE = 32
# How much longer than asked for a client secret may live before it is worth a warning: clocks differ.
CLOCK_TOLERANCE_SECONDS = 60
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


class Timeouts(msgspec.Struct, frozen=True):
    """Seconds to connect, and until the answer.

    Static Web Apps gives a request 45 s in all: two endpoints that hang while minting and one that hangs while
    relaying stay below that.
    """

    mint: tuple[float, float] = (3.05, 10)
    call: tuple[float, float] = (3.05, 15)


class _SecretBody(msgspec.Struct):
    value: str
    expires_at: int


class RealtimeClient:
    """One pooled HTTP session to the service; safe to share between threads.

    `endpoints` are tried in order for minting; a call is created where its client secret came from.
    """

    def __init__(
        self,
        endpoints: Sequence[str],
        credentials: Credentials,
        *,
        webrtc_filter: bool,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
    ) -> None:
        self._timeouts = timeouts
        self._endpoints = tuple(endpoints)
        self._credentials = credentials
        self._filter = webrtc_filter
        self._minting = _pool(HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=MINT_RETRY))
        # An offer is relayed once: a retry could create a second call that nobody knows of.
        self._calling = _pool(HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=0))

    def create_client_secret(self, session: Mapping[str, Any], seconds: int) -> ClientSecret:
        """Mint a client secret that begins sessions like `session` for `seconds` (10 to 7200).

        Raises an UpstreamError: that of the last endpoint tried.
        """
        body = {"expires_after": {"anchor": "created_at", "seconds": seconds}, "session": session}
        for endpoint in self._endpoints[:-1]:
            try:
                return self._mint(endpoint, body, seconds)
            except SwitchboardError as error:
                if not error.retryable:
                    raise
                log.warning("minting failed at %s (%s); trying the next endpoint", host(endpoint), error.code)
        return self._mint(self._endpoints[-1], body, seconds)

    def calls_url(self, endpoint: str) -> str:
        """Where an SDP offer goes. The filter keeps the instructions and much else from the page."""
        return f"{endpoint}{API}/calls{'?webrtcfilter=on' if self._filter else ''}"

    def create_call(self, secret: ClientSecret, offer: bytes) -> CreatedCall:
        """Relay the offer, once.

        Raises an UpstreamError; OfferInvalid when the service finds the offer at fault.
        """
        response = _send(
            self._calling,
            self.calls_url(secret.endpoint),
            data=offer,
            headers={"Authorization": f"Bearer {secret.value.reveal()}", "Content-Type": "application/sdp"},
            timeout=self._timeouts.call,
        )
        if response.status_code != requests.codes.created:
            raise refusal(response, "calls", hint=self._credentials.hint)
        call_id = call_id_of(response.headers.get("Location", ""))
        if call_id is None:
            raise UpstreamFailed(
                "The service created a call but named no call id (no usable Location header). Nothing could be hung "
                "up; the call ends by itself because nobody joins it."
            )
        if not response.content.startswith(b"v=0"):
            self.hang_up(secret.endpoint, call_id)
            raise UpstreamFailed("The service created a call but its SDP answer cannot be read. The call was hung up.")
        return CreatedCall(call_id, response.content, secret.endpoint)

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """End a call for everyone in it. True if it was still up; False if the service knows no such call (any more).

        Hanging up twice does no harm, so it is retried like minting. Raises an UpstreamError.
        """
        url = f"{endpoint}{API}/calls/{call_id}/hangup"
        response = _send(self._minting, url, headers=self._credentials.headers(), timeout=self._timeouts.mint)
        if response.status_code == requests.codes.not_found:
            return False
        if not response.ok:
            raise refusal(response, "hangup", hint=self._credentials.hint)
        return True

    def _mint(self, endpoint: str, body: Mapping[str, Any], seconds: int) -> ClientSecret:
        response = _send(
            self._minting,
            f"{endpoint}{API}/client_secrets",
            data=msgspec.json.encode(body),
            headers={**self._credentials.headers(), "Content-Type": "application/json"},
            timeout=self._timeouts.mint,
        )
        if not response.ok:
            raise refusal(response, "client_secrets", hint=self._credentials.hint)
        try:
            found = msgspec.json.decode(response.content, type=_SecretBody)
        except msgspec.MsgspecError as error:
            raise UpstreamFailed("The service's answer holds no client secret that can be read.") from error
        if not found.value or found.expires_at <= time():
            raise UpstreamFailed("The service gave a client secret that is empty or has expired already.")
        secret = ClientSecret(Secret(found.value), found.expires_at, endpoint)
        _check_lifetime(secret, seconds)
        return secret


def _check_lifetime(secret: ClientSecret, seconds: int) -> None:
    """Azure was seen to give 7200 s by default: whether it honours what is asked must show."""
    lives = secret.expires_at - time()
    if lives > seconds + CLOCK_TOLERANCE_SECONDS:
        log.warning("client secret lives %d s although %d s were asked for (CLIENT_SECRET_SECONDS)", lives, seconds)


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


def _pool(adapter: HTTPAdapter) -> requests.Session:
    session = requests.Session()
    # Neither netrc nor proxies from the environment may slip a credential into, or take one out of, these requests.
    session.trust_env = False
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _send(session: requests.Session, url: str, **request: Any) -> requests.Response:
    try:
        return session.post(url, allow_redirects=False, **request)
    except requests.Timeout as error:
        raise UpstreamTimeout from error
    except requests.RequestException as error:
        raise UpstreamFailed("The connection to the realtime service failed.") from error
