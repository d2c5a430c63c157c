"""Several instances on one storage, and their timers. What dies is replaced, as the platform does it."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from croniter import croniter

from local.host.invoker import FunctionFailedError
from local.host.loading import LoadedFunction
from tests.processes import ROOT
from tests.standins.functions.instance import Instance
from tests.standins.functions.timers import Lock


@dataclass
class Plan:
    """How instances are started: `env` and `host_env` give an instance's variables for its name."""

    size: int
    folder: Path
    env: Callable[[str], Mapping[str, str]]
    host_env: Callable[[str], Mapping[str, str]]
    lock_seconds: int = 600
    grace_seconds: float = 10.0
    seed: int = 0
    command: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Death:
    """An instance is gone: when (Unix seconds), which one, by what, and whether it ran the timers."""

    at: float
    name: str
    how: str
    ran_timers: bool


class Fleet:
    """So many instances, until the block ends. An asynchronous context manager."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.instances: dict[str, Instance] = {}
        self.deaths: list[Death] = []
        self.on_death: Callable[[Death], None] = lambda death: None
        """Told of each death at the moment at which it comes."""
        self.failures = 0
        self.ticks = 0
        self._rng = random.Random(plan.seed)
        self._lock = Lock.of(ROOT / "host.json")
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(self._start() for _ in range(self._plan.size)))
        first = next(iter(self.instances.values()))
        for function in first.functions:
            if function.trigger.type == "timerTrigger":
                self._keep(self._run_timer(function))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(instance.kill() for instance in list(self.instances.values())))

    @property
    def size(self) -> int:
        """Return how many instances there are to be."""
        return self._plan.size

    @property
    def alive(self) -> list[Instance]:
        """Return the instances that serve."""
        return [instance for instance in self.instances.values() if not instance.gone]

    async def kill(self, name: str, how: str = "SIGKILL") -> bool:
        """Kill an instance and start another in its place; False when there is none of this name any more."""
        instance = self.instances.pop(name, None)
        if instance is None:
            return False
        self._gone(instance, how, released=False)
        await instance.kill()
        return True

    async def replace(self, name: str) -> None:
        """Deploy: start another instance, then end this one politely."""
        instance = self.instances.get(name)
        if instance is None:
            return
        await self._start()
        if self.instances.pop(name, None) is None:
            return
        self._gone(instance, "SIGTERM", released=True, replace=False)
        await instance.drain(self._plan.grace_seconds)

    def _gone(self, instance: Instance, how: str, *, released: bool, replace: bool = True) -> None:
        now = time.time()
        death = Death(now, instance.name, how, ran_timers=self._lock.holder == instance.name)
        self.deaths.append(death)
        self.on_death(death)
        self.failures += instance.failures
        self._lock.lost(instance.name, now, self._rng, released=released)
        if replace and not self._closing:
            self._keep(self._start())

    async def _start(self) -> None:
        self._number += 1
        name = f"w{self._number}"
        instance = await Instance.start(
            name,
            0,
            self._plan.folder / f"{name}.log",
            self._plan.env(name),
            host_env=self._plan.host_env(name),
            lock_seconds=self._plan.lock_seconds,
            command=self._plan.command,
        )
        self.instances[name] = instance

    async def _run_timer(self, function: LoadedFunction) -> None:
        while True:
            due = croniter(function.trigger.fields["schedule"], time.time(), second_at_beginning=True).get_next(float)
            await asyncio.sleep(max(0.0, due - time.time()))
            for instance in self.alive:
                if self._lock.take(instance.name, time.time()):
                    self.ticks += 1
                    with contextlib.suppress(FunctionFailedError):
                        await instance.tick(function)
                    break

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
