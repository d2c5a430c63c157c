"""The REST endpoints of the imitated service: client secrets, calls, hang-up."""

import asyncio
import json
import uuid

from aiohttp import web

from local.realtime.errors import ServiceError, invalid, json_answer
from local.realtime.protocol.dialect import GA, Dialect
from local.realtime.service import credentials
from local.realtime.service.client_secrets import ClientSecret
from local.realtime.service.emulator import EMULATOR, Emulator
from local.realtime.service.faults import NAMES, Fault
from local.realtime.service.registry import Entry
from local.realtime.service.sideband import reset
from local.realtime.talk.call import Call

GARBAGE = "<html><body>upstream connect error or disconnect/reset before headers</body></html>"
CORS = {
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
    fault = await begin(request, "client_secrets", emulator.delays.client_secrets_ms)
    credentials.require_resource_access(request, emulator.options.api_key)
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise invalid("invalid_json", "The request body is not valid JSON.") from error
    if fault is not None and fault.name == "ignores_expiry" and isinstance(body, dict):
        body.pop("expires_after", None)
    secret = emulator.client_secrets.create(body)
    if fault is not None and fault.name == "garbage":
        return web.Response(text=GARBAGE)
    return json_answer(secret.body)


async def create_call(request: web.Request) -> web.Response:
    """`POST /openai/v1/realtime/calls`: an SDP offer in, an answer and the call's `Location` out."""
    emulator = request.app[EMULATOR]
    try:
        fault = await begin(request, "calls", emulator.delays.calls_ms)
        secret = emulator.client_secrets.find(credentials.client_secret(request), "ga")
        offer = await offer_of(request)
        entry, answer = await place_call(emulator, secret, offer, filtered=request.query.get("webrtcfilter") == "on")
    except ServiceError as refusal:
        refusal.headers.update(CORS)
        raise
    headers = {**CORS, "Location": f"/v1/realtime/calls/{entry.call.id}"}
    if fault is not None and fault.name == "no_location":
        del headers["Location"]
    if fault is not None and fault.name == "garbage":
        answer = GARBAGE
    return web.Response(status=201, text=answer, headers=headers)


async def preflight(_request: web.Request) -> web.Response:
    """`OPTIONS` where calls are created: any page may post its offer."""
    return web.Response(status=200, headers=_PREFLIGHT)


async def hang_up(request: web.Request) -> web.Response:
    """`POST /openai/v1/realtime/calls/{call_id}/hangup`: 200 and nothing else."""
    emulator = request.app[EMULATOR]
    call_id = request.match_info["call_id"]
    fault = await begin(request, "hangup", 0, call_id)
    credentials.require_resource_access(request, emulator.options.api_key)
    emulator.registry.within_reach(call_id).call.end("hangup")
    return web.Response(status=200, text=GARBAGE if fault is not None and fault.name == "garbage" else None)


async def offer_of(request: web.Request) -> str:
    """The SDP offer that a request brings.

    Raises:
        ServiceError: it is of another kind.
    """
    if request.content_type != "application/sdp":
        message = (
            f"Unsupported content type: '{request.content_type}'. "
            "This API method only accepts 'application/sdp' requests."
        )
        raise invalid("unsupported_content_type", message)
    return (await request.read()).decode(errors="replace")


async def place_call(
    emulator: Emulator, secret: ClientSecret, offer: str, *, filtered: bool = False, dialect: Dialect = GA
) -> tuple[Entry, str]:
    """A call for an offer, and the answer to it.

    Raises:
        ServiceError: for an offer that cannot be answered.
    """
    await emulator.ready_for_media()
    from local.realtime.media.peer import Peer  # aiortc takes most of a second to load: see Emulator.warm_up

    call = Call(f"rtc_{uuid.uuid4().hex}", secret.session, emulator.options, emulator.synthesizer, dialect)
    peer = Peer(call, filtered=filtered)
    try:
        answer = await peer.answer(offer)
    except ServiceError:
        call.end("refused")
        await peer.closed()
        raise
    entry = Entry(call, filtered, peer, secret.protocol)
    emulator.registry.add(entry)
    return entry, answer


async def begin(request: web.Request, on: str, delay_ms: float, call_id: str = "") -> Fault | None:
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
