"""Kills instances: at named steps of their work, at random, and by deployment."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

from tests.chaos.steps import Step, instance_of, step_of
from tests.standins.faults import Lost, Operation, When
from tests.standins.functions.fleet import Fleet

MOST_TRIES = 3


@dataclass
class Executioner:
    """Goes through the steps in an order that the seed decides. It is a witness of both stand-ins."""

    fleet: Fleet
    seed: int
    rest: float
    """Seconds between two executions, about: a new instance has to start, and to do something."""
    patience: float
    """Seconds after which a step that nobody takes is left for later. Whatever step comes next is taken instead, so
    that somebody dies however rare the step is."""
    known: set[Step] = field(default_factory=set)
    reached: list[Step] = field(default_factory=list)
    missed: list[Step] = field(default_factory=list)
    _armed: set[Step] = field(default_factory=set)
    _struck: asyncio.Event = field(default_factory=asyncio.Event)
    _killing: set["asyncio.Task[bool]"] = field(default_factory=set)

    async def witness(self, operation: Operation, when: When) -> None:
        """Look at an operation; strike when it is the one that is waited for. Raises Lost: the asker is dead."""
        step = step_of(operation, when)
        if step is None or instance_of(operation) not in self.fleet.instances:
            return
        self.known.add(step)
        if step in self._armed:
            self._armed = set()
            self.reached.append(step)
            self.kill(instance_of(operation), str(step))
            self._struck.set()
            # Its worker has got the signal; it is dead before anything else happens here.
            await asyncio.sleep(0.02)
            raise Lost

    def kill(self, name: str, how: str) -> None:
        """Kill an instance; another one is started in its place."""
        task = asyncio.create_task(self.fleet.kill(name, how))
        self._killing.add(task)
        task.add_done_callback(self._killing.discard)

    async def work(self) -> None:
        """Go through all steps that are known, and through those that become known, until cancelled."""
        rng = random.Random(self.seed)
        tries: dict[Step, int] = {}
        while True:
            waiting = sorted(step for step in self.known - set(self.reached) if tries.get(step, 0) < MOST_TRIES)
            self.missed = sorted(step for step in self.known - set(self.reached))
            if not waiting:
                await asyncio.sleep(1)
                continue
            fewest = min(tries.get(step, 0) for step in waiting)
            step = rng.choice([one for one in waiting if tries.get(one, 0) == fewest])
            tries[step] = tries.get(step, 0) + 1
            await self._wait_for_everybody()
            self._struck.clear()
            for armed in ({step}, set(waiting)):
                self._armed = armed
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._struck.wait(), self.patience)
                    await asyncio.sleep(self.rest * rng.uniform(0.5, 1.5))
                    break
            self._armed = set()

    async def _wait_for_everybody(self) -> None:
        while len(self.fleet.alive) < self.fleet.size:  # noqa: ASYNC110 - instances come and go by themselves
            await asyncio.sleep(0.2)
