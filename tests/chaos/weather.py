"""Storage and service at their worst, for some seconds at a time, as the plan says."""

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass, field

from tests.chaos.executioner import Executioner
from tests.chaos.plan import Gust
from tests.standins.service.server import ServiceStandIn
from tests.standins.storage.server import StorageStandIn


@dataclass
class Weather:
    """Makes the plan's gusts happen and remembers when each was (Unix seconds)."""

    storage: StorageStandIn
    service: ServiceStandIn
    executioner: Executioner
    seed: int
    past: list[tuple[float, float, Gust]] = field(default_factory=list)

    async def blow(self, gusts: list[Gust], began: float) -> None:
        """Let each gust come at its time; returns when the last one is over."""
        rng = random.Random(self.seed)
        async with asyncio.TaskGroup() as group:
            for gust in gusts:
                await asyncio.sleep(max(0.0, began + gust.at - time.time()))
                group.create_task(self._one(gust, rng))

    async def _one(self, gust: Gust, rng: random.Random) -> None:
        started = time.time()
        fleet = self.executioner.fleet
        names = [instance.name for instance in fleet.alive]
        rng.shuffle(names)
        if gust.what.endswith(("die", "dies")):
            most = {"one": 1, "two": 2}.get(gust.what.split()[0], len(names))
            for name in names[:most]:
                self.executioner.kill(name, gust.what)
        elif gust.what == "deployment":
            await asyncio.gather(*(fleet.replace(name) for name in names))
        elif gust.what.startswith("all sidebands"):
            for call in list(self.service.calls.values()):
                for listener in list(call.listeners):
                    listener.drop() if gust.what.endswith("drop") else listener.close(1001, "going away")
        else:
            faults = (self.storage if gust.what.startswith("storage") else self.service).faults
            whose = f"{names[0]}*" if gust.what.endswith("one instance") and names else "*"
            number = faults.order(client=whose, **gust.options)
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(gust.seconds)
            faults.clear(number)
        self.past.append((started, time.time(), gust))
