"""Tests requests over a connection that is open already, against a server that answers with given bytes."""

import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest

from switchboard.open_pools import ExchangeFailed, OpenPool, Reply

HEADERS = {"Host": "storage.test", "x-ms-version": "1"}
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
EMPTY = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


class Server:
    """Answers each request with the next of the given answers, piece by piece; an empty piece closes the connection."""

    def __init__(self, answers: Sequence[Sequence[bytes]]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = iter(answers)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            while request := connection.recv(2**16):
                # urllib3 sends the body by itself.
                while len(request.partition(b"\r\n\r\n")[2]) < int((LENGTH.search(request) or [0, 0])[1]):
                    request += connection.recv(2**16)
                self.requests.append(request)
                for piece in next(self._answers, [EMPTY]):
                    if not piece:
                        return
                    connection.sendall(piece)
                    time.sleep(0.01)


@contextmanager
def pool_with(*answers: Sequence[bytes], opened: bool = True) -> Iterator[tuple[OpenPool, Server]]:
    """Run a server and a pool of one connection to it. The connection has been opened, unless that is not wanted."""
    server = Server([[EMPTY], *answers] if opened else answers)
    pool = OpenPool("127.0.0.1", server.port, maxsize=1, block=True)
    try:
        if opened:
            assert pool.urlopen("GET", "/", retries=False).status == 201
        yield pool, server
    finally:
        pool.close()
        server.close()


def ask(pool: OpenPool, body: bytes = b"", seconds: float = 5) -> Reply | None:
    return pool.exchange("PUT", "/c/a?comp=b", HEADERS, body, seconds)


def test_the_request_and_its_answer() -> None:
    """The request is one piece, and the names of the answer's headers are in lower case."""
    answer = b'HTTP/1.1 404 Not Found\r\nETag: "1"\r\nContent-Length: 4\r\n\r\ngone'
    with pool_with([answer]) as (pool, server):
        reply = ask(pool, b"body")
        assert reply is not None
        assert (reply.status, reply.body) == (404, b"gone")
        assert reply.headers == {"etag": '"1"', "content-length": "4"}
        reply = ask(pool)
        assert reply is not None
        assert (reply.status, reply.body, reply.headers) == (201, b"", {"content-length": "0"})
    head = b"PUT /c/a?comp=b HTTP/1.1\r\nHost: storage.test\r\nx-ms-version: 1\r\nContent-Length: "
    assert server.requests[1:] == [head + b"4\r\n\r\nbody", head + b"0\r\n\r\n"]
    assert server.connections == 1


def test_without_an_open_connection() -> None:
    """Nothing is sent before urllib3 has opened a connection, and one that the server has closed is not used."""
    with pool_with([EMPTY, b""], opened=False) as (pool, server):
        assert ask(pool) is None
        assert server.requests == []
        assert pool.urlopen("GET", "/", retries=False).status == 201
        time.sleep(0.05)
        assert ask(pool) is None
        assert pool.urlopen("GET", "/", retries=False).status == 201
        assert ask(pool) is not None
    assert server.connections == 2


def test_a_connection_that_was_closed_while_nobody_used_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noticed before anything is sent, unless the connection was used a moment ago."""
    monkeypatch.setattr("switchboard.open_pools._FRESH_SECONDS", 0.02)
    with pool_with([EMPTY, b""]) as (pool, server):
        assert ask(pool) is not None
        time.sleep(0.05)
        assert ask(pool) is None
    assert len(server.requests) == 2


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ([CHUNKED, b"3\r\nabc\r\n", b"2\r\nde\r", b"\n0\r\n\r\n"], b"abcde"),
        ([b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 5\r\n\r\nab", b"cde"], b"abcde"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"], b"x"),
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"], b"x"),
    ],
)
def test_answers_in_pieces(pieces: Sequence[bytes], body: bytes) -> None:
    """However an answer is divided, it is read to its end and no further, and the connection is used again."""
    with pool_with(pieces) as (pool, server):
        reply = ask(pool)
        assert reply is not None
        assert (reply.status, reply.body) == (200, body)
        assert "HTTP/1.1 200" not in str(reply.headers)
        assert ask(pool) is not None
    assert server.connections == 1


def test_the_server_wants_to_close() -> None:
    """A connection that the server does not keep open is not used again."""
    with pool_with([b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"]) as (pool, _):
        assert ask(pool) is not None
        assert ask(pool) is None


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", b""],
        [CHUNKED, b"3\r\nab", b""],
        [b"SSH-2.0-OpenSSH\r\n"],
        [EMPTY + EMPTY],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"],
        [b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
    ],
    ids=["closed", "short", "short chunk", "not HTTP", "two answers", "silent", "another protocol"],
)
def test_answers_that_are_none(pieces: Sequence[bytes]) -> None:
    """What is no complete answer is an error, and the connection is closed."""
    with pool_with(pieces) as (pool, _):
        with pytest.raises(ExchangeFailed):
            ask(pool, seconds=0.2)
        assert ask(pool) is None


@pytest.mark.parametrize(("target", "value"), [("/a b", "1"), ("/a\r\nX: 1", "1"), ("/é", "1"), ("/a", "1\r\nX: 2")])
def test_what_cannot_be_sent(target: str, value: str) -> None:
    """Nothing that would end a line of the request too early is sent, and the connection stays in the pool."""
    with pool_with() as (pool, server):
        with pytest.raises(ValueError, match="may not stand there"):
            pool.exchange("GET", target, {"Host": value}, b"", 5)
        assert ask(pool) is not None
    assert len(server.requests) == 2
