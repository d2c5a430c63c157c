"""Opens sidebands. A sideband is a second, server-side WebSocket to a call, on which the service reports everything.

Its address is `wss://<resource>/openai/v1/realtime?call_id=rtc_…`, and the gateway authenticates with its own
credential. The sideband of a WebRTC call begins without `session.created`. A clean close does not tell whether the call
has ended or only the connection (a proxy may have restarted). Dialling again tells: the service answers 404 for a call
that has ended. (The facts come from Microsoft's how-to articles and from recordings of the service.)
"""

import re
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode

from switchboard.credentials import Credentials
from switchboard.errors import SidebandFailed
from switchboard.network import Network
from switchboard.realtime.client import sideband_url
from switchboard.realtime.events import Event, parse_event
from switchboard.threads import run_on

OPEN_SECONDS = 5
# A ping is sent this often, and must be answered within so long. So a connection that died without being closed is
# noticed after both together at the latest.
PING_SECONDS, PONG_SECONDS = 20.0, 20.0
# The largest frames are retrieved items, which hold a minute or two of audio in base64. The limit bounds memory.
MAX_FRAME_BYTES = 16 * 1024 * 1024
# asyncio keeps a buffer of 256 KB for each TLS connection, which would be most of what a call needs in memory, and
# OpenSSL one as large as the most that was read at once. Nearly all events are smaller than this. Larger ones are read
# in several steps, between which other calls have their turn; 1 MB takes 9 ms of processor time instead of 3.
TLS_BUFFER_BYTES = 2 * 1024
SILENT_SECONDS = PING_SECONDS + PONG_SECONDS
_CAP_REASON = re.compile(r"maximum duration", re.IGNORECASE)


class NoSuchCall(Exception):
    """This error means that the service does not know the call (404 or 410): it has ended, or it never existed."""


class Closed(msgspec.Struct, frozen=True):
    """Describes the end of a sideband."""

    how: Literal["clean", "lost", "cap"]
    """`clean` for a close frame with the code 1000 or 1001; `cap` if the service says that the call has reached its
    maximum duration; `lost` in any other case, such as a broken connection."""
    code: int | None = None
    """The WebSocket close code (RFC 6455, section 7.4); None when the connection broke without a close frame."""
    silent: bool = False
    """Whether the service no longer answered pings. What it sent in the last SILENT_SECONDS may never have arrived."""


class Sideband:
    """Receives the events of one call, and sends events into it, over an open sideband."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> Event | Closed | None:
        """Wait for the next event and return it; return None for an event that is not kept, and Closed at the end.

        Cancelling this loses no event.
        """
        try:
            return parse_event(await self._connection.recv())
        except ConnectionClosed as closed:
            return _closed(closed)

    async def receive_raw(self) -> dict[str, Any] | Closed | None:
        """Wait for the next event and return it as the service sent it, with all its fields.

        Return None for a frame that is not an event, and Closed at the end. Cancelling this loses no event.
        """
        try:
            event = msgspec.json.decode(await self._connection.recv())
        except ConnectionClosed as closed:
            return _closed(closed)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        return event if isinstance(event, dict) and isinstance(event.get("type"), str) else None

    async def send(self, event: str) -> None:
        """Send a client event, given as JSON. On a closed sideband it is lost, and `receive` returns Closed."""
        with suppress(ConnectionClosed):
            await self._connection.send(event)


class _Connect(connect):
    """Connects like websockets' own class, but follows no redirect: it would take the credential to another place."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Return the exception, which makes the handshake fail with the status of the redirect."""
        return exc


class SidebandDialler:
    """Opens sidebands with the gateway's own credential.

    Making an instance also makes asyncio's TLS buffers small, for all connections of the process.
    """

    def __init__(self, credentials: Credentials, executor: ThreadPoolExecutor, network: Network) -> None:
        self._credentials = credentials
        self._executor = executor
        self._network = network
        SSLProtocol.max_size = TLS_BUFFER_BYTES

    @asynccontextmanager
    async def dial(self, endpoint: str, call_id: str) -> AsyncIterator[Sideband]:
        """Attach to a call for the length of the `async with` block. The call goes on after it.

        Raises NoSuchCall if the call has ended or never existed, SidebandFailed if the connection cannot be opened, and
        UpstreamUnauthorized if the gateway cannot get a token.
        """
        async with await self._open(sideband_url(endpoint, call_id).replace("http", "ws", 1)) as connection:
            yield Sideband(connection)

    async def _open(self, url: str) -> ClientConnection:
        secure = url.startswith("wss:")

        def prepare() -> tuple[Mapping[str, str], ssl.SSLContext | None]:
            return self._credentials.headers(), self._network.tls if secure else None

        # Both may block, and every call of this process shares the event loop.
        headers, tls = await run_on(self._executor, prepare)
        way: dict[str, Any] = {"ssl": tls, "proxy": (proxy := self._network.proxy_for(url))}
        if proxy is not None and proxy.startswith("https:"):
            way["proxy_ssl"] = self._network.tls
        try:
            connection = await _Connect(
                url,
                additional_headers=headers,
                open_timeout=OPEN_SECONDS,
                close_timeout=1,
                ping_interval=PING_SECONDS,
                ping_timeout=PONG_SECONDS,
                max_size=MAX_FRAME_BYTES,
                # It would take more memory for each call than all the rest, to shorten events of a few hundred bytes.
                compression=None,
                **way,
            )
        except InvalidStatus as refused:
            if refused.response.status_code in (404, 410):
                raise NoSuchCall from refused
            raise SidebandFailed(refused.response.status_code) from refused
        except (OSError, InvalidHandshake, TimeoutError) as failed:
            raise SidebandFailed(0) from failed
        # It holds the credential, and nothing needs it any more.
        connection.request = None
        if secure:
            # When OpenSSL reads the session tickets that follow a TLS handshake, it makes a write buffer of 16 KB for
            # the connection, and frees it only after the next write. The first keepalive ping would be late.
            with suppress(ConnectionClosed):
                await connection.ping()
        return connection


def _closed(closed: ConnectionClosed) -> Closed:
    if closed.rcvd is None:
        # The client itself sends this code when a ping is not answered.
        return Closed("lost", silent=closed.sent is not None and closed.sent.code == CloseCode.INTERNAL_ERROR)
    if _CAP_REASON.search(closed.rcvd.reason):
        return Closed("cap", closed.rcvd.code)
    return Closed("clean" if closed.rcvd.code in (1000, 1001) else "lost", closed.rcvd.code)
