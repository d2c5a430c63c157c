"""The REST endpoints of the imitated service: client secrets, calls, hang-up."""

import asyncio
import json
import uuid
from typing import Any

from aiohttp import web

from local.realtime import credentials
from local.realtime.call import Call
from local.realtime.emulator import EMULATOR, Emulator
from local.realtime.errors import ServiceError, invalid, json_answer
from local.realtime.faults import NAMES, Fault
from local.realtime.registry import Entry
from local.realtime.sideband import reset

_GARBAGE = "<html><body>upstream connect error or disconnect/reset before headers</body></html>"
_CALL_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location,X-Request-Id",
    "Timing-Allow-Origin": "*",
}
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-OpenAI-Agents-SDK",
    "Access-Control-Max-Age": "600",
}


async def create_client_secret(request: web.Request) -> web.Response:
    """`POST /openai/v1/realtime/client_secrets`."""
    emulator = request.app[EMULATOR]
    fault = await _begin(request, "client_secrets", emulator.delays.client_secrets_ms)
    credentials.require_resource_access(request, emulator.options.api_key)
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise invalid("invalid_json", "The request body is not valid JSON.") from error
    if fault is not None and fault.name == "ignores_expiry" and isinstance(body, dict):
        body.pop("expires_after", None)
    secret = emulator.client_secrets.create(body)
    if fault is not None and fault.name == "garbage":
        return web.Response(text=_GARBAGE)
    return json_answer(secret.body)


async def create_call(request: web.Request) -> web.Response:
    """`POST /openai/v1/realtime/calls`: an SDP offer in, an answer and the call's `Location` out."""
    emulator = request.app[EMULATOR]
    try:
        fault = await _begin(request, "calls", emulator.delays.calls_ms)
        session = emulator.client_secrets.session_of(credentials.client_secret(request))
        if request.content_type != "application/sdp":
            message = (
                f"Unsupported content type: '{request.content_type}'. "
                "This API method only accepts 'application/sdp' requests."
            )
            raise invalid("unsupported_content_type", message)
        offer = (await request.read()).decode(errors="replace")
        entry, answer = await _call(emulator, session, offer, filtered=request.query.get("webrtcfilter") == "on")
    except ServiceError as refusal:
        refusal.headers.update(_CALL_HEADERS)
        raise
    headers = {**_CALL_HEADERS, "Location": f"/v1/realtime/calls/{entry.call.id}"}
    if fault is not None and fault.name == "no_location":
        del headers["Location"]
    if fault is not None and fault.name == "garbage":
        answer = _GARBAGE
    return web.Response(status=201, text=answer, headers=headers)


async def preflight(_request: web.Request) -> web.Response:
    """`OPTIONS /openai/v1/realtime/calls`: any page may post its offer."""
    return web.Response(status=200, headers=_PREFLIGHT)


async def hang_up(request: web.Request) -> web.Response:
    """`POST /openai/v1/realtime/calls/{call_id}/hangup`: 200 and nothing else."""
    emulator = request.app[EMULATOR]
    call_id = request.match_info["call_id"]
    fault = await _begin(request, "hangup", 0, call_id)
    credentials.require_resource_access(request, emulator.options.api_key)
    emulator.registry.live(call_id).call.end("hangup")
    return web.Response(status=200, text=_GARBAGE if fault is not None and fault.name == "garbage" else None)


async def _call(emulator: Emulator, session: dict[str, Any], offer: str, *, filtered: bool) -> tuple[Entry, str]:
    await emulator.ready_for_media()
    from local.realtime.peer import Peer  # aiortc takes most of a second to load: see Emulator.warm_up

    call = Call(f"rtc_{uuid.uuid4().hex}", session, emulator.options, emulator.synthesizer)
    peer = Peer(call, filtered=filtered)
    try:
        answer = await peer.answer(offer)
    except ServiceError:
        call.end("refused")
        await peer.closed()
        raise
    entry = Entry(call, filtered, peer)
    emulator.registry.add(entry)
    return entry, answer


async def _begin(request: web.Request, on: str, delay_ms: float, call_id: str = "") -> Fault | None:
    """Note the request, and suffer what a test has ordered. Returns the fault whose turn comes later."""
    emulator = request.app[EMULATOR]
    await emulator.seen.note(request)
    if delay_ms:
        await asyncio.sleep(delay_ms / 1000)
    fault = emulator.faults.take(on, NAMES[on], call_id)
    if fault is None:
        return None
    if fault.name == "slow":
        await asyncio.sleep(fault.seconds)
    if fault.name == "reset":
        reset(request)
        raise ServiceError(500, {"code": "reset", "message": "nobody reads this"})
    refusal = fault.refusal(call_id)
    if refusal is not None:
        raise refusal
    return fault
