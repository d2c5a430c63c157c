"""The REST endpoints of the preview protocol: a session's key, a call at the region's address, and no others."""

import json

from aiohttp import web

from local.realtime.errors import ServiceError, deployment_not_found, front, invalid, json_answer, missing_parameter
from local.realtime.protocol.dialect import Preview
from local.realtime.service import credentials
from local.realtime.service.emulator import EMULATOR
from local.realtime.service.ga import CORS, GARBAGE, begin, offer_of, place_call

API_VERSION = "2025-04-01-preview"


async def create_session(request: web.Request) -> web.Response:
    """`POST /openai/realtimeapi/sessions?api-version=…`: a session's flat fields in, the whole with its key out."""
    emulator = request.app[EMULATOR]
    fault = await begin(request, "client_secrets", emulator.delays.client_secrets_ms)
    credentials.require_resource_access(request, emulator.options.api_key)
    if request.query.get("api-version") != API_VERSION:
        raise front(404, "404", "Resource not found")
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise invalid("invalid_json", "The request body is not valid JSON.") from error
    secret = emulator.client_secrets.create_preview(body)
    if fault is not None and fault.name == "garbage":
        return web.Response(text=GARBAGE)
    return json_answer(secret.body)


async def create_call(request: web.Request) -> web.Response:
    """`POST /v1/realtimertc?model=`: an SDP offer in, an answer out, and no word of what the call is called."""
    emulator = request.app[EMULATOR]
    try:
        fault = await begin(request, "calls", emulator.delays.calls_ms)
        secret = emulator.client_secrets.find(credentials.client_secret(request), "preview")
        model = request.query.get("model")
        if not model:
            raise missing_parameter("model")
        if model not in emulator.options.deployments.realtime:
            raise deployment_not_found()
        offer = await offer_of(request)
        _, answer = await place_call(emulator, secret, offer, dialect=Preview(secret.temperature))
    except ServiceError as refusal:
        refusal.headers.update(CORS)
        raise
    if fault is not None and fault.name == "garbage":
        answer = GARBAGE
    return web.Response(status=201, text=answer, headers=CORS)
