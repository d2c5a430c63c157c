"""One run: a rehearsal shows the steps, pages come, everything breaks, and then everything must come right."""

import asyncio
import base64
import json
import random
import re
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.chaos.evidence import Evidence, Leftovers, Loss, leftovers, summaries_by_call
from tests.chaos.executioner import Executioner
from tests.chaos.pages import PATIENCE_SECONDS, Pages
from tests.chaos.plan import Plan, PlannedCall
from tests.chaos.weather import Weather
from tests.processes import ROOT, free_port
from tests.standins.faults import Operation, When
from tests.standins.functions import fleet as fleets
from tests.standins.functions.fleet import Death, Fleet
from tests.standins.service.server import ServiceStandIn
from tests.standins.storage.server import StorageStandIn

ARCHIVE = "archive"
REHEARSAL_SECONDS = 25.0


@dataclass(frozen=True)
class Options:
    """How a run is held: how many instances, how long it may take to come right, and where logs go."""

    instances: int
    settle_seconds: float
    rest: float
    folder: Path
    patience: float = 12.0
    """Seconds that a step is waited for, before whatever step comes next is taken instead."""
    kills: bool = True
    """Whether instances are killed at steps of their work."""
    strict: bool = True
    """Whether the run waits until the places of offers that came to nothing are free, which takes up to 105 seconds."""
    say: Callable[[str], None] = print


@dataclass(frozen=True)
class Outcome:
    """Holds what came of a run."""

    evidence: list[Evidence]
    left: Leftovers
    executioner: Executioner
    weather: Weather
    fleet: Fleet
    pages: Pages
    storage: StorageStandIn
    seconds: float
    settled: float
    """Seconds from the last gust until everything was right, or until the time for it was over."""
    released: int
    """Messages that the end of a long invisibility was feigned for."""


