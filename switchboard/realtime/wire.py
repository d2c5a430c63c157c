"""Requests to the Realtime service over pooled connections, and endpoints tried in order. Both protocols use it."""

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
    """Seconds to connect, and until the answer.

    Static Web Apps gives a request 45 s in all: two endpoints that hang while minting and one that hangs while
    relaying stay below that.
    """

    mint: tuple[float, float] = (3.05, 10)
    call: tuple[float, float] = (3.05, 15)


class Wire:
    """Two pools: one for what may be sent twice, one for what may not. Safe to share between threads."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._again = _pool(HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=MINT_RETRY))
        # An offer is relayed once: a retry could create a second call that nobody knows of.
        self._once = _pool(HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=0))

    def post(self, url: str, **request: Any) -> requests.Response:
        """POST what does no harm when it is sent again. Raises UpstreamFailed or UpstreamTimeout."""
        return _send(self._again, url, timeout=self._timeouts.mint, **request)

    def post_offer(self, url: str, offer: bytes, secret: str) -> requests.Response:
        """POST an SDP offer with a client secret, once. Raises UpstreamFailed or UpstreamTimeout."""
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/sdp"}
        return _send(self._once, url, data=offer, headers=headers, timeout=self._timeouts.call)


def first_that_answers(endpoints: Sequence[str], ask: Callable[[str], T]) -> T:
    """What `ask` gives for the first endpoint that is well.

    Raises what it raised for the last one; or at once, when what went wrong is wrong everywhere.
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
    """Raises UpstreamFailed for a client secret that nobody can use."""
    if not secret or expires_at <= time():
        raise UpstreamFailed("The service gave a client secret that is empty or has expired already.")


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
        raise UpstreamFailed("The connection to the Realtime service failed.") from error
