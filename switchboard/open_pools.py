"""Exchanges a request and its answer over a connection that is open already, with as little work as possible.

Most of what a small request costs in urllib3 and http.client is not the request: each header is written and matched one
by one, and an answer's headers are parsed as if they were an e-mail. Here the request is one piece of text, and
httptools (llhttp) reads the answer. Everything else stays with urllib3: pools, proxies, TLS, and opening connections.
"""

import re
import socket
from collections.abc import Mapping

import msgspec
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

_READ_BYTES = 64 * 1024
# What may not stand in the target of a request's first line, and what would end a header too early.
_NO_TARGET = re.compile(r"[^!-~]")
_NO_HEADER = re.compile(r"[\r\n\0]")


class Reply(msgspec.Struct, frozen=True):
    """An answer that arrived completely."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """The headers, by their names in lower case. Of several with one name, the last."""
    body: bytes
    """The body, not decoded."""


class ExchangeFailed(Exception):
    """This error means that no complete answer came. The request may have been received all the same."""

    def __init__(self, text: str, *, timed_out: bool = False) -> None:
        super().__init__(text)
        self.timed_out = timed_out
        """Whether the answer did not come in time."""


class OpenPool(HTTPConnectionPool):
    """A pool of connections to one host that is reached without a proxy, with a short way for small requests."""

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Reply | None:
        """Send a request and return its answer; return None, without sending anything, if no connection is open.

        `headers` contain `Host`; the length of the body is added. The method is not HEAD. `seconds` is how long to wait
        for each part of the answer. Blocks while all connections are in use. Raises ExchangeFailed, and ValueError if
        the target or a header cannot stand in a request.
        """
        request = _encode(method, target, headers, body)
        connection = self._get_conn()
        way = getattr(connection, "sock", None)
        keep = way is None
        try:
            if way is None:
                return None
            reply, keep = _exchange(way, request, seconds)
            return reply
        finally:
            if not keep:
                connection.close()
            self._put_conn(connection)


class OpenTlsPool(OpenPool, HTTPSConnectionPool):
    """The same over TLS."""


def _encode(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    if _NO_TARGET.search(target) or any(_NO_HEADER.search(value) for value in headers.values()):
        raise ValueError("The target or a header of a request has characters that may not stand there.")
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return f"{method} {target} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


def _exchange(way: socket.socket, request: bytes, seconds: float) -> tuple[Reply, bool]:
    """Return the answer, and whether the connection can be used again."""
    reader = _Reader()
    try:
        way.settimeout(seconds)
        way.sendall(request)
        while not reader.complete:
            data = way.recv(_READ_BYTES)
            if not data:
                raise ExchangeFailed("The connection was closed before the answer was complete.")
            reader.parser.feed_data(data)
    except (OSError, HttpParserError, HttpParserUpgrade, UnicodeError) as error:
        timed_out = isinstance(error, TimeoutError)
        raise ExchangeFailed(f"No answer came: {type(error).__name__}", timed_out=timed_out) from error
    reply = Reply(reader.status, reader.headers, b"".join(reader.body))
    return reply, reader.reusable


class _Reader:
    """Collects an answer from the parser's callbacks."""

    def __init__(self) -> None:
        self.parser = HttpResponseParser(self)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []
        self.complete = False
        self.reusable = False

    def on_message_begin(self) -> None:
        if self.complete:
            # Nobody has asked for a second answer, and nobody can say whose it is.
            raise ExchangeFailed("Two answers came to one request.")
        self.headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        self.status = self.parser.get_status_code()
        # An interim answer, such as 100 (Continue), is followed by the real one.
        self.complete = self.status >= 200
        self.reusable = self.parser.should_keep_alive()
