"""This module holds the endpoints of the preview protocol. There are two: for client secrets and for calls."""

from aiohttp import web

from local.realtime.errors import deployment_not_found, front, missing_parameter
from local.realtime.protocol.dialect import Preview
from local.realtime.service import credentials
from local.realtime.service.admission import GARBAGE, admit, lasting
from local.realtime.service.emulator import EMULATOR
from local.realtime.service.issuing import admit_issuer, issue
from local.realtime.service.placing import CORS, offer_of, place_call, readable_by_pages

API_VERSION = "2025-04-01-preview"


async def create_session(request: web.Request) -> web.Response:
    """Answer `POST /openai/realtimeapi/sessions?api-version=…` with the whole session and a client secret for it."""
    emulator = request.app[EMULATOR]
    async with lasting(emulator.delays.client_secrets_ms):
        fault = await admit_issuer(request)
        if request.query.get("api-version") != API_VERSION:
            raise front(404, "404", "Resource not found")
        return await issue(request, fault, emulator.client_secrets.create_preview)


async def create_call(request: web.Request) -> web.Response:
    """Answer `POST /v1/realtimertc?model=…` with the SDP answer to an SDP offer; the call id is not told."""
    emulator = request.app[EMULATOR]
    with readable_by_pages():
        async with lasting(emulator.delays.calls_ms):
            fault = await admit(request, "calls")
            secret = emulator.client_secrets.find(credentials.client_secret(request), "preview")
            model = request.query.get("model")
            if not model:
                raise missing_parameter("model")
            if model not in emulator.options.deployments.realtime:
                raise deployment_not_found()
            offer = await offer_of(request)
            _, answer = await place_call(emulator, secret, offer, dialect=Preview(secret.temperature))
    if fault is not None and fault.name == "garbage":
        answer = GARBAGE
    return web.Response(status=201, text=answer, headers=CORS)
