"""The HTTP and WebSocket side of the service stand-in.

    python -m tests.standins.service --port 8181 --control-port 8182 [--tls-folder FOLDER]

Operations by which faults are ordered and which are counted: client_secrets, calls, hangup, sideband; the name of the
latter two is the call's id. A client is known by its key: `key-of-w1` is w1's. An offer
with an Origin comes from a page.
"""

import contextlib
import json
import random
import ssl
import time
import uuid
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.standins.control import control_app
from tests.standins.faults import Faults, Lost, Operation, Rule
from tests.standins.service.calls import Call
from tests.standins.service.events import Pace
from tests.standins.service.ledger import Attachment, HangUp, Ledger, Truth
from tests.standins.service.sidebands import SPOILING, Sideband

API = "/openai/v1/realtime"
ANSWER = (
    b"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    b"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=setup:active\r\na=mid:0\r\na=sendrecv\r\n"
    b"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=sctp-port:5000\r\n"
)


class ServiceStandIn:
    """Runs the service on a port of 127.0.0.1, within this process; an asynchronous context manager."""

    def __init__(
        self,
        port: int,
        control_port: int | None = None,
        *,
        seed: int = 0,
        pace: Pace = Pace(),  # noqa: B008  frozen
        join_seconds: float = 30.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.faults, self.ledger = Faults(), Ledger()
        self.calls: dict[str, Call] = {}
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self._ports = (port, control_port)
        self._rng = random.Random(seed)
        self._pace, self._join_seconds, self._tls = pace, join_seconds, tls
        self._secrets: dict[str, str] = {}
        self._runners: list[web.AppRunner] = []

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post(f"{API}/client_secrets", self._mint)
        app.router.add_post(f"{API}/calls", self._create)
        app.router.add_post(f"{API}/calls/{{call_id}}/hangup", self._hang_up)
        app.router.add_get(API, self._sideband)
        for served, port, tls in ((app, self._ports[0], self._tls), (control_app(self.faults), self._ports[1], None)):
            if port is not None:
                runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.1)
                self._runners.append(runner)
                await runner.setup()
                site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls, backlog=1024)
                await site.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.clear()
        for call in self.calls.values():
            call.end("shutdown")
        for runner in self._runners:
            await runner.cleanup()

    async def _mint(self, request: web.Request) -> web.StreamResponse:
        asked, client = await request.json(), _client(request)

        def mint() -> web.Response:
            value = f"ek_{uuid.uuid4().hex}"
            self._secrets[value] = client
            expires = int(time.time()) + asked.get("expires_after", {}).get("seconds", 7200)
            session = {"id": f"sess_{uuid.uuid4().hex}", "object": "realtime.session", **asked.get("session", {})}
            return web.json_response({"value": value, "expires_at": expires, "session": session})

        return await self._operate(request, Operation("client_secrets", "", client), mint)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        client = self._secrets.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        offer = await _offer(request)
        if client is not None and "Origin" in request.headers:
            client = "page"
        if client is None:
            return _problem(401, "This operation requires ephemeral tokens for authentication")
        if not offer.startswith(b"v=0"):
            return _problem(400, "The offer cannot be read")

        def create() -> web.Response:
            call_id = f"rtc_{self._rng.getrandbits(128):032x}"
            truth = Truth(call_id, client, time.time())
            self.ledger.calls[call_id] = truth
            rng = random.Random(self._rng.getrandbits(64))
            self.calls[call_id] = Call(truth, rng, self._pace, self._join_seconds)
            headers = {"Location": f"/v1/realtime/calls/{call_id}", "Access-Control-Allow-Origin": "*"}
            return web.Response(status=201, body=ANSWER, content_type="text/plain", headers=headers)

        return await self._operate(request, Operation("calls", "", client), create)

    async def _hang_up(self, request: web.Request) -> web.StreamResponse:
        call_id, client = request.match_info["call_id"], _client(request)
        call = self.calls.get(call_id)

        def hang_up() -> web.Response:
            if call is None or not call.up:
                return _problem(404, "No such call", "call_id_not_found")
            call.end(client)
            return web.Response(status=200)

        answer = await self._operate(request, Operation("hangup", call_id, client), hang_up)
        if call is not None:
            call.truth.hang_ups.append(HangUp(time.time(), client, answer.status))
        return answer

    async def _sideband(self, request: web.Request) -> web.StreamResponse:
        call_id, client = request.query.get("call_id", ""), _client(request)
        operation = Operation("sideband", call_id, client)
        call = self.calls.get(call_id)

        def look() -> web.Response | None:
            there = call is not None and call.up
            return None if there else _problem(404, "No such call", "call_id_not_found")

        refused = await self._operate(request, operation, look)
        if refused is not None or call is None:
            if call is not None and call.up and refused.status == 404:
                call.truth.denials.append(time.time())
            return refused
        socket = web.WebSocketResponse(max_msg_size=2**22, compress=False)
        await socket.prepare(request)
        attachment = Attachment(client, time.time())
        call.truth.attachments.append(attachment)
        sideband = Sideband(call, attachment, socket, random.Random(self._rng.getrandbits(64)))
        call.listeners.append(sideband)
        rules = [rule for fault in SPOILING if (rule := self.faults.find(operation, fault))]
        # Whoever kills the client now finds it attached: it hears what was sent until then, and no more.
        with contextlib.suppress(Lost):
            await self.faults.tell(Operation("attached", call_id, client), "after")
        await sideband.run(request, rules)
        return socket

    async def _operate(self, request: web.Request, operation: Operation, do: Callable[[], Any]) -> Any:
        """Let an operation meet the faults that are ordered, and do it where they let it."""
        try:
            rule = await self.faults.meet(operation)
            answer = _refusal(rule) if rule is not None and rule.fault == "refuse" else do()
            await self.faults.tell(operation, "after")
            if rule is not None and rule.fault == "lose":
                raise Lost
        except Lost:
            if request.transport is not None:
                request.transport.abort()
            answer = web.Response(status=500)
        return answer


async def _offer(request: web.Request) -> bytes:
    """Return the SDP offer, which clients send as the body or as the field `sdp` of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    field = (await request.post()).get("sdp", "")
    return field.file.read() if isinstance(field, web.FileField) else str(field).encode()


def _client(request: web.Request) -> str:
    return request.headers.get("api-key", "").removeprefix("key-of-") or "unknown"


def _problem(status: int, message: str, code: str | None = None) -> web.Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "code": code, "param": None}}
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json")


def _refusal(rule: Rule) -> web.Response:
    return _problem(rule.status, "An ordered fault", "call_id_not_found" if rule.status == 404 else "ordered_fault")