class Run:
    """Carries out a plan."""

    def __init__(self, plan: Plan, options: Options) -> None:
        self._plan, self._options = plan, options
        self._storage = StorageStandIn(free_port(), free_port())
        self._service = ServiceStandIn(free_port(), seed=plan.seed, join_seconds=25.0)
        example: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
        self._settings = {
            **example,
            "REALTIME_ENDPOINT": self._service.url,
            "ARCHIVE_CONTAINER": ARCHIVE,
            "SIGNALLING": "both",
            "MAX_CALL_SECONDS": str(plan.limits.call),
            "MAX_IDLE_SECONDS": str(plan.limits.idle),
        }
        self._created = 0
        self._held: dict[str, set[str]] = {}
        """For each instance that died, the calls whose messages it had taken and not settled."""
        self._rehearsing = True

    async def hold(self) -> Outcome:
        """Hold the run from beginning to end."""
        began, plan, options = time.time(), self._plan, self._options
        async with AsyncExitStack() as stack:
            for standin in (self._storage, self._service):
                await stack.enter_async_context(standin)
            fleet = await stack.enter_async_context(
                Fleet(fleets.Plan(options.instances, options.folder, self._env, self._host_env, seed=plan.seed))
            )
            fleet.on_death = self._note_what_it_held
            http = await stack.enter_async_context(
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE_SECONDS))
            )
            pages = Pages(fleet, self._service, http, random.Random(plan.seed))
            executioner = Executioner(fleet, plan.shuffled, options.rest, options.patience)
            weather = Weather(self._storage, self._service, executioner, plan.seed)
            self._service.faults.witnesses.append(self._spoil)
            for standin in (self._storage, self._service):
                standin.faults.witnesses.append(executioner.witness)
            await self._rehearse(pages)
            options.say(f"{len(executioner.known)} steps known after {time.time() - began:.0f} s; the run begins")
            killing = asyncio.create_task(executioner.work()) if options.kills else None
            await self._play(pages, weather)
            if killing is not None:
                killing.cancel()
            over = time.time()
            released = await self._settle(pages)
            return Outcome(
                evidence=self._evidence(pages, weather, fleet),
                left=self._left(pages),
                executioner=executioner,
                weather=weather,
                fleet=fleet,
                pages=pages,
                storage=self._storage,
                seconds=time.time() - began,
                settled=time.time() - over,
                released=released,
            )

    def _env(self, name: str) -> dict[str, str]:
        connection = self._storage.connection_string(name)
        return {**self._settings, "REALTIME_API_KEY": f"key-of-{name}", "AzureWebJobsStorage": connection}

    def _host_env(self, name: str) -> dict[str, str]:
        return {"AzureWebJobsStorage": self._storage.connection_string(f"{name}-host")}

    async def _rehearse(self, pages: Pages) -> None:
        """Hold calls without any fault, one for each way to begin or to end that takes steps of its own."""
        limits = self._plan.limits
        calls = [
            PlannedCall(-1, 0, "leaves", 1, 0.3, 0.0, 0.3, {}, 0),
            PlannedCall(-2, 0, "hangs_up", 1, 0.3, 0.0, 0.3, {}, 0),
            PlannedCall(-3, 0, "silent", 1, 0.3, 0.0, 0.3, {}, 0),
            PlannedCall(-4, 0, "leaves", 1, 0.3, 0.0, 0.3, {}, 0, "token"),
        ]
        await asyncio.gather(*(pages.visit(planned) for planned in calls))
        deadline = time.time() + REHEARSAL_SECONDS + limits.idle
        while time.time() < deadline and len(summaries_by_call(self._blobs())) < len(calls):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        self._rehearsing = False

    async def _play(self, pages: Pages, weather: Weather) -> None:
        began = time.time()
        async with asyncio.TaskGroup() as group:
            group.create_task(weather.blow(self._plan.gusts, began))
            for planned in self._plan.calls:
                await asyncio.sleep(max(0.0, began + planned.at - time.time()))
                group.create_task(pages.visit(planned))

    async def _settle(self, pages: Pages) -> int:
        """Wait until everything is right, at most for settle_seconds; returns how many messages were let go early.

        A message that an instance had taken when it died stays hidden for ten minutes. When all calls are down, and
        half of the time is over, those minutes are taken as passed; once more for each instance that dies later.
        """
        began, released, deaths = time.time(), 0, -1
        while time.time() - began < self._options.settle_seconds:
            if self._is_right(pages):
                break
            down = all(not call.up for call in self._service.calls.values())
            if down and deaths != len(self._held) and time.time() - began > self._options.settle_seconds / 2:
                deaths = len(self._held)
                released += self._storage.queues.release()
            await asyncio.sleep(0.5)
        return released

    def _is_right(self, pages: Pages) -> bool:
        left, archived = self._left(pages), summaries_by_call(self._blobs())
        return (
            all(not call.up for call in self._service.calls.values())
            and all(visit.call_id in archived for visit in pages.visits if visit.call_id)
            and not (left.places or left.live or left.messages)
        )

    def _left(self, pages: Pages) -> Leftovers:
        failed = 0 if self._options.strict else sum(visit.status != 201 for visit in pages.visits)
        queues, calls = self._storage.queues.queues, self._service.ledger.calls
        return leftovers(self._blobs(), queues, calls, failed, time.time())

    def _note_what_it_held(self, death: Death) -> None:
        texts = [
            base64.b64decode(message.text).decode()
            for message in self._storage.queues.queues.get("observe-calls", {}).values()
            if message.taken_by == f"{death.name}-host"
        ]
        self._held[death.name] = {call_id for text in texts for call_id in re.findall(r"rtc_[0-9a-f]+", text)}

    def _blobs(self) -> dict[str, Any]:
        return self._storage.blobs.containers.get(ARCHIVE, {})

    async def _spoil(self, operation: Operation, when: When) -> None:
        """Give the sideband of each new call the faults that the plan has for it."""
        if (operation.kind, when) != ("calls", "after") or self._rehearsing:
            return
        calls = self._plan.calls
        planned, call_id = calls[self._created % len(calls)], list(self._service.calls)[-1]
        self._created += 1
        faults = self._service.faults
        if planned.lies:
            faults.order(fault="refuse", on="sideband", name=call_id, status=404, times=planned.lies)
        for fault, seconds in planned.spoils.items():
            faults.order(fault=fault, on="sideband", name=call_id, seconds=seconds, times=1)

    def _evidence(self, pages: Pages, weather: Weather, fleet: Fleet) -> list[Evidence]:
        archived = summaries_by_call(self._blobs())
        visits = {visit.call_id: visit for visit in pages.visits if visit.call_id}
        kept = {visit.kept for visit in pages.visits}
        refusals = [(start, end) for start, end, gust in weather.past if gust.options.get("on") == "hangup"]
        return [
            Evidence(
                truth,
                archived.get(call_id, []),
                self._plan.limits,
                visits.get(call_id),
                [
                    Loss(death.at, death.name, mattered=death.ran_timers or call_id in self._held.get(death.name, ()))
                    for death in fleet.deaths
                ],
                refusals,
                kept=call_id in kept,
            )
            for call_id, truth in self._service.ledger.calls.items()
        ]
