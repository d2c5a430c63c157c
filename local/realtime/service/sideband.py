"""The sideband: a WebSocket that observes and controls a call, `GET /openai/v1/realtime?call_id=…`."""

import asyncio
import contextlib
import logging
import socket
import struct

from aiohttp import WSMsgType, web

from local.realtime.errors import missing_parameter
from local.realtime.service import credentials
from local.realtime.service.emulator import EMULATOR
from local.realtime.service.faults import ATTACHED, NAMES
from local.realtime.service.registry import Entry

logger = logging.getLogger(__name__)

_CLOSE_SECONDS = 2.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Sideband:
    """One attached WebSocket. Events wait in its queue, so that a slow reader holds nobody up."""

    filtered = False

    def __init__(self, request: web.Request, socket_: web.WebSocketResponse) -> None:
        self._request = request
        self._socket = socket_
        self._queue: asyncio.Queue[str | tuple[int, str]] = asyncio.Queue()

    def send(self, message: str) -> None:
        """Take one event, as JSON."""
        self._queue.put_nowait(message)

    def end(self, code: int, reason: str) -> None:
        """Close, after the events that are waiting."""
        self._queue.put_nowait((code, reason))

    def drop(self) -> None:
        """Break the TCP connection, without a close frame."""
        reset(self._request)

    async def write(self) -> None:
        """Send what is queued until the end."""
        with contextlib.suppress(ConnectionError):
            while True:
                message = await self._queue.get()
                if isinstance(message, tuple):
                    code, reason = message
                    await self._socket.close(code=code, message=reason.encode())
                    return
                await self._socket.send_str(message)


def reset(request: web.Request) -> None:
    """Break a request's TCP connection with a reset."""
    transport = request.transport
    if transport is not None:
        peer = transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()


async def attach(request: web.Request) -> web.StreamResponse:
    """`GET /openai/v1/realtime?call_id=…`: every event of the call from now on, except audio."""
    emulator = request.app[EMULATOR]
    await emulator.seen.note(request)
    call_id = request.query.get("call_id", "")
    refused = emulator.faults.take("sideband", NAMES["sideband"] - ATTACHED, call_id)
    refusal = refused.refusal(call_id) if refused else None
    if refusal is not None:
        raise refusal
    credentials.require_resource_access(request, emulator.options.api_key)
    if not call_id:
        raise missing_parameter("call_id")
    entry = emulator.registry.within_reach(call_id)
    answer = web.WebSocketResponse(timeout=_CLOSE_SECONDS, max_msg_size=0)
    await answer.prepare(request)
    sideband = Sideband(request, answer)
    entry.sidebands.append(sideband)
    entry.call.listeners.append(sideband)
    logger.info("call %s: a sideband attached", call_id)
    fault = emulator.faults.take("sideband", ATTACHED, call_id)
    if fault is not None:
        strike(entry, fault.name)
    writer = asyncio.create_task(sideband.write())
    try:
        async for message in answer:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                entry.call.receive(message.data)
    finally:
        writer.cancel()
        entry.sidebands.remove(sideband)
        with contextlib.suppress(ValueError):
            entry.call.listeners.remove(sideband)
        logger.info("call %s: a sideband left", call_id)
    return answer


def strike(entry: Entry, fault: str) -> None:
    """Let a fault befall the sidebands attached to a call: `drop`, `close` or `cap`."""
    if fault == "cap":
        entry.call.reach_cap()
        return
    for sideband in list(entry.sidebands):
        if fault == "drop":
            sideband.drop()
        else:
            sideband.end(1000, "")
