"""An HTTP proxy on 127.0.0.1: it opens tunnels (CONNECT), and passes plain requests on.

It takes every host name for this machine, so that nothing outside is ever asked, and it speaks no TLS itself.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """Records what a client asked the proxy for, and the header by which it proved itself."""

    method: str
    host: str
    authorization: str


class Proxy:
    """The proxy on this port, until the block ends. `asked` has one entry for each connection."""

    def __init__(self, port: int) -> None:
        self.asked: list[Asked] = []
        self._port = port
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._start, "127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _start(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().splitlines()
        method, target, _ = first.split()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        self.asked.append(Asked(method, str(parts.hostname), headers.get("proxy-authorization", "")))
        there, onwards = await asyncio.open_connection("127.0.0.1", parts.port or 80)
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                # Servers understand a request that names the whole URL. The next one may be for another server.
                onwards.write(head.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n")
            await asyncio.gather(_pipe(reader, onwards), _pipe(there, writer))
        finally:
            onwards.close()
            writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
