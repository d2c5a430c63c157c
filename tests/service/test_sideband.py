"""Tests how a sideband is opened, against servers that answer oddly."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from switchboard.credentials import ApiKey
from switchboard.errors import SidebandFailed
from switchboard.realtime.sideband import NoSuchCall, SidebandDialler
from switchboard.settings import Secret
from tests.examples import NETWORK
from tests.service.stage import THREADS


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
