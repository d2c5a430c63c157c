"""When timer functions run, and which instance runs them. Sans-I/O: time is an argument.

The host runs a timer on one instance only: the one that holds a lock, which it renews. The lock of an instance that
died lapses after host.json's `singleton.listenerLockPeriod`, and the others look for it every
`listenerLockRecoveryPollingInterval`; both are a minute where host.json does not say (Microsoft's host.json reference).
"""

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.host.settings import seconds

_LIMITS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_FURTHEST = timedelta(days=400)


class Schedule:
    """An NCRONTAB expression of six fields, the first of them seconds: numbers, *, lists, ranges and steps."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        if len(fields) != 6:
            raise ValueError(f"no NCRONTAB expression of six fields: {expression!r}")
        self._fields = [_values(text, low, high) for text, (low, high) in zip(fields, _LIMITS, strict=True)]

    def following(self, after: float) -> float:
        """Return the first moment after `after` at which the timer is due; both are Unix seconds."""
        second, minute, hour, day, month, weekday = self._fields
        moment = datetime.fromtimestamp(int(after) + 1, UTC)
        last = moment + _FURTHEST
        while moment < last:
            if moment.month not in month or moment.day not in day or moment.isoweekday() % 7 not in weekday:
                moment = moment.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif moment.hour not in hour:
                moment = moment.replace(minute=0, second=0) + timedelta(hours=1)
            elif moment.minute not in minute:
                moment = moment.replace(second=0) + timedelta(minutes=1)
            elif moment.second not in second:
                moment += timedelta(seconds=1)
            else:
                return moment.timestamp()
        raise ValueError("the timer is never due")


def _values(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if first == "*" else int(first)
        end = high if first == "*" or (step and not last) else int(last or first)
        if not low <= start <= end <= high:
            raise ValueError(f"{part!r} is not within {low} to {high}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


@dataclass
class Lock:
    """The lock of the timers: who holds it, and from when on another may (Unix seconds)."""

    period: float
    recovery: float
    holder: str = ""
    free_at: float = 0.0

    @classmethod
    def of(cls, host_json: Path) -> "Lock":
        """Return the lock as this host.json says."""
        given = json.loads(host_json.read_text()).get("singleton", {})
        period = seconds(given.get("listenerLockPeriod", "00:01:00"), "singleton.listenerLockPeriod")
        recovery = given.get("listenerLockRecoveryPollingInterval", "00:01:00")
        return cls(period, seconds(recovery, "singleton.listenerLockRecoveryPollingInterval"))

    def lost(self, name: str, now: float, rng: random.Random, *, released: bool) -> None:
        """Note that an instance is gone; with `released` it has given the lock up itself."""
        if name == self.holder:
            self.holder = ""
            # The lock was last renewed half a period ago, on average; the next look of another comes at any moment.
            lapses = 0.0 if released else self.period * rng.uniform(0.5, 1)
            self.free_at = now + lapses + self.recovery * rng.random()

    def take(self, name: str, now: float) -> bool:
        """Say whether this instance holds the lock, or can have it now."""
        if not self.holder and now >= self.free_at:
            self.holder = name
        return self.holder == name
