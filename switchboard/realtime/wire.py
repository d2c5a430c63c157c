"""Sends requests to the Realtime service over pooled connections, and tries several endpoints in order."""

import logging
from collections.abc import Callable, Sequence
from time import time
from typing import Any, TypeVar

import msgspec
import requests
from requests.adapters import HTTPAdapter

from switchboard.errors import SwitchboardError, UpstreamFailed, UpstreamTimeout
from switchboard.realtime.retry import MINT_RETRY
from switchboard.realtime.service import host

log = logging.getLogger(__name__)

T = TypeVar("T")

POOL_SIZE = 32


class Timeouts(msgspec.Struct, frozen=True):
    """Says how long the gateway waits for the Realtime service. Each pair is (to connect, for the answer), in seconds.

    Static Web Apps allows 45 s for a whole request. Two endpoints that hang while a secret is minted, and one that
    hangs while the offer is sent, stay below that.
    """

    mint: tuple[float, float] = (3.05, 10)
    """For minting a client secret, and for hanging up."""
    call: tuple[float, float] = (3.05, 15)
    """For sending an SDP offer."""


class Wire:
    """Sends requests over two pools of connections: one retries, the other never does. Threads may share it."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._again = _pool(HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=MINT_RETRY))
        # An offer is sent only once: a retry could create a second call that nobody knows of.
        self._once = _pool(HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=0))

    def post(self, url: str, **request: Any) -> requests.Response:
        """Send a POST request that is safe to repeat, and retry it. Raises UpstreamFailed or UpstreamTimeout."""
        return _send(self._again, url, timeout=self._timeouts.mint, **request)

    def post_offer(self, url: str, offer: bytes, secret: str) -> requests.Response:
        """Send an SDP offer with a client secret, once. Raises UpstreamFailed or UpstreamTimeout."""
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/sdp"}
        return _send(self._once, url, data=offer, headers=headers, timeout=self._timeouts.call)


def first_that_answers(endpoints: Sequence[str], ask: Callable[[str], T]) -> T:
    """Call `ask` with each endpoint in turn until it succeeds, and return its result.

    If it raises an error that another endpoint may not have (`retryable`), the next endpoint is tried. Raises any other
    error at once, and the last endpoint's error in any case.
    """
    for endpoint in endpoints[:-1]:
        try:
            return ask(endpoint)
        except SwitchboardError as error:
            if not error.retryable:
                raise
            log.warning("minting failed at %s (%s); trying the next endpoint", host(endpoint), error.code)
    return ask(endpoints[-1])


def check_usable(secret: str, expires_at: int) -> None:
    """Check a client secret that the service sent. Raises UpstreamFailed if it is empty or has expired."""
    if not secret or expires_at <= time():
        raise UpstreamFailed("The service gave a client secret that is empty or has expired already.")


def _pool(adapter: HTTPAdapter) -> requests.Session:
    session = requests.Session()
    # A .netrc file must not add a credential to these requests, and a proxy from the environment must not see one.
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
        raise UpstreamFailed("The connection to the Realtime service failed.") from error
