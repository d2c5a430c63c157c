"""Tests how a sideband is opened, against servers that answer oddly."""

import asyncio
import contextlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode
from websockets.protocol import Event

from switchboard.credentials import ApiKey
from switchboard.errors import SidebandFailed
from switchboard.network import Network
from switchboard.realtime import sideband
from switchboard.realtime.sideband import MAX_FRAME_BYTES, Closed, NoSuchCall, SidebandDialler
from switchboard.settings import NetworkSettings, Secret
from tests.examples import NETWORK
from tests.service.stage import THREADS
from tests.standins.service.tls import server_context


@contextlib.asynccontextmanager
async def answering(status: str, headers: str = "") -> AsyncIterator[tuple[str, list[bytes]]]:
    """Run a server that answers every handshake with this status; yield its URL and the requests that it has read."""
    requests: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{headers}\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests


async def dial(url: str) -> None:
    async with SidebandDialler(ApiKey(Secret("the resource's key")), THREADS.service, NETWORK).dial(url, "rtc_1"):
        pass


async def test_redirects_are_not_followed() -> None:
    """The gateway's credential goes to the configured endpoint and nowhere else."""
    async with answering("404 Not Found") as (elsewhere, stolen):
        location = f"Location: {elsewhere.replace('http', 'ws', 1)}/openai/v1/realtime?call_id=rtc_1\r\n"
        async with answering("302 Found", location) as (url, requests):
            with pytest.raises(SidebandFailed) as caught:
                await dial(url)

    assert caught.value.handshake_status == 302
    assert len(requests) == 1
    assert stolen == []


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_a_call_that_is_unknown(status: str) -> None:
    """Both answers mean that the service does not know the call."""
    async with answering(status) as (url, _):
        with pytest.raises(NoSuchCall):
            await dial(url)


@pytest.mark.parametrize("status", ["401 Unauthorized", "429 Too Many Requests", "500 Internal Server Error"])
async def test_a_sideband_that_is_refused(status: str) -> None:
    """The error names the status of the handshake."""
    async with answering(status) as (url, _):
        with pytest.raises(SidebandFailed) as caught:
            await dial(url)

    assert caught.value.handshake_status == int(status.split()[0])


async def test_nobody_listens() -> None:
    """A network that fails has no status."""
    async with answering("404 Not Found") as (url, _):
        pass
    with pytest.raises(SidebandFailed) as caught:
        await dial(url)

    assert caught.value.handshake_status == 0


@pytest.mark.parametrize("silent", [True, False])
async def test_a_service_that_has_died_without_closing(silent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noticed by pings that are not answered, and told from a connection that breaks."""
    monkeypatch.setattr(sideband, "PING_SECONDS", 0.1)
    monkeypatch.setattr(sideband, "PONG_SECONDS", 0.1)
    over = asyncio.Event()

    async def die(connection: ServerConnection) -> None:
        if silent:
            connection.transport.pause_reading()
            await over.wait()
        connection.transport.abort()

    async with serve(die, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        dialler = SidebandDialler(ApiKey(Secret("the resource's key")), THREADS.service, NETWORK)
        async with dialler.dial(url, "rtc_1") as opened:
            assert await opened.receive() == Closed("lost", silent=silent)
        over.set()


async def test_what_a_sideband_needs(tmp_path: Path) -> None:
    """An open sideband takes little memory over TLS, and large events arrive all the same.

    What OpenSSL takes is not counted here. That it need not keep its write buffer is seen by the ping.
    """
    context, authority = server_context(tmp_path)
    large = "x" * (MAX_FRAME_BYTES - 1000)
    asked: list[str | None] = []
    pinged = asyncio.Event()

    class Watched(ServerConnection):
        def process_event(self, event: Event) -> None:
            if isinstance(event, Frame) and event.opcode is Opcode.PING:
                pinged.set()
            super().process_event(event)

    async def talk(connection: ServerConnection) -> None:
        assert connection.request is not None
        asked.append(connection.request.headers.get("Sec-WebSocket-Extensions"))
        async for message in connection:
            await connection.send(f'{{"type": "{message!s}", "text": "{large}"}}')

    dialler = SidebandDialler(
        ApiKey(Secret("the resource's key")), THREADS.service, Network(NetworkSettings(ca_bundle=str(authority)))
    )
    async with (
        serve(talk, "127.0.0.1", 0, ssl=context, compression=None, create_connection=Watched) as server,
        contextlib.AsyncExitStack() as open_sidebands,
    ):
        url = f"https://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        first = await open_sidebands.enter_async_context(dialler.dial(url, "rtc_1"))
        async with asyncio.timeout(5):
            await pinged.wait()
        tracemalloc.start()
        try:
            for _ in range(20):
                await open_sidebands.enter_async_context(dialler.dial(url, "rtc_1"))
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        # Both ends are in this process.
        assert taken / 20 < 2 * 65_000
        assert set(asked) == {None}, "nobody asks for compression, which takes more memory than all the rest"

        await first.send("large")
        event = await first.receive_raw()
        assert isinstance(event, dict)
        assert event["text"] == large
