"""Exchanges a request and its answer over a connection that is open already, with as little work as possible.

Most of what a small request costs in urllib3 and http.client is not the request: each header is written and matched one
by one, an answer's headers are parsed as if they were an e-mail, and a pool is asked under its lock. Here the request
is one piece of text, and httptools (llhttp) reads the answer. Everything else stays with urllib3: proxies, TLS, and
opening connections.
"""

import re
import socket
from collections import deque
from collections.abc import Mapping
from functools import cached_property
from time import monotonic
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import is_connection_dropped

# Nearly all answers are smaller. What is read for each of them leaves holes of this size in the memory of its thread.
_READ_BYTES = 4 * 1024
# A connection that was used so lately is taken to be open still. Servers close those that nobody has used for longer.
_FRESH_SECONDS = 1.0
# What may not stand in the target of a request's first line, and what would end a header too early.
_NO_TARGET = re.compile(r"[^!-~]")
_NO_HEADER = re.compile(r"[\r\n\0]")
_END = b"\r\n\r\n"
_INTERIM = (b"HTTP/1.1 1", b"HTTP/1.0 1")


class Reply:
    """An answer that arrived completely: its HTTP status, its headers, and its body, which is not decoded."""

    def __init__(self, status: int, raw: bytes, body: bytes) -> None:
        self.status = status
        self.body = body
        self._raw = raw

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Return the headers, by their names in lower case. Of several with one name, the last.

        They are read when they are first asked for. For most answers nobody asks.
        """
        head, _, rest = self._raw.partition(_END)
        while head.startswith(_INTERIM):
            head, _, rest = rest.partition(_END)
        fields = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
        return {name.lower(): value.strip(" \t") for name, _, value in fields}


class ExchangeFailed(Exception):
    """This error means that no complete answer came. The request may have been received all the same."""

    def __init__(self, text: str, *, timed_out: bool = False) -> None:
        super().__init__(text)
        self.timed_out = timed_out
        """Whether the answer did not come in time."""


class OpenPool(HTTPConnectionPool):
    """A pool of connections to one host that is reached without a proxy, with a short way for small requests.

    A connection that has served a small request is kept apart from urllib3's own, in `_used` with the time of its last
    use. There are never more of them than threads that send at the same time.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._used: deque[tuple[Any, float]] = deque()

    def close(self) -> None:
        """Close all connections that are not in use."""
        while self._used:
            self._used.pop()[0].close()
        super().close()

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Reply | None:
        """Send a request and return its answer; return None, without sending anything, if no connection is open.

        `headers` contain `Host`; the length of the body is added. The method is not HEAD. `seconds` is how long to wait
        for each part of the answer. Blocks while all connections are in use. Raises ExchangeFailed, and ValueError if
        the target or a header cannot stand in a request.
        """
        request = _encode(method, target, headers, body)
        connection = self._take_open()
        if connection is None:
            return None
        keep = False
        try:
            reply, keep = _exchange(connection.sock, request, seconds)
        finally:
            if keep:
                self._used.append((connection, monotonic()))
            else:
                connection.close()
        return reply

    def _take_open(self) -> Any:
        """Return a connection that is open, to be used by the caller alone; None if there is none."""
        while True:
            try:
                # The one that was used last. Those below it age, until their server closes them.
                connection, at = self._used.pop()
            except IndexError:
                break
            if monotonic() - at < _FRESH_SECONDS or not is_connection_dropped(connection):
                return connection
            connection.close()
        connection = self._get_conn()
        if getattr(connection, "sock", None) is None:
            self._put_conn(connection)
            return None
        # urllib3 makes a new connection in its place when it needs one.
        self._put_conn(None)
        return connection


class OpenTlsPool(OpenPool, HTTPSConnectionPool):
    """The same over TLS."""


def _encode(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    if _NO_TARGET.search(target) or _NO_HEADER.search("".join(headers.values())):
        raise ValueError("The target or a header of a request has characters that may not stand there.")
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return f"{method} {target} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


def _exchange(way: socket.socket, request: bytes, seconds: float) -> tuple[Reply, bool]:
    """Return the answer, and whether the connection can be used again."""
    reader = _Reader()
    raw = b""
    try:
        way.settimeout(seconds)
        way.sendall(request)
        while not reader.complete:
            data = way.recv(_READ_BYTES)
            if not data:
                raise ExchangeFailed("The connection was closed before the answer was complete.")
            raw = raw + data if reader.in_head else raw
            reader.parser.feed_data(data)
    except (OSError, HttpParserError, HttpParserUpgrade) as error:
        timed_out = isinstance(error, TimeoutError)
        raise ExchangeFailed(f"No answer came: {type(error).__name__}", timed_out=timed_out) from error
    finally:
        # They refer to each other, so that both would wait for the garbage collector.
        del reader.parser
    return Reply(reader.status, raw, b"".join(reader.body)), reader.reusable


class _Reader:
    """Collects an answer from the parser's callbacks."""

    def __init__(self) -> None:
        self.parser = HttpResponseParser(self)
        self.status = 0
        self.body: list[bytes] = []
        self.complete = False
        self.reusable = False
        self.in_head = True
        """Whether the headers of the answer may not have come to their end."""

    def on_message_begin(self) -> None:
        if self.complete:
            # Nobody has asked for a second answer, and nobody can say whose it is.
            raise ExchangeFailed("Two answers came to one request.")

    def on_body(self, body: bytes) -> None:
        self.in_head = False
        self.body.append(body)

    def on_message_complete(self) -> None:
        self.status = self.parser.get_status_code()
        # An interim answer, such as 100 (Continue), is followed by the real one.
        self.complete = self.status >= 200
        self.reusable = self.parser.should_keep_alive()
