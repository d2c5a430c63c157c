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


_RETRY = StorageRetry(
    RETRIES, redirect=0, allowed_methods=None, raise_on_status=False, respect_retry_after_header=False
)


class Sender:
    """Sends requests to one service of the account. Threads may share it.

    `url` is where the service is, and `bearer` returns an Entra token, for an account without a key; it may block.
    """

    def __init__(self, url: str, account: Account, session: Session, bearer: Callable[[], str]) -> None:
        self._url = url
        self._account = account
        self._session = session
        self._bearer = bearer
        self._folder = urlsplit(url).path

    def send(self, request: Request) -> Answer:
        """Send a request and return the answer, whatever it says. Raises an AzureError if there is none."""
        path = self._folder + request.path
        headers = {**request.headers, "x-ms-date": formatdate(time.time(), usegmt=True), "x-ms-version": VERSION}
        if self._account.key:
            headers["Authorization"] = self._account.authorization(request, headers, path)
        elif not self._account.signature:
            headers["Authorization"] = f"Bearer {self._bearer()}"
        asked = "&".join(
            [f"{name}={quote(value, safe='')}" for name, value in request.query]
            + ([self._account.signature] if self._account.signature else [])
        )
        pool, before = self._way
        try:
            answer = pool.urlopen(
                request.method,
                f"{before}{path}?{asked}" if asked else f"{before}{path}",
                request.body,
                headers,
                retries=_RETRY,
                redirect=False,
                assert_same_host=False,
                timeout=_TIMEOUT,
            )
        except HTTPError as error:
            raise ServiceRequestError(f"Storage did not answer: {type(error).__name__}") from error
        return Answer(answer.status, answer.headers, answer.data)

    @cached_property
    def _way(self) -> tuple[HTTPConnectionPool, str]:
        return self._session.way_to(self._url)
