"""Says what an answer of storage means: a result, or one of the errors that azure-core defines and the SDK raises."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
)

CONTAINER_MISSING, QUEUE_MISSING = "ContainerNotFound", "QueueNotFound"
_KINDS: dict[int, type[HttpResponseError]] = {
    HTTPStatus.NOT_MODIFIED: ResourceNotModifiedError,
    HTTPStatus.UNAUTHORIZED: ClientAuthenticationError,
    HTTPStatus.FORBIDDEN: ClientAuthenticationError,
    HTTPStatus.NOT_FOUND: ResourceNotFoundError,
    HTTPStatus.CONFLICT: ResourceExistsError,
}
# Of the conditions, only this one has a class of its own. A block's position, for one, has none.
_CONDITION_NOT_MET = "ConditionNotMet"


class Answer:
    """An answer of storage that arrived: its status, its headers by their names in lower case, and its body."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def code(self) -> str:
        """Return the code by which storage names an error; empty if this is none."""
        return self.headers.get("x-ms-error-code", "")

    @property
    def etag(self) -> str:
        """Return the version of the blob, with its quotes."""
        return self.headers.get("etag", "")

    @property
    def modified(self) -> datetime:
        """Return when the blob was written, by the storage's clock."""
        return parsedate_to_datetime(self.headers["last-modified"])

    @property
    def date(self) -> datetime:
        """Return when storage answered, by its own clock."""
        return parsedate_to_datetime(self.headers["date"])

    def check(self) -> "Answer":
        """Return this answer if storage has done what was asked. Raises an HttpResponseError or a kind of it."""
        if self.status < HTTPStatus.MULTIPLE_CHOICES:
            return self
        kind = _KINDS.get(self.status, HttpResponseError)
        if self.code == _CONDITION_NOT_MET and self.status != HTTPStatus.NOT_MODIFIED:
            kind = ResourceModifiedError
        error = kind(f"Storage answered {self.status} {self.code}".rstrip())
        error.status_code = self.status
        raise error
