"""Tests that the service may answer anything: what cannot be used is a declared error, over real sockets.

The service here is a server that sends what a test gives it. It understands nothing of what it is asked.
"""

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from switchboard.controller import steer
from switchboard.credentials import ApiKey
from switchboard.errors import SwitchboardError, UpstreamFailed, UpstreamThrottled
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.client_events import AnyClientEvent, ItemCreate, ResponseCancel, ResponseCreate
from switchboard.realtime.preview import PreviewClient
from switchboard.realtime.service import ClientSecret
from switchboard.realtime.sideband import SidebandDialler
from switchboard.settings import Secret
from tests.examples import NETWORK, OFFER
from tests.service.stage import THREADS

KEY = ApiKey(Secret("any"))
# In 2096: a fixed time, because test workers must agree on the names of the tests.
LATER = 4_000_000_000
DEEP = b"[" * 100_000


class Canned(BaseHTTPRequestHandler):
    """Answers every POST with what its server holds."""

    server: "CannedServer"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, body = self.server.canned
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name in http.server
        """Print nothing."""


class CannedServer(ThreadingHTTPServer):
    """Serves on a free port of 127.0.0.1; `canned` is the status, the headers and the body of its answers."""

    canned: tuple[int, dict[str, str], bytes] = (200, {}, b"")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server() -> Iterator[CannedServer]:
    with CannedServer(("127.0.0.1", 0), Canned) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def ga(server: CannedServer) -> RealtimeClient:
    return RealtimeClient([server.url], KEY, NETWORK, webrtc_filter=True)


def preview(server: CannedServer) -> PreviewClient:
    return PreviewClient([server.url], KEY, NETWORK, region="eastus2", deployment="gpt-realtime")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        DEEP,
        b'{"value": "ek_1", "session": ' + DEEP,
        b"\xff\xfe",
        json.dumps({"value": "ek_\u2102", "expires_at": LATER}).encode(),
        json.dumps({"value": "ek_1\r\nX: y", "expires_at": LATER}).encode(),
        json.dumps({"value": "", "expires_at": LATER}).encode(),
        json.dumps({"value": "ek_1", "expires_at": 1}).encode(),
        json.dumps({"value": "ek_1", "expires_at": "soon"}).encode(),
    ],
)
@pytest.mark.parametrize("client", [ga, preview])
def test_client_secrets(
    server: CannedServer, client: Callable[[CannedServer], RealtimeClient | PreviewClient], body: bytes
) -> None:
    """A client secret that cannot be read, or that no request can carry, is a failure of the service."""
    if client is preview:
        body = b'{"client_secret": ' + body + b"}"
    server.canned = (200, {"Content-Type": "application/json"}, body)

    with pytest.raises(UpstreamFailed):
        client(server).create_client_secret({"type": "realtime"}, 600)


@pytest.mark.parametrize("header", ["9" * 5000, "Mon, 01 Jan 99999999 00:00:00 GMT", "soon", ""])
def test_pauses(server: CannedServer, header: str) -> None:
    """A pause that cannot be read is replaced by one that a page can show."""
    server.canned = (429, {"Retry-After": header}, b"")
    with pytest.raises(UpstreamThrottled) as caught:
        ga(server).create_client_secret({"type": "realtime"}, 600)

    assert caught.value.retry_after == 10


@pytest.mark.parametrize("location", ["http://[", "//\u00bd", "/calls/rtc_1%00", "/calls/", "x" * 5000])
def test_locations(server: CannedServer, location: str) -> None:
    """A Location that cannot be read names no call."""
    server.canned = (201, {"Location": location}, b"v=0")
    with pytest.raises(UpstreamFailed, match="no call id"):
        ga(server).create_call(ClientSecret(Secret("ek_1"), LATER, server.url), OFFER)


@pytest.mark.parametrize("status", [204, 302, 400, 404, 418, 500, 599])
@pytest.mark.parametrize("body", [DEEP, b"\xff", b'{"error": null}'])
def test_refusals(server: CannedServer, status: int, body: bytes) -> None:
    """Whatever a refusal contains, it has a code of ours."""
    server.canned = (status, {}, body if status >= 300 else b"")
    with pytest.raises(SwitchboardError):
        ga(server).create_call(ClientSecret(Secret("ek_1"), LATER, server.url), OFFER)


@asynccontextmanager
async def sideband(*frames: str | bytes) -> AsyncIterator[str]:
    """Serve a sideband that answers a client event with these frames; `EVENT` and `ITEM` in them stand for its ids."""

    async def talk(socket: ServerConnection) -> None:
        sent = json.loads(await socket.recv())
        item = sent.get("item", {}).get("id", "")
        for frame in frames:
            filled = frame
            if isinstance(filled, str):
                filled = filled.replace("EVENT", sent["event_id"]).replace("ITEM", item)
            await socket.send(filled)
        await socket.wait_closed()

    async with serve(talk, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


ODD = (
    '{"type": "response.created", "response": "x"}',
    '{"type": "response.created", "response": {"metadata": "x"}}',
    '{"type": "response.created", "response": ["metadata"]}',
    '{"type": "response.done", "response": 7}',
    '{"type": "conversation.item.added", "item": "x"}',
    '{"type": "conversation.item.added", "item": ["id"]}',
    '{"type": "error", "error": "x"}',
    '{"type": "error", "error": {"event_id": ["EVENT"]}}',
    '{"type": ["error"]}',
    "[]",
    "garbage",
    b"\xff\xfe",
    "[" * 100_000,
    '{"type": "error", "error": ' + "[" * 100_000,
)


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (ResponseCreate(), '{"type": "response.created", "response": {"metadata": {"switchboard_event": "EVENT"}}}'),
        (ResponseCancel(response_id="r1"), '{"type": "response.done", "response": {"id": "r1"}}'),
        (ItemCreate(item={}), '{"type": "conversation.item.added", "item": {"id": "ITEM"}}'),
    ],
)
async def test_events_while_steering(event: AnyClientEvent, answer: str) -> None:
    """An operator gets the answer, whatever the service sends before it."""
    async with sideband(*ODD, answer) as endpoint:
        heard = await steer(SidebandDialler(KEY, THREADS.service, NETWORK), endpoint, "rtc_1", event)

    assert heard["type"] == json.loads(answer)["type"]
