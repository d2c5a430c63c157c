"""Tests what is sent again when a connection to the service is open already, against a server with given answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from switchboard.errors import UpstreamFailed, UpstreamTimeout
from switchboard.network import Network
from switchboard.realtime.wire import Timeouts, Wire
from switchboard.settings import NetworkSettings
from tests.service.test_open_pools import EMPTY, Server

QUICK = Timeouts(mint=(1, 0.3), call=(1, 0.3))
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno"


def throttled(seconds: int) -> bytes:
    return f"HTTP/1.1 429 Slow\r\nRetry-After: {seconds}\r\nContent-Length: 0\r\n\r\n".encode()


@contextmanager
def wire_with(*answers: Sequence[bytes]) -> Iterator[tuple[Wire, str, Server]]:
    """Run a server that gives these answers to all but the first request over each of the wire's two ways."""
    server = Server([[EMPTY], [EMPTY], *answers])
    network = Network(NetworkSettings())
    wire, url = Wire(network, QUICK), f"http://127.0.0.1:{server.port}/v1/calls?filter=on"
    try:
        assert wire.post(url, data=b"x", headers={}).status_code == 201
        assert wire.post_offer(url, b"v=0", "secret").status_code == 201
        server.requests.clear()
        yield wire, url, server
    finally:
        network.close()
        server.close()


@pytest.mark.parametrize(
    ("answers", "status", "sent"),
    [
        ([EMPTY], 201, 1),
        ([REFUSED], 400, 1),
        ([BUSY, EMPTY], 201, 2),
        ([BUSY, BUSY, BUSY, EMPTY], 503, 3),
        ([throttled(30), EMPTY], 429, 1),
        ([throttled(0), EMPTY], 201, 2),
        ([b"", EMPTY], 201, 2),
        ([b"", b"", EMPTY], 201, 3),
    ],
)
def test_what_is_safe_to_repeat(answers: Sequence[bytes], status: int, sent: int) -> None:
    """It is sent three times at the most, as on a new connection, and not while the service asks to wait long."""
    with wire_with(*([answer] for answer in answers)) as (wire, url, server):
        answer = wire.post(url, data=b"x", headers={"Authorization": "Bearer key"})
        assert (answer.status_code, len(server.requests)) == (status, sent)
        assert answer.content == (b"no" if answer.status_code == 400 else b"")
    assert server.requests[0].startswith(b"POST /v1/calls?filter=on HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(("answer", "status"), [(EMPTY, 201), (REFUSED, 400), (BUSY, 503), (throttled(0), 429)])
def test_an_offer_is_sent_once(answer: bytes, status: int) -> None:
    """Whatever the service answers, a second offer could make a second call."""
    with wire_with([answer]) as (wire, url, server):
        assert wire.post_offer(url, b"v=0", "secret").status_code == status
        assert len(server.requests) == 1


def test_no_answer() -> None:
    """A request whose answer does not come in time is not sent again, and neither is an offer that got none."""
    silent = [b"HTTP/1.1 "]
    with wire_with(silent, silent, [b""]) as (wire, url, server):
        with pytest.raises(UpstreamTimeout):
            wire.post(url, data=b"x", headers={})
        with pytest.raises(UpstreamTimeout):
            wire.post_offer(url, b"v=0", "secret")
        assert len(server.requests) == 2
    with wire_with([b""]) as (wire, url, server):
        with pytest.raises(UpstreamFailed):
            wire.post_offer(url, b"v=0", "secret")
        assert len(server.requests) == 1
