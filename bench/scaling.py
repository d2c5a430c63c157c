"""Simulates how the platform's scale controller follows a day's calls, second by second. Sans-I/O.

An instance takes up to `batch` messages at a time for as long as it runs no more than `threshold`. The controller looks
at the queue now and then. If no message is visible it takes the queue for empty, and ends an instance: that takes
nothing new, and goes when its last call is over. Otherwise it wants so many instances that each has `target` messages,
those being processed included, and adds four at a time at the most. Newer queue extensions take `batch + threshold` as
the target; older ones, and Azure's documentation, take `batch` alone. Always-ready instances never go.
"""

import functools
import heapq
import math
import random
from collections import deque
from dataclasses import dataclass, field

LOOK_SECONDS = 10
"""How often the controller looks. An assumption, as is that it ends one instance at each look."""
ADDED_AT_ONCE = 4
START_SECONDS = 10
"""How long a new instance takes until it polls. An assumption, on the slow side of what people report."""
MEAN_CALL_SECONDS, LONGEST_CALL_SECONDS = 240, 1800
DAY = 86_400
# How many calls begin in each hour of a day: nights are quiet, and the busiest hour has a tenth of all calls.
HOURS = (1, 0.5, 0.5, 0.5, 0.5, 1, 2, 4, 7, 9, 10, 9, 7, 8, 9, 8, 7, 5, 4, 3, 2, 1.5, 1, 0.5)
RUSH_AT, RUSH_SECONDS = 10 * 3600, 10
RUSH_SHARE = 0.002
"""Once a day many come together, such as after an announcement: this share of the day's calls in ten seconds."""


@dataclass(frozen=True)
class Setting:
    """Holds what host.json and the template say."""

    batch: int
    threshold: int
    most_instances: int = 40
    always_ready: int = 1

    @property
    def capacity(self) -> int:
        """Return how many calls an instance observes at the most."""
        return self.batch + self.threshold


@dataclass
class Instance:
    """Is an instance of the observer's function."""

    ready: int
    """The second from which it polls."""
    running: int = 0
    draining: bool = False


@dataclass
class Outcome:
    """Holds what came of a day."""

    waits: list[int] = field(default_factory=list)
    """How many seconds each call waited for its observer."""
    most_instances: int = 0
    most_on_one: int = 0
    instance_hours: float = 0.0


@functools.lru_cache(maxsize=1)
def arrivals(calls: int, seed: int = 1) -> tuple[tuple[int, int], ...]:
    """Return the second at which each call of a day begins, in order, and how many seconds it lasts."""
    rng = random.Random(seed)  # noqa: S311  reproducible
    rush = round(calls * RUSH_SHARE)
    begins = [RUSH_AT + rng.randrange(RUSH_SECONDS) for _ in range(rush)]
    hours = rng.choices(range(24), HOURS, k=calls - rush)
    begins += [3600 * hour + rng.randrange(3600) for hour in hours]
    return tuple(
        (begin, min(LONGEST_CALL_SECONDS, 1 + round(rng.expovariate(1 / MEAN_CALL_SECONDS))))
        for begin in sorted(begins)
    )


def simulate(calls: int, setting: Setting, target: int) -> Outcome:
    """Return what came of a day of so many calls; `target` is how many messages the controller wants on an instance."""
    outcome, coming = Outcome(), deque(arrivals(calls))
    waiting: deque[tuple[int, int]] = deque()
    ends: list[tuple[int, int, Instance]] = []
    fleet = [Instance(0) for _ in range(setting.always_ready)]
    number = 0
    for now in range(DAY):
        looks = now % LOOK_SECONDS == 0
        if not (looks or waiting or (coming and coming[0][0] <= now)):
            continue  # Nobody comes, waits or looks, so nobody asks which calls have ended.
        while ends and ends[0][0] <= now:
            heapq.heappop(ends)[2].running -= 1
        while coming and coming[0][0] <= now:
            waiting.append(coming.popleft())
        pollers = [one for one in fleet if not one.draining and one.ready <= now] if waiting else []
        while waiting and (free := [one for one in pollers if one.running <= setting.threshold]):
            for one in free:
                for _ in range(min(setting.batch, len(waiting))):
                    came, lasts = waiting.popleft()
                    outcome.waits.append(now - came)
                    one.running += 1
                    number += 1
                    heapq.heappush(ends, (now + lasts, number, one))
                outcome.most_on_one = max(outcome.most_on_one, one.running)
        if looks:
            fleet = [one for one in fleet if one.running or not one.draining]
            wanted = math.ceil((len(waiting) + len(ends)) / target) if waiting else 0
            _scale(fleet, setting, wanted, now)
            outcome.most_instances = max(outcome.most_instances, len(fleet))
            outcome.instance_hours += len(fleet) * LOOK_SECONDS / 3600
    return outcome


def _scale(fleet: list[Instance], setting: Setting, wanted: int, now: int) -> None:
    wanted = min(max(wanted, setting.always_ready), setting.most_instances)
    serving = [one for one in fleet if not one.draining]
    if len(serving) > wanted:
        # The first ones are always ready.
        min(serving[setting.always_ready :], key=lambda one: one.running).draining = True
    room = setting.most_instances - len(fleet)
    fleet += [Instance(now + START_SECONDS) for _ in range(min(room, ADDED_AT_ONCE, max(0, wanted - len(serving))))]
