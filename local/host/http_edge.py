"""This module is the HTTP server, which hands requests to functions as the Functions host does."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import HttpVersion11, web
from azure.functions.meta import Datum
from multidict import MultiMapping

from local.host.invoker import FunctionFailedError, Invoker
from local.host.loading import LoadedFunction
from local.host.routes import Route, decoded_path
from local.host.settings import HostSettings
from local.host.values import http_datum

# Kestrel accepts 32 KiB of headers. The cookies of a signed-in visitor need more than the 8 KiB that aiohttp accepts.
HEADER_LIMIT = 32 * 1024


class HttpEdge:
    """This class serves the routes of an app, and the two admin addresses that tools look at."""

    def __init__(
        self, routes: Sequence[Route], functions: Sequence[LoadedFunction], invoker: Invoker, settings: HostSettings
    ) -> None:
        self._routes = routes
        self._functions = functions
        self._invoker = invoker
        self._body_limit = settings.body_limit
        self._started = time.monotonic()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen on an address, and return the port.

        Raises:
            OSError: The port is not free.
        """
        app = web.Application()
        app.router.add_route("*", r"/{path:[\s\S]*}", self._handle)
        # There is no access log, because it would repeat the line of the invocation, and with the query string.
        # The shutdown timeout is long, because `Host` decides how long the requests in flight may take.
        # Kestrel hands a compressed body on as it is; aiohttp would unpack it.
        self._runner = web.AppRunner(
            app,
            access_log=None,
            max_field_size=HEADER_LIMIT,
            max_line_size=HEADER_LIMIT,
            shutdown_timeout=3600,
            auto_decompress=False,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Accept no more requests, and wait for those in flight."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.version.major != 1:
            return web.Response(status=505)
        path = decoded_path(request.rel_url.raw_path)
        if path.lower() == "admin/functions":
            return web.json_response([_described(function) for function in self._functions])
        if path.lower() == "admin/host/status":
            uptime = int((time.monotonic() - self._started) * 1000)
            return web.json_response({"state": "Running", "version": "local", "processUptime": uptime})
        for route in self._routes:
            parameters = route.match(request.method, path)
            if parameters is not None:
                return await self._invoke(request, route, parameters)
        # The host has a start page. All else is not found, and so is a known route with another method.
        return web.Response(status=200 if path == "" and request.method == "GET" else 404)

    async def _invoke(self, request: web.Request, route: Route, parameters: Mapping[str, str]) -> web.Response:
        # The real host drops a chunked body, because it reads a body only when ContentLength is more than 0.
        length = request.content_length or 0
        if length > self._body_limit:
            return web.Response(status=413)
        try:
            body = await request.content.readexactly(length) if length else b""
            url = str(request.url)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            # The request broke off, or its Host header is not the name of a host.
            return web.Response(status=400)
        data = http_datum(
            method=request.method,
            url=url,
            headers={name.lower(): value for name, value in _joined(request.headers).items()},
            query={name: value for name, value in _joined(request.query).items() if value},
            params=parameters,
            body=body,
        )
        try:
            result = await self._invoker.invoke(
                route.function, data, {}, trace_parent=request.headers.get("traceparent", "")
            )
            return _response(result, chunked=request.version >= HttpVersion11)
        except FunctionFailedError:
            return web.Response(status=500)


def _joined(values: MultiMapping[str]) -> dict[str, str]:
    """Return the values by name, with those of repeated names joined by a comma, as .NET's StringValues are."""
    joined: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for name, value in values.items():
        key = spelled.setdefault(name.lower(), name)
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def _response(result: Datum | None, *, chunked: bool) -> web.Response:
    if result is None:
        return web.Response(status=204)
    if result.type == "string":
        return _text_response(result.value)
    fields: dict[str, Any] = result.value
    response = web.Response(status=int(fields["status_code"].value), body=fields["body"].value)
    for name, value in fields["headers"].items():
        response.headers[name] = value.value
    for cookie in fields["cookies"] or ():
        for morsel in cookie.values():
            response.headers.add("Set-Cookie", morsel.OutputString())
    if chunked and fields["body"].value and "content-length" not in response.headers:
        response.enable_chunked_encoding()  # Kestrel does so for a body without a length.
    return response


def _text_response(text: str) -> web.Response:
    """Return the answer for a bare string, which the host parses and writes again when it is JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        return web.Response(text=text)
    return web.json_response(value, dumps=lambda found: json.dumps(found, separators=(",", ":"), ensure_ascii=False))


def _described(function: LoadedFunction) -> dict[str, Any]:
    bindings = [dict(binding.fields) for binding in (function.trigger, *function.outputs)]
    return {"name": function.name, "isDisabled": False, "language": "python", "config": {"bindings": bindings}}
