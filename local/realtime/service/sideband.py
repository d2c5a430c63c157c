"""This module is the service's end of an attached sideband, and the way to break a connection."""

import asyncio
import contextlib
import socket
import struct

from aiohttp import web

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Sideband:
    """This class is one attached WebSocket, as a listener to the call's events.

    Events wait in a queue of its own, so that a client that reads slowly does not hold up the others.
    """

    filtered = False
    """A sideband receives every event, whatever the data channel receives."""

    def __init__(self, request: web.Request, socket_: web.WebSocketResponse) -> None:
        self._request = request
        self._socket = socket_
        self._queue: asyncio.Queue[str | tuple[int, str]] = asyncio.Queue()

    def send(self, message: str) -> None:
        """Put one event, as JSON text, into the queue."""
        self._queue.put_nowait(message)

    def end(self, code: int, reason: str) -> None:
        """Close the WebSocket with this code and reason, after the events that are waiting."""
        self._queue.put_nowait((code, reason))

    def drop(self) -> None:
        """Break the TCP connection at once, without a close frame."""
        reset(self._request)

    async def write(self) -> None:
        """Send what is in the queue, until the end."""
        with contextlib.suppress(ConnectionError):
            while True:
                message = await self._queue.get()
                if isinstance(message, tuple):
                    code, reason = message
                    await self._socket.close(code=code, message=reason.encode())
                    return
                await self._socket.send_str(message)


def reset(request: web.Request) -> None:
    """Break the TCP connection of a request with a reset."""
    transport = request.transport
    if transport is not None:
        peer = transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
