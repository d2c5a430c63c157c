"""This module admits the requests to the imitated service: it notes them, slows them down, and lets faults strike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from local.realtime.errors import ServiceError
from local.realtime.service.emulator import EMULATOR
from local.realtime.service.faults import NAMES, Fault
from local.realtime.service.sideband import reset

GARBAGE = "<html><body>upstream connect error or disconnect/reset before headers</body></html>"
"""The body of an answer when the fault `garbage` strikes."""


@asynccontextmanager
async def lasting(delay_ms: float) -> AsyncIterator[None]:
    """Let the block last at least `delay_ms` milliseconds, whatever it does itself and however it ends."""
    loop = asyncio.get_running_loop()
    due = loop.time() + delay_ms / 1000
    try:
        yield
    finally:
        if (left := due - loop.time()) > 0:
            await asyncio.sleep(left)


async def admit(request: web.Request, on: str, call_id: str = "") -> Fault | None:
    """Note a request to the endpoint `on`, and let a fault strike if one is on.

    Return a fault whose effect is on the answer, such as `garbage`, for the endpoint to apply; otherwise return None.

    Raises:
        ServiceError: The fault refuses the request, or has broken its connection.
    """
    emulator = request.app[EMULATOR]
    await emulator.seen.note(request)
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
