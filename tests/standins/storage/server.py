"""The HTTP side of the storage stand-in.

    python -m tests.standins.storage --blob-port 10000 --queue-port 10001 --control-port 10009

The account's name in a connection string tells which client asks, so that faults can be ordered for one of them; all
accounts see the same blobs and queues.
"""

import time
import uuid
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

from tests.standins.control import control_app
from tests.standins.faults import Faults, Lost, Operation
from tests.standins.storage.answers import Answer, Refused, Request, http_date
from tests.standins.storage.blobs import Blobs
from tests.standins.storage.queues import Queues

# Any base64 text will do: no signature is checked.
KEY = "c3dpdGNoYm9hcmQ="
VERSION = "2025-05-05"
LARGEST_BODY = 128 * 1024 * 1024

_BLOB_KINDS = {
    ("PUT", ""): "put_blob",
    ("PUT", "appendblock"): "append_block",
    ("PUT", "metadata"): "set_metadata",
    ("PUT", "lease"): "lease",
    ("GET", ""): "get_blob",
    ("HEAD", ""): "get_properties",
    ("DELETE", ""): "delete_blob",
}
_MESSAGE_KINDS = {"POST": "put_message", "PUT": "update_message", "DELETE": "delete_message"}


class StorageStandIn:
    """Runs Blob and Queue storage on two ports of 127.0.0.1, and a control port. An asynchronous context manager."""

    def __init__(self, blob_port: int, queue_port: int, control_port: int | None = None) -> None:
        self.blobs, self.queues, self.faults = Blobs(), Queues(), Faults()
        self._ports = (blob_port, queue_port)
        self._control_port = control_port
        self._runners: list[web.BaseRunner] = []

    def connection_string(self, client: str = "client") -> str:
        """Return the connection string by which `client` asks."""
        blob, queue = self._ports
        return (
            f"DefaultEndpointsProtocol=http;AccountName={client};AccountKey={KEY};"
            f"BlobEndpoint=http://127.0.0.1:{blob}/{client};QueueEndpoint=http://127.0.0.1:{queue}/{client};"
        )

    async def __aenter__(self) -> Self:
        services = ((self.blobs.handle, _blob_kind), (self.queues.handle, _queue_kind))
        for port, (handle, kind) in zip(self._ports, services, strict=True):
            await self._listen(
                web.ServerRunner(web.Server(self._handler(handle, kind), access_log=None), shutdown_timeout=0.1), port
            )
        if self._control_port is not None:
            await self._listen(
                web.AppRunner(control_app(self.faults), access_log=None, shutdown_timeout=0.1), self._control_port
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.clear()
        for runner in self._runners:
            await runner.cleanup()

    async def _listen(self, runner: web.BaseRunner, port: int) -> None:
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()

    def _handler(
        self, handle: Callable[[Request, float], Answer], kind_of: Callable[[Request], str]
    ) -> Callable[[web.BaseRequest], Any]:
        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            account, _, path = unquote(request.rel_url.raw_path).lstrip("/").partition("/")
            headers = {name.lower(): value for name, value in request.headers.items()}
            query = {name.lower(): value for name, value in request.query.items()}
            try:
                content = await _body(request)
            except ConnectionError:
                # Its client has died in the middle of it.
                return web.Response(status=400)
            asked = Request(request.method, path.rstrip("/"), query, headers, content, account)
            operation = Operation(kind_of(asked), asked.path, account)
            try:
                rule = await self.faults.meet(operation)
                refused = rule is not None and rule.fault == "refuse"
                answer = _refusal(rule.status) if rule and refused else _done(handle, asked)
                await self.faults.tell(operation, "after")
                if rule is not None and not refused:
                    raise Lost
            except Lost:
                if request.transport is not None:
                    request.transport.abort()
                answer = Answer(500)
            if answer.status == 501:
                self.faults.counts["unknown"] += 1
            common = {"Date": http_date(time.time()), "x-ms-version": VERSION, "x-ms-request-id": uuid.uuid4().hex}
            body = None if request.method == "HEAD" else answer.body
            return web.Response(status=answer.status, headers={**common, **answer.headers}, body=body)

        return handler


def _done(handle: Callable[[Request, float], Answer], request: Request) -> Answer:
    try:
        return handle(request, time.time())
    except Refused as refused:
        return refused.answer()


def _refusal(status: int) -> Answer:
    return Refused(status, {503: "ServerBusy", 500: "InternalError"}.get(status, "OrderedFault")).answer()


async def _body(request: web.BaseRequest) -> bytes:
    # Not request.read(): its limit is meant for web pages.
    return await request.content.read() if request.body_exists else b""


def _blob_kind(request: Request) -> str:
    comp = request.query.get("comp", "")
    if request.query.get("restype") == "container":
        listed = "list_blobs" if comp == "list" else "get_container"
        return {"PUT": "create_container", "DELETE": "delete_container"}.get(request.method, listed)
    if request.headers.get("x-ms-blob-type") == "AppendBlob":
        return "create_append_blob"
    return _BLOB_KINDS.get((request.method, comp), "unknown")


def _queue_kind(request: Request) -> str:
    _, _, rest = request.path.partition("/")
    if not rest:
        return {"PUT": "create_queue", "DELETE": "delete_queue"}.get(request.method, "get_queue")
    if request.method == "GET":
        return "peek_messages" if request.query.get("peekonly", "").lower() == "true" else "get_messages"
    return "clear_messages" if rest == "messages" and request.method == "DELETE" else _MESSAGE_KINDS[request.method]
