"""The browsers: they connect, join, talk, and hang up, leave, or stay until something ends the call."""

import asyncio
import contextlib
import random
import time
import uuid
from dataclasses import dataclass, field, replace

import aiohttp
from yarl import URL

from tests.chaos.plan import FUNCTIONS, PlannedCall
from tests.examples import OFFER
from tests.standins.functions.fleet import Fleet
from tests.standins.service.calls import Call
from tests.standins.service.server import ServiceStandIn

# What a page waits for an answer, and between two tries to hang up.
PATIENCE_SECONDS = 30.0
AGAIN_SECONDS = 2.0
# A browser names the page's site to the service.
ORIGIN = "https://voice.example.com"


@dataclass
class Visit:
    """Records what a page saw: the answer to its offer, and when its hang-up was answered with 204 (Unix seconds)."""

    planned: PlannedCall
    caller: str
    status: int = 0
    code: str = ""
    took: float = 0.0
    call_id: str = ""
    """The call's id, if the gateway has said that it holds the call."""
    kept: str = ""
    """The id of a call that the page never registered."""
    registered: float | None = None
    """When the gateway said that it holds a call that the page has set up with a token."""
    asked_to_hang_up: float | None = None
    hung_up: float | None = None
    continues: str = ""
    """The id of the call that this one continues."""


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
            await (self._connect(visit) if planned.signalling == "proxy" else self._connect_with_token(visit))
        visit.took = time.time() - began
        call = self.service.calls.get(visit.call_id or visit.kept)
        if call is not None and planned.end != "never_joins":
            await self._hold(visit, call)
            if planned.comes_back:
                await self._come_back(visit)
        return visit

    async def _come_back(self, before: Visit) -> None:
        """Continue the call that the page has left, in a new one that it leaves too."""
        # The gateway hangs the call up, if it does not know yet that the page has left.
        before.asked_to_hang_up = time.time()
        visit = Visit(replace(before.planned, comes_back=False), before.caller, continues=before.call_id)
        self.visits.append(visit)
        began = time.time()
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            await self._connect(visit)
        visit.took = time.time() - began
        call = self.service.calls.get(visit.call_id)
        if call is not None:
            await self._hold(visit, call)

    async def _connect(self, visit: Visit) -> None:
        headers = {"Content-Type": "application/sdp", "x-switchboard-caller": visit.caller}
        query = {"assistant": visit.planned.assistant, "continues": visit.continues}
        url = URL(f"{await self._url()}/api/connect").with_query({name: text for name, text in query.items() if text})
        async with self.http.post(url, data=OFFER, headers=headers) as answer:
            visit.status = answer.status
            if answer.status == 201:
                visit.call_id = answer.headers["Location"].rsplit("/", 1)[-1]
            else:
                visit.code = await _code_of(answer)

    async def _connect_with_token(self, visit: Visit) -> None:
        """Set the call up as the page does with a token: it joins the call when the gateway has registered it."""
        caller = {"x-switchboard-caller": visit.caller}
        async with self.http.get(f"{await self._url()}/api/token", headers=caller) as answer:
            visit.status = answer.status
            if answer.status != 200:
                visit.code = await _code_of(answer)
                return
            given = await answer.json()
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {given['token']}", "Origin": ORIGIN}
        visit.status = 0
        async with self.http.post(given["calls_url"], data=OFFER, headers=headers) as answer:
            visit.status, visit.code = answer.status, "from the service"
            if answer.status != 201:
                return
            call_id = answer.headers["Location"].rsplit("/", 1)[-1]
        if visit.planned.signalling == "unregistered":
            visit.status, visit.code, visit.kept = 0, "never registered", call_id
            return
        visit.status, visit.code = 0, "registering"
        registration = {"call_id": call_id, "endpoint": given["endpoint"]}
        async with self.http.post(f"{await self._url()}/api/calls", json=registration, headers=caller) as answer:
            visit.status = answer.status
            if answer.status == 202:
                visit.status, visit.code, visit.call_id, visit.registered = 201, "", call_id, time.time()
            else:
                visit.code = await _code_of(answer)

    async def _hold(self, visit: Visit, call: Call) -> None:
        planned = visit.planned
        await asyncio.sleep(planned.joins)
        endless = planned.end == "too_long" and not visit.kept
        functions = FUNCTIONS if planned.assistant else ()
        call.join(999 if endless else planned.turns, planned.pause, functions=functions)
        if endless:
            return
        while call.talking and call.up:  # noqa: ASYNC110 - a call has no event for either
            await asyncio.sleep(0.1)
        await asyncio.sleep(planned.linger)
        if planned.end == "leaves" or visit.kept:
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


async def _code_of(answer: aiohttp.ClientResponse) -> str:
    """Return the code of a problem. The host itself answers a request whose instance has died, with an empty body."""
    found = await answer.json(content_type=None) if await answer.read() else {}
    return str(found.get("code", ""))
