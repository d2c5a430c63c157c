"""The browsers: they connect, join, talk, and hang up, leave, or stay until something ends the call."""

import asyncio
import contextlib
import random
import time
import uuid
from dataclasses import dataclass, field

import aiohttp

from tests.chaos.plan import PlannedCall
from tests.examples import OFFER
from tests.standins.functions.fleet import Fleet
from tests.standins.service.calls import Call
from tests.standins.service.server import ServiceStandIn

# What a page waits for an answer, and between two tries to hang up.
PATIENCE_SECONDS = 30.0
AGAIN_SECONDS = 2.0


@dataclass
class Visit:
    """Records what a page saw: the answer to its offer, and when its hang-up was answered with 204 (Unix seconds)."""

    planned: PlannedCall
    caller: str
    status: int = 0
    code: str = ""
    took: float = 0.0
    call_id: str = ""
    asked_to_hang_up: float | None = None
    hung_up: float | None = None


@dataclass
class Pages:
    """Acts as all browsers of a run."""

    fleet: Fleet
    service: ServiceStandIn
    http: aiohttp.ClientSession
    rng: random.Random
    visits: list[Visit] = field(default_factory=list)

    async def visit(self, planned: PlannedCall) -> Visit:
        """Hold one call from the offer to its end."""
        visit = Visit(planned, f"c{uuid.UUID(int=self.rng.getrandbits(128)).hex}")
        self.visits.append(visit)
        began = time.time()
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            await self._connect(visit)
        visit.took = time.time() - began
        call = self.service.calls.get(visit.call_id)
        if call is not None and planned.end != "never_joins":
            await self._hold(visit, call)
        return visit

    async def _connect(self, visit: Visit) -> None:
        headers = {"Content-Type": "application/sdp", "x-switchboard-caller": visit.caller}
        async with self.http.post(f"{await self._url()}/api/connect", data=OFFER, headers=headers) as answer:
            visit.status = answer.status
            if answer.status == 201:
                visit.call_id = answer.headers["Location"].rsplit("/", 1)[-1]
            else:
                # The host itself answers a request whose instance has died, with an empty body.
                found = await answer.json(content_type=None) if await answer.read() else {}
                visit.code = found.get("code", "")

    async def _hold(self, visit: Visit, call: Call) -> None:
        planned = visit.planned
        await asyncio.sleep(planned.joins)
        call.join(999 if planned.end == "too_long" else planned.turns, planned.pause)
        if planned.end == "too_long":
            return
        while call.talking and call.up:  # noqa: ASYNC110 - a call has no event for either
            await asyncio.sleep(0.1)
        await asyncio.sleep(planned.linger)
        if planned.end == "leaves":
            call.leave()
        elif planned.end == "cap":
            call.end("cap", 1001, "Your session hit the maximum duration of 60 minutes.")
        elif planned.end == "hangs_up":
            await self._hang_up(visit, call)

    async def _hang_up(self, visit: Visit, call: Call) -> None:
        """Ask until the gateway says that it is done, as the page does; in the end the browser just goes."""
        visit.asked_to_hang_up = time.time()
        for _ in range(8):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                url = f"{await self._url()}/api/calls/{visit.call_id}"
                async with self.http.delete(url, headers={"x-switchboard-caller": visit.caller}) as answer:
                    if answer.status == 204:
                        visit.hung_up = time.time()
                        return
            await asyncio.sleep(AGAIN_SECONDS)
        call.leave()

    async def _url(self) -> str:
        while not (alive := self.fleet.alive):  # noqa: ASYNC110 - instances come by themselves
            await asyncio.sleep(0.1)
        return self.rng.choice(alive).url
