"""Which instance runs the timer functions. Sans-I/O: time is an argument.

The host runs a timer on one instance only: the one that holds a lock, which it renews. The lock of an instance that
died lapses after host.json's `singleton.listenerLockPeriod`, and the others look for it every
`listenerLockRecoveryPollingInterval`; both are a minute where host.json does not say (Microsoft's host.json reference).
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from local.host.settings import seconds


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
