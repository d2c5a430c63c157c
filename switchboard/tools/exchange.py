"""Sends one HTTPS request to addresses that were checked before, and is over at a deadline whatever the host does.

A limit for each read would not be enough: a host that sends one byte a second could keep a thread for hours. Only
http.client is used, because it writes nothing to the log, not even the address of an answer with bad headers.
"""

import http.client
import io
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# The other addresses of the host get their turn when one does not answer for so many seconds.
CONNECT_SECONDS = 5.0


class NotExchanged(Exception):
    """This error means that there is no whole answer: its argument names the kind of fault."""


class TooLong(Exception):
    """This error means that the body of the answer has more bytes than were allowed."""


@dataclass(frozen=True)
class Request:
    """Is what is sent."""

    host: str
    """The name of the host, which its certificate must have."""
    method: str
    """GET or POST."""
    target: str
    """The path and the query, quoted."""
    headers: Mapping[str, str]
    """The headers, without `Host` and those that describe the body's length."""
    body: bytes | None = None
    """The body; None if there is none."""


@dataclass(frozen=True)
class Received:
    """Is what the host answered."""

    status: int
    """The HTTP status."""
    headers: Message
    """The headers, whose names may be looked up in any case."""
    body: bytes
    """The body as it came over the line."""


def exchange(
    request: Request, addresses: Iterable[str], port: int, tls: ssl.SSLContext, *, deadline: float, most_bytes: int
) -> Received:
    """Send a request to the first of these addresses that takes a connection, and return the whole answer.

    `deadline` is a time of `monotonic`, in seconds. Blocks on the network until then at the latest. Raises TooLong if
    the body has more than `most_bytes`, and NotExchanged if there is no whole answer for any other reason.
    """
    try:
        with _connected(addresses, port, deadline) as plain:
            plain.settimeout(_left(deadline))
            with tls.wrap_socket(plain, server_hostname=request.host) as secure:
                return _answer(request, _Line(secure, deadline), most_bytes)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotExchanged(type(error).__name__) from error


def _connected(addresses: Iterable[str], port: int, deadline: float) -> socket.socket:
    failed: OSError = ConnectionError()
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=min(CONNECT_SECONDS, _left(deadline)))
        except OSError as error:
            failed = error
    raise failed


def _left(deadline: float) -> float:
    """Return how many seconds are left. Raises TimeoutError if there are none."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(request: Request, line: "_Line", most_bytes: int) -> Received:
    connection = http.client.HTTPConnection(request.host)
    # http.client needs no more of a socket than this.
    connection.sock = line
    connection.request(request.method, request.target, request.body, dict(request.headers))
    answer = connection.getresponse()
    body = answer.read(most_bytes + 1)
    if len(body) > most_bytes:
        raise TooLong
    # http.client does not say when the connection broke before the end of the body.
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return Received(answer.status, answer.headers, body)


class _Line:
    """Acts as a socket whose every operation ends at the deadline."""

    def __init__(self, secure: ssl.SSLSocket, deadline: float) -> None:
        self._socket = secure
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._socket, self._deadline))

    def close(self) -> None:
        """Do nothing. Whoever has opened the socket closes it, after the answer was read."""


class _Reader(io.RawIOBase):
    def __init__(self, secure: ssl.SSLSocket, deadline: float) -> None:
        self._socket = secure
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)
