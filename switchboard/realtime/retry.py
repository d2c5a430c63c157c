"""Decides when a request to the service is retried."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

# A caller waits while a request is retried. If the service asks for a longer pause, the caller is told to come back.
LONGEST_WAIT_SECONDS = 2


class PatientRetry(Retry):
    """Retries as urllib3's Retry does, except that it gives up sooner, because a caller is waiting.

    If `Retry-After` asks for more than LONGEST_WAIT_SECONDS, the answer is returned without a retry. A request whose
    answer did not arrive in time is not retried either: the time is better spent on the next endpoint. A `Retry-After`
    that cannot be read is ignored.
    """

    def parse_retry_after(self, retry_after: str) -> float:
        """Return the seconds in the text of a `Retry-After` header. Raises InvalidHeader if it cannot be read."""
        try:
            return super().parse_retry_after(retry_after)
        except (ValueError, OverflowError) as error:
            # A number of thousands of digits, or a year of eight.
            raise InvalidHeader("Retry-After cannot be read") from error

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the seconds of the `Retry-After` header, or None if there are none that can be read."""
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Return the state after one more failed try. Raises the error, or MaxRetryError, to give up."""
        if isinstance(error, ReadTimeoutError):
            raise error
        if response is not None and (self.get_retry_after(response) or 0) > LONGEST_WAIT_SECONDS:
            reason = ResponseError("Retry-After is too long to wait")
            raise MaxRetryError(_pool, url or "", reason)  # type: ignore[arg-type]  # urllib3 passes None itself
        return super().increment(method, url, response, error, _pool, _stacktrace)


TRIES_AGAIN = 2
MINT_RETRY = PatientRetry(
    total=TRIES_AGAIN,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods={"POST"},
    backoff_factor=0.2,
    raise_on_status=False,
    respect_retry_after_header=True,
)


def asked_to_wait(headers: Mapping[str, str]) -> float:
    """Return how many seconds `Retry-After` asks to wait; 0 if it is missing or cannot be read."""
    try:
        return MINT_RETRY.parse_retry_after(headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return 0.0
