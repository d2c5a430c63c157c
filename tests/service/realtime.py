"""Talks to the emulated service as its clients do: over HTTP, a WebSocket and WebRTC, without the gateway's code."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import requests
import websockets.asyncio.client
from websockets.exceptions import ConnectionClosed

from tests.service.peer import Caller, caller

KEY = {"api-key": "emulator"}
SECONDS = 10
_UFRAG = ["a=ice-ufrag:F7gI", "a=ice-pwd:x9cml/YzichV2+XlhiMu8g7Z"]
_DTLS = ["a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass"]
# No peer stands behind this offer. It is for calls that need no media.
OFFER = "\r\n".join(
    [
        *("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0 1"),
        *("m=audio 9 UDP/TLS/RTP/SAVPF 96 9 0 8", "c=IN IP4 0.0.0.0", *_UFRAG, *_DTLS, "a=mid:0", "a=sendrecv"),
        *("a=rtcp-mux", "a=rtpmap:96 opus/48000/2", "a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000"),
        *("a=rtpmap:8 PCMA/8000", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0"),
        *(*_UFRAG, *_DTLS, "a=mid:1", "a=sctp-port:5000", "a=max-message-size:262144", ""),
    ]
)


class Service:
    """Talks to an emulator at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.base = f"{url}/openai/v1/realtime"

    def post_secret(self, body: Any = None, headers: dict[str, str] | None = None) -> requests.Response:
        """Send `POST /client_secrets`, correctly unless the arguments say otherwise."""
        body = {"session": {"type": "realtime", "model": "gpt-realtime"}} if body is None else body
        return requests.post(
            f"{self.base}/client_secrets", json=body, headers=KEY if headers is None else headers, timeout=SECONDS
        )

    def mint(self, **session: Any) -> str:
        """Return a client secret for a session with these fields."""
        answer = self.post_secret({"session": {"type": "realtime", "model": "gpt-realtime", **session}})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["value"])

    def post_call(
        self,
        offer: str | bytes = OFFER,
        secret: str | None = None,
        *,
        filtered: bool = False,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send `POST /calls`, correctly unless the arguments say otherwise."""
        if headers is None:
            headers = {"Authorization": f"Bearer {secret or self.mint()}", "Content-Type": "application/sdp"}
        query = "?webrtcfilter=on" if filtered else ""
        return requests.post(f"{self.base}/calls{query}", data=offer, headers=headers, timeout=SECONDS)

    def call(self, **session: Any) -> str:
        """Create a call without a media peer and return its id."""
        answer = self.post_call(OFFER, self.mint(**session))
        assert answer.status_code == 201, answer.text
        return call_id(answer)

    def hang_up(self, call: str, headers: dict[str, str] | None = None) -> requests.Response:
        """Send `POST /calls/{call_id}/hangup`."""
        return requests.post(
            f"{self.base}/calls/{call}/hangup", headers=KEY if headers is None else headers, timeout=SECONDS
        )

    @contextlib.asynccontextmanager
    async def sideband(self, call: str, headers: dict[str, str] | None = None) -> AsyncIterator["Attached"]:
        """Open a sideband of a call for the length of the block."""
        address = f"{self.base.replace('http', 'ws', 1)}?call_id={call}"
        async with websockets.asyncio.client.connect(
            address, additional_headers=KEY if headers is None else headers
        ) as socket:
            attached = Attached(socket, call)
            reading = asyncio.create_task(attached.read())
            try:
                yield attached
            finally:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading

    @contextlib.asynccontextmanager
    async def caller(
        self, *, filtered: bool = False, label: str = "oai-events", **session: Any
    ) -> AsyncIterator[Caller]:
        """Provide a connected caller whose `call_id` is set."""
        async with caller(label) as peer:
            secret = await asyncio.to_thread(self.mint, **session)
            answer = await asyncio.to_thread(self.post_call, await peer.offer(), secret, filtered=filtered)
            assert answer.status_code == 201, answer.text
            peer.call_id = call_id(answer)
            await peer.accept(answer.text)
            yield peer


class Attached:
    """Holds one open sideband, together with the events that arrived over it."""

    def __init__(self, socket: websockets.asyncio.client.ClientConnection, call: str) -> None:
        self.call_id = call
        self.events: list[dict[str, Any]] = []
        self.closed: tuple[int | None, str | None] | None = None
        """Close code and reason, once it is closed."""
        self._socket = socket
        self._times: list[float] = []
        self._news = asyncio.Event()

    async def read(self) -> None:
        """Collect events until the socket closes."""
        try:
            while True:
                self.events.append(json.loads(await self._socket.recv()))
                self._times.append(time.monotonic())
                self._news.set()
        except ConnectionClosed:
            self.closed = (self._socket.close_code, self._socket.close_reason)
            self._news.set()

    async def send(self, kind: str | None, **fields: Any) -> None:
        """Send a client event."""
        await self._socket.send(json.dumps({**({"type": kind} if kind else {}), **fields}))

    async def send_raw(self, message: str | bytes) -> None:
        """Send a frame as it is, whether it is an event or not."""
        await self._socket.send(message)

    async def say(self, text: str, **response: Any) -> dict[str, Any]:
        """Take one written turn, and wait for its `response.done`."""
        seen = len(self.events)
        content = [{"type": "input_text", "text": text}]
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        await self.send("response.create", **({"response": response} if response else {}))
        return await self.wait_for("response.done", after=seen)

    async def wait_for(self, kind: str, *, after: int = 0, seconds: float = SECONDS) -> dict[str, Any]:
        """Wait for the first event of that type from position `after` in `events`, and return it."""
        return await self.until(
            lambda: next((each for each in self.events[after:] if each["type"] == kind), None), kind, seconds
        )

    async def wait_closed(self) -> tuple[int | None, str | None]:
        """Wait until the socket is closed, and return the close code and the reason."""
        return await self.until(lambda: self.closed, "close")

    async def until(self, condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
        """Wait until a condition is true, and return its value."""
        try:
            async with asyncio.timeout(seconds):
                while not (value := condition()):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {what} among {self.types}") from None
        return value

    def time_of(self, kind: str) -> float:
        """Return when the first event of that type arrived, in seconds of the monotonic clock."""
        return self._times[self.types.index(kind)]

    @property
    def types(self) -> list[str]:
        """Return the types of all events so far, in their order."""
        return [event["type"] for event in self.events]


def call_id(answer: requests.Response) -> str:
    """Return the call's id from the `Location` header."""
    return answer.headers["Location"].rpartition("/")[2]


def merged(types: list[str]) -> list[str]:
    """Return the event types; equal ones in a row, as deltas are, are counted once."""
    return [kind for place, kind in enumerate(types) if place == 0 or kind != types[place - 1]]
