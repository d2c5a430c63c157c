"""The sideband: a second, server-side WebSocket to a call, on which the service reports all of it.

`wss://<resource>/openai/v1/realtime?call_id=rtc_…`, with the service's own credential. There is no `session.created` on
a WebRTC call's sideband. A clean close does not say whether the call has ended or only the connection (a proxy may have
restarted): dialling once more tells, because an ended call answers 404.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from switchboard.credentials import Credentials
from switchboard.errors import SwitchboardError
from switchboard.realtime.client import API
from switchboard.realtime.events import Event, parse_event

OPEN_SECONDS = 5
# The largest frames are items that were retrieved, with a minute or two of audio in base64; this bounds memory.
MAX_FRAME_BYTES = 16 * 1024 * 1024
_CAP_REASON = re.compile(r"maximum duration", re.IGNORECASE)


class NoSuchCall(Exception):
    """The service knows no such call (404, 410): it has ended, or never was."""


class SidebandFailed(SwitchboardError):
    """The sideband could not be opened; the call may be up. `status` of the handshake, or 0 for the network's fault."""

    code = "sideband_failed"
    title = "The call's sideband could not be opened"

    def __init__(self, handshake_status: int) -> None:
        self.handshake_status = handshake_status
        super().__init__(f"The handshake ended with status {handshake_status}.")


class Closed(msgspec.Struct, frozen=True):
    """The end of a sideband, as its last frame tells it."""

    how: Literal["clean", "lost", "cap"]
    """`clean` by a close frame of code 1000 or 1001; `cap` when the service says that the call has reached its maximum
    duration; `lost` in every other way, a broken connection included."""
    code: int | None = None
    """The WebSocket close code (RFC 6455, section 7.4); None when the connection broke without a close frame."""


class Sideband:
    """An open sideband."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> Event | Closed | None:
        """The next event; None for one that is not kept; Closed at the end. May be cancelled without losing any."""
        try:
            return parse_event(await self._connection.recv())
        except ConnectionClosed as closed:
            return _closed(closed)

    async def receive_raw(self) -> dict[str, Any] | Closed | None:
        """The next event as the service sent it; None for a frame that is no event."""
        try:
            event = msgspec.json.decode(await self._connection.recv())
        except ConnectionClosed as closed:
            return _closed(closed)
        except (msgspec.MsgspecError, UnicodeError):
            return None
        return event if isinstance(event, dict) and isinstance(event.get("type"), str) else None

    async def send(self, event: str) -> None:
        """Send a client event, encoded already. One that finds the sideband closed is answered by `receive`."""
        with suppress(ConnectionClosed):
            await self._connection.send(event)


class SidebandDialler:
    """Opens sidebands with the service's own credential."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    @asynccontextmanager
    async def dial(self, endpoint: str, call_id: str) -> AsyncIterator[Sideband]:
        """Attach to a call until the block ends; the call itself goes on.

        Raises NoSuchCall, SidebandFailed, or UpstreamUnauthorized when no token can be had.
        """
        # Getting a token may block on the network; the event loop is shared with every other call.
        headers = await asyncio.to_thread(self._credentials.headers)
        url = f"{endpoint.replace('http', 'ws', 1)}{API}?call_id={quote(call_id, safe='')}"
        try:
            connection = await connect(
                url,
                additional_headers=headers,
                open_timeout=OPEN_SECONDS,
                close_timeout=1,
                max_size=MAX_FRAME_BYTES,
                proxy=None,
            )
        except InvalidStatus as refused:
            if refused.response.status_code in (404, 410):
                raise NoSuchCall from refused
            raise SidebandFailed(refused.response.status_code) from refused
        except (OSError, InvalidHandshake, TimeoutError) as failed:
            raise SidebandFailed(0) from failed
        async with connection:
            yield Sideband(connection)


def _closed(closed: ConnectionClosed) -> Closed:
    if closed.rcvd is None:
        return Closed("lost")
    if _CAP_REASON.search(closed.rcvd.reason):
        return Closed("cap", closed.rcvd.code)
    return Closed("clean" if closed.rcvd.code in (1000, 1001) else "lost", closed.rcvd.code)
