"""This module admits the requests to the imitated service: it notes and delays them, and lets faults strike."""

import asyncio

from aiohttp import web

from local.realtime.errors import ServiceError
from local.realtime.service.emulator import EMULATOR
from local.realtime.service.faults import NAMES, Fault
from local.realtime.service.sideband import reset

GARBAGE = "<html><body>upstream connect error or disconnect/reset before headers</body></html>"
"""The body of an answer when the fault `garbage` strikes."""


async def admit(request: web.Request, on: str, delay_ms: float = 0, call_id: str = "") -> Fault | None:
    """Note a request to the endpoint `on`, wait `delay_ms` milliseconds, and let a fault strike if one is on.

    Return a fault whose effect is on the answer, such as `garbage`, for the endpoint to apply; otherwise return None.

    Raises:
        ServiceError: The fault refuses the request, or has broken its connection.
    """
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
        raise ServiceError(500, {"code": "reset", "message": "The connection is gone, so nobody reads this."})
    refusal = fault.refusal(call_id)
    if refusal is not None:
        raise refusal
    return fault
