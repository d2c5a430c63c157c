"""What Blob and Queue storage answer with: results, errors and times, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate


@dataclass(frozen=True)
class Answer:
    """A status with headers and a body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Request:
    """A request as the services look at it. Names of headers and of query fields are in lower case."""

    method: str
    path: str
    """The path below the account, decoded: `container/blob`, or `queue/messages/id`."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    client: str = ""
    """Who asks, by the account's name in their connection string."""


class Refused(Exception):
    """The service refuses the request with an error code of its own."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        self.status, self.code, self.message = status, code, message or code
        super().__init__(code)

    def answer(self) -> Answer:
        """Return the error as storage writes it."""
        body = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        )
        headers = {"x-ms-error-code": self.code, "Content-Type": "application/xml"}
        return Answer(self.status, headers, body.encode())


def http_date(at: float) -> str:
    """Return Unix seconds as an HTTP date."""
    return formatdate(at, usegmt=True)
