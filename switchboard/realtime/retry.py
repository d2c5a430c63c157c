"""When a request to the service is sent again."""

from types import TracebackType
from typing import Self

from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

# A visitor waits for this; a longer Retry-After is theirs to wait out, not a thread's.
LONGEST_WAIT_SECONDS = 2


class PatientRetry(Retry):
    """urllib3's Retry, which gives up early on what would cost a visitor too long.

    A Retry-After above LONGEST_WAIT_SECONDS: the answer is given as it is. A read time-out: its seconds are spent, and
    the next endpoint is the better try. A Retry-After that cannot be read counts as none.
    """

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Seconds of the Retry-After header, or None."""
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
        """Count one try, or give up."""
        if isinstance(error, ReadTimeoutError):
            raise error
        if response is not None and (self.get_retry_after(response) or 0) > LONGEST_WAIT_SECONDS:
            reason = ResponseError("Retry-After is too long to wait")
            raise MaxRetryError(_pool, url or "", reason)  # type: ignore[arg-type]  # urllib3 passes None itself
        return super().increment(method, url, response, error, _pool, _stacktrace)


MINT_RETRY = PatientRetry(
    total=2,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods={"POST"},
    backoff_factor=0.2,
    raise_on_status=False,
    respect_retry_after_header=True,
)
