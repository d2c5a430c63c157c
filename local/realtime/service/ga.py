"""This module holds the endpoints of the GA protocol: client secrets, calls, hang-up, and the sideband of a call."""

import asyncio
import logging

from aiohttp import WSMsgType, web

from local.realtime.errors import missing_parameter
from local.realtime.service import credentials
from local.realtime.service.admission import GARBAGE, admit, lasting
from local.realtime.service.emulator import EMULATOR
from local.realtime.service.faults import ATTACHED, NAMES
from local.realtime.service.issuing import admit_issuer, issue
from local.realtime.service.placing import CORS, offer_of, place_call, readable_by_pages
from local.realtime.service.sideband import Sideband

logger = logging.getLogger(__name__)

_CLOSE_SECONDS = 2.0


async def create_client_secret(request: web.Request) -> web.Response:
    """Answer `POST /openai/v1/realtime/client_secrets` with a client secret for the session in the body."""
    emulator = request.app[EMULATOR]
    async with lasting(emulator.delays.client_secrets_ms):
        fault = await admit_issuer(request)
        return await issue(request, fault, emulator.client_secrets.create)


async def create_call(request: web.Request) -> web.Response:
    """Answer `POST /openai/v1/realtime/calls` with the SDP answer to an SDP offer, and the call's `Location`."""
    emulator = request.app[EMULATOR]
    filtered = request.query.get("webrtcfilter") == "on"
    with readable_by_pages():
        async with lasting(emulator.delays.calls_ms):
            fault = await admit(request, "calls")
            secret = emulator.client_secrets.find(credentials.client_secret(request), "ga")
            offer = await offer_of(request)
            entry, answer = await place_call(emulator, secret, offer, filtered=filtered)
    headers = {**CORS, "Location": f"/v1/realtime/calls/{entry.call.id}"}
    if fault is not None and fault.name == "no_location":
        del headers["Location"]
    if fault is not None and fault.name == "garbage":
        answer = GARBAGE
    return web.Response(status=201, text=answer, headers=headers)


async def hang_up(request: web.Request) -> web.Response:
    """Answer `POST /openai/v1/realtime/calls/{call_id}/hangup`: end the call, and return 200 without a body."""
    emulator = request.app[EMULATOR]
    call_id = request.match_info["call_id"]
    fault = await admit(request, "hangup", call_id=call_id)
    credentials.require_resource_access(request, emulator.options.api_key)
    emulator.registry.within_reach(call_id).call.end("hangup")
    return web.Response(status=200, text=GARBAGE if fault is not None and fault.name == "garbage" else None)


async def attach(request: web.Request) -> web.StreamResponse:
    """Answer `GET /openai/v1/realtime?call_id=…` with a WebSocket that receives every event of the call but audio."""
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
    entry.attach(sideband)
    logger.info("call %s: a sideband attached", call_id)
    fault = emulator.faults.take("sideband", ATTACHED, call_id)
    if fault is not None:
        entry.strike(fault.name)
    writer = asyncio.create_task(sideband.write())
    try:
        async for message in answer:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                entry.call.receive(message.data)
    finally:
        writer.cancel()
        entry.detach(sideband)
        logger.info("call %s: a sideband left", call_id)
    return answer
