"""This module is the control plane, `/emulator/…`, with which tests and measurements steer the emulator."""

import json
from typing import Any

from aiohttp import web

from local.realtime.service.emulator import EMULATOR, Delays
from local.realtime.service.faults import ATTACHED
from local.realtime.service.http import json_answer

routes = web.RouteTableDef()


@routes.post("/emulator/faults")
async def add_fault(request: web.Request) -> web.Response:
    """Switch a fault on.

    A fault of attached sidebands strikes at once if there are any, which counts as one of its times.
    """
    emulator = request.app[EMULATOR]
    body = await _body(request)
    try:
        fault = emulator.faults.add(body)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    if fault.name in ATTACHED:
        hit = [
            entry for entry in emulator.registry.entries if entry.sidebands and fault.call_id in (None, entry.call.id)
        ]
        if hit:
            emulator.faults.take(fault.on, frozenset({fault.name}), fault.call_id or "")
        for entry in hit:
            entry.strike(fault.name)
    return json_answer({"on": fault.on, "fault": fault.name, "times": fault.times}, 201)


@routes.delete("/emulator/faults")
async def clear_faults(request: web.Request) -> web.Response:
    """Switch all faults off."""
    request.app[EMULATOR].faults.clear()
    return web.Response(status=204)


@routes.get("/emulator/requests")
async def list_requests(request: web.Request) -> web.Response:
    """Return the requests that the service has received, oldest first."""
    return json_answer(request.app[EMULATOR].seen.requests)


@routes.delete("/emulator/requests")
async def clear_requests(request: web.Request) -> web.Response:
    """Forget the requests that the service has received."""
    request.app[EMULATOR].seen.clear()
    return web.Response(status=204)


@routes.get("/emulator/calls")
async def list_calls(request: web.Request) -> web.Response:
    """Return all calls, oldest first."""
    return json_answer([entry.summary for entry in request.app[EMULATOR].registry.entries])


@routes.post("/emulator/calls/{call_id}/turn")
async def play_turn(request: web.Request) -> web.Response:
    """Let the caller say something: `{"transcript", "speech_ms", "answer"}`. The answer is 202, before it is said."""
    body = await _body(request)
    call = request.app[EMULATOR].registry.live(request.match_info["call_id"]).call
    words, answer = str(body.get("transcript", "")), body.get("answer")
    call.spawn(call.speak(words, int(body.get("speech_ms", 600)), str(answer) if answer else None))
    return web.Response(status=202)


@routes.post("/emulator/calls/{call_id}/leave")
async def leave(request: web.Request) -> web.Response:
    """Let the call end as if the browser had gone."""
    request.app[EMULATOR].registry.live(request.match_info["call_id"]).call.end("peer_left")
    return web.Response(status=204)


@routes.put("/emulator/delays")
async def set_delays(request: web.Request) -> web.Response:
    """Make the service slower: `{"client_secrets_ms", "calls_ms"}`. A delay that is not named becomes 0."""
    body = await _body(request)
    delays = Delays(float(body.get("client_secrets_ms", 0)), float(body.get("calls_ms", 0)))
    request.app[EMULATOR].delays = delays
    return json_answer({"client_secrets_ms": delays.client_secrets_ms, "calls_ms": delays.calls_ms})


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise web.HTTPBadRequest(text="The body is not JSON.") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The body is not a JSON object.")
    return body
