"""Sends requests to the Realtime service over pooled connections, and tries several endpoints in turn."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from time import monotonic, sleep, time
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from urllib3.exceptions import NewConnectionError

from switchboard.errors import SwitchboardError, UpstreamFailed, UpstreamTimeout, UpstreamUnreachable
from switchboard.network import Network, Session
from switchboard.open_pools import ExchangeFailed
from switchboard.realtime.retry import LONGEST_WAIT_SECONDS, MINT_RETRY, TRIES_AGAIN, asked_to_wait
from switchboard.realtime.service import host
from switchboard.telemetry.port import OFF, Telemetry
from switchboard.threads import SERVICE_THREADS

log = logging.getLogger(__name__)

T = TypeVar("T")

# How long an endpoint that has failed is tried only after the others. The first caller after that finds out whether it
# is well again.
REST_SECONDS = 30.0


class Timeouts(msgspec.Struct, frozen=True):
    """Says how long the gateway waits for the Realtime service. Each pair is (to connect, for the answer), in seconds.

    Static Web Apps allows 45 s for a whole request. Two endpoints that hang while a secret is minted, and one that
    hangs while the offer is sent, stay below that, even if the offer could not be sent to another one before.
    """

    mint: tuple[float, float] = (3.05, 10)
    """For minting a client secret, and for hanging up."""
    call: tuple[float, float] = (3.05, 15)
    """For sending an SDP offer."""


class Wire:
    """Sends requests over two pools of connections: one retries, the other never does. Threads may share it."""

    def __init__(self, network: Network, timeouts: Timeouts, telemetry: Telemetry = OFF) -> None:
        self._timeouts = timeouts
        self._telemetry = telemetry
        self._again = network.session(SERVICE_THREADS, MINT_RETRY)
        # Used when a first try over an open connection has failed already.
        self._once_more = network.session(SERVICE_THREADS, MINT_RETRY.new(total=TRIES_AGAIN - 1))
        # An offer is sent only once: a retry could create a second call that nobody knows of.
        self._once = network.session(SERVICE_THREADS)

    def post(self, url: str, *, fine: Collection[int] = (), **request: Any) -> requests.Response:
        """Send a POST request that is safe to repeat, and retry it.

        A trace shows an answer with a status of 400 or above as failed, except for those in `fine`.
        Raises UpstreamUnreachable, UpstreamFailed or UpstreamTimeout.
        """
        return self._send(self._post, url, fine, timeout=self._timeouts.mint, **request)

    def post_offer(self, url: str, offer: bytes, secret: str) -> requests.Response:
        """Send an SDP offer with a client secret, once.

        Raises UpstreamUnreachable if it was certainly not received, and UpstreamFailed or UpstreamTimeout otherwise.
        """
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/sdp"}
        return self._send(self._post_once, url, (), data=offer, headers=headers, timeout=self._timeouts.call)

    def status_of(self, url: str, headers: Mapping[str, str]) -> int | None:
        """Send a GET request over an open connection, once, and return the status of the answer.

        None if no connection is open, or if no answer came that ends a request (101 does not). Raises nothing.
        """
        with suppress(ExchangeFailed):
            answer = self._again.exchange("GET", url, headers, b"", self._timeouts.mint[1])
            return None if answer is None else answer.status_code
        return None

    def _post(self, url: str, **request: Any) -> requests.Response:
        """Send a request over an open connection if there is one; whatever has to be tried again is left to urllib3."""
        try:
            answer = _quick(self._again, url, **request)
        except ExchangeFailed as error:
            if error.timed_out:
                raise UpstreamTimeout from error
            return _send(self._once_more, url, **request)
        if answer is None:
            return _send(self._again, url, **request)
        if answer.status_code not in MINT_RETRY.status_forcelist:
            return answer
        wait = asked_to_wait(answer.headers)
        if wait > LONGEST_WAIT_SECONDS:
            return answer
        sleep(wait)
        return _send(self._once_more, url, **request)

    def _post_once(self, url: str, **request: Any) -> requests.Response:
        try:
            answer = _quick(self._once, url, **request)
        except ExchangeFailed as error:
            if error.timed_out:
                raise UpstreamTimeout from error
            raise UpstreamFailed("The connection to the Realtime service failed.") from error
        # An answer that says no is false, but it is an answer.
        return _send(self._once, url, **request) if answer is None else answer

    def _send(
        self, post: Callable[..., requests.Response], url: str, fine: Collection[int], **request: Any
    ) -> requests.Response:
        """Send the request, in a span that names the host and the operation. The URL itself may name a call."""
        parts = urlsplit(url)
        told = {"http.request.method": "POST", "server.address": parts.hostname or ""}
        with self._telemetry.span(f"POST {parts.path.rpartition('/')[2]}", told, kind="client") as span:
            answer = post(url, **request)
            span.set({"http.response.status_code": answer.status_code})
            if not answer.ok and answer.status_code not in fine:
                span.fail(str(answer.status_code))
            return answer


class Endpoints:
    """Tries endpoints in the given order, but one that has failed lately only after the others. Threads may share it.

    `clock` returns seconds that never go back.
    """

    def __init__(self, endpoints: Sequence[str], clock: Callable[[], float] = monotonic) -> None:
        self._endpoints = tuple(endpoints)
        self._clock = clock
        self._rests_until: dict[str, float] = {}

    def first_that_answers(self, ask: Callable[[str], T], share: int = 0) -> T:
        """Call `ask` with one endpoint after the other until it succeeds, and return its result.

        The endpoint with the index `share` comes first, unless it has failed lately; those after it follow in a circle.
        If it raises an error that another endpoint may not have (`retryable`), the next endpoint is tried. Raises any
        other error at once, and the last endpoint's error in any case.
        """
        *others, last = self._in_turn(share)
        for endpoint in others:
            try:
                with self.watch(endpoint):
                    return ask(endpoint)
            except SwitchboardError as error:
                if not error.retryable:
                    raise
                log.warning("minting failed at %s (%s); trying the next endpoint", host(endpoint), error.code)
        with self.watch(last):
            return ask(last)

    @contextmanager
    def watch(self, endpoint: str) -> Iterator[None]:
        """Let the endpoint rest if the block raises an error that another endpoint may not have."""
        try:
            yield
        except SwitchboardError as error:
            if error.retryable:
                self._rests_until[endpoint] = self._clock() + REST_SECONDS
            raise

    def _in_turn(self, share: int) -> list[str]:
        now = self._clock()
        rests = {endpoint: until for endpoint, until in self._rests_until.copy().items() if until > now}
        # Of several that rest, the one that failed first comes first.
        in_order = self._endpoints[share:] + self._endpoints[:share]
        return sorted(in_order, key=lambda endpoint: rests.get(endpoint, 0.0))


def check_usable(secret: str, expires_at: int) -> None:
    """Check a client secret that the service sent.

    Raises UpstreamFailed if it is empty, has expired, or cannot stand in a header.
    """
    if not secret or expires_at <= time():
        raise UpstreamFailed("The service gave a client secret that is empty or has expired already.")
    if not (secret.isascii() and secret.isprintable()):
        raise UpstreamFailed("The service gave a client secret that no request can carry.")


def _quick(
    session: Session, url: str, *, data: bytes = b"", headers: Mapping[str, str], timeout: tuple[float, float]
) -> requests.Response | None:
    return session.exchange("POST", url, headers, data, timeout[1])


def _send(session: requests.Session, url: str, **request: Any) -> requests.Response:
    try:
        return session.request("POST", url, **request)
    except requests.ConnectTimeout as error:
        raise UpstreamUnreachable from error
    except requests.Timeout as error:
        raise UpstreamTimeout from error
    except requests.RequestException as error:
        if _never_connected(error):
            raise UpstreamUnreachable from error
        raise UpstreamFailed("The connection to the Realtime service failed.") from error


def _never_connected(error: requests.RequestException) -> bool:
    """Return whether there was no connection at all: it was refused, or the name has no address."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
