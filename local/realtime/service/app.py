"""This module is the aiohttp application: its routes, the headers of the service, and the one error boundary."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from local.realtime.errors import ServiceError
from local.realtime.options import Options
from local.realtime.service import control, credentials, ga, placing, preview
from local.realtime.service.emulator import EMULATOR, Emulator
from local.realtime.service.http import refusal_answer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LARGEST_BODY = 1024 * 1024
_BEGAN = web.RequestKey("began", float)


def create_app(options: Options) -> web.Application:
    """Return the application of a new emulator, ready to be served."""
    app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[_refusals])
    app[EMULATOR] = Emulator.create(options)
    app.on_response_prepare.append(_service_headers)
    app.on_shutdown.append(_end_calls)
    app.cleanup_ctx.append(_lifetime)
    app.router.add_post("/openai/v1/realtime/client_secrets", ga.create_client_secret)
    app.router.add_post("/openai/v1/realtime/calls", ga.create_call)
    app.router.add_options("/openai/v1/realtime/calls", placing.preflight)
    app.router.add_post("/openai/v1/realtime/calls/{call_id}/hangup", ga.hang_up)
    app.router.add_get("/openai/v1/realtime", ga.attach)
    app.router.add_post("/openai/realtimeapi/sessions", preview.create_session)
    app.router.add_post("/v1/realtimertc", preview.create_call)
    app.router.add_options("/v1/realtimertc", placing.preflight)
    app.router.add_get("/msi/token", credentials.managed_identity)
    app.router.add_routes(control.routes)
    return app


async def _lifetime(app: web.Application) -> AsyncIterator[None]:
    emulator = app[EMULATOR]
    emulator.warm = asyncio.create_task(emulator.warm_up())
    yield
    emulator.warm.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await emulator.warm
    await asyncio.gather(*(entry.peer.closed() for entry in emulator.registry.entries))
    emulator.synthesizer.close()


async def _end_calls(app: web.Application) -> None:
    """End all calls before the server waits for its connections, because the sidebands would keep it waiting."""
    for entry in app[EMULATOR].registry.entries:
        entry.call.end("shutdown", 1001)


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[_BEGAN] = time.perf_counter()
    try:
        return await handler(request)
    except ServiceError as refusal:
        return refusal_answer(refusal)


async def _service_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that Azure was recorded to send with every answer."""
    if not request.path.startswith("/openai/"):
        return
    took = (time.perf_counter() - request.get(_BEGAN, time.perf_counter())) * 1000
    response.headers["apim-request-id"] = response.headers["X-Request-Id"] = str(uuid.uuid4())
    response.headers["azureml-served-by-cluster"] = "emulator-local-01"
    response.headers["openai-processing-ms"] = str(round(took))
    response.headers["openai-version"] = "2020-10-01"
    response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains; preload"
