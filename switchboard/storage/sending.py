"""Sends requests to storage over pooled connections, and retries them."""

import time
from collections.abc import Callable
from email.utils import formatdate
from functools import cached_property
from urllib.parse import quote, urlsplit

from azure.core.exceptions import ServiceRequestError
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util import Retry, Timeout

from switchboard.network import Session
from switchboard.open_pools import ExchangeFailed, OpenPool
from switchboard.storage.account import Account
from switchboard.storage.answers import Answer
from switchboard.storage.operations import Request

# The version of the services' REST APIs: all that is used here has been in it for years.
VERSION = "2021-12-02"
CONNECT_SECONDS, READ_SECONDS = 3, 5
# A request from a page may take 45 s at most, so a request to storage is retried twice, after a second each.
RETRIES, PAUSE_SECONDS = 2, 1.0
_TIMEOUT = Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)


class StorageRetry(Retry):
    """Retries whatever may be storage's own trouble, for any method, after the same pause each time."""

    def get_backoff_time(self) -> float:
        """Return the seconds before the next try."""
        return PAUSE_SECONDS

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: ARG002
        """Return whether a request with this answer is sent again."""
        return status_code == 408 or (status_code >= 500 and status_code not in (501, 505))


def _retry(times: int) -> StorageRetry:
    return StorageRetry(
        times, redirect=0, allowed_methods=None, raise_on_status=False, respect_retry_after_header=False
    )


_RETRY, _RETRY_AFTER_ONE = _retry(RETRIES), _retry(RETRIES - 1)


class Sender:
    """Sends requests to one service of the account. Threads may share it.

    `url` is where the service is, and `bearer` returns an Entra token, for an account without a key; it may block.
    """

    def __init__(self, url: str, account: Account, session: Session, bearer: Callable[[], str]) -> None:
        self._url = url
        self._account = account
        self._session = session
        self._bearer = bearer
        self._host, self._folder = urlsplit(url).netloc, urlsplit(url).path

    def send(self, request: Request) -> Answer:
        """Send a request and return the answer, whatever it says. Raises an AzureError if there is none."""
        path = self._folder + request.path
        headers = {**request.headers, "x-ms-date": formatdate(time.time(), usegmt=True), "x-ms-version": VERSION}
        if self._account.key:
            headers["Authorization"] = self._account.authorization(request, headers, path)
        elif not self._account.signature:
            headers["Authorization"] = f"Bearer {self._bearer()}"
        headers["Host"] = self._host
        asked = "&".join(
            [f"{name}={quote(value, safe='')}" for name, value in request.query]
            + ([self._account.signature] if self._account.signature else [])
        )
        try:
            return self._answer(request, f"{path}?{asked}" if asked else path, headers)
        except HTTPError as error:
            raise ServiceRequestError(f"Storage did not answer: {type(error).__name__}") from error

    def _answer(self, request: Request, target: str, headers: dict[str, str]) -> Answer:
        """Send the request over an open connection if there is one; else, or if that fails, let urllib3 open one."""
        pool, before = self._way
        retry = _RETRY
        if isinstance(pool, OpenPool):
            try:
                reply = pool.exchange(request.method, target, headers, request.body, READ_SECONDS)
                failed = reply is not None and retry.is_retry(request.method, reply.status)
                if reply is not None and not failed:
                    return Answer(reply.status, reply.headers, reply.body)
            except ExchangeFailed:
                failed = True
            if failed:
                # That was the first try.
                time.sleep(PAUSE_SECONDS)
                retry = _RETRY_AFTER_ONE
        answer = pool.urlopen(
            request.method,
            before + target,
            request.body,
            headers,
            retries=retry,
            redirect=False,
            assert_same_host=False,
            timeout=_TIMEOUT,
        )
        return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)

    @cached_property
    def _way(self) -> tuple[HTTPConnectionPool, str]:
        return self._session.way_to(self._url)
