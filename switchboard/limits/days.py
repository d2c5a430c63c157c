"""Reckons what the calls of one UTC day have used, and what is left of it. This module does no I/O."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from switchboard.errors import DailySecondsSpent
from switchboard.limits.place_names import GRACE_SECONDS, hash_of

PREFIX = "spent/"
# Nobody is let into a call that would be hung up at once.
SHORTEST_CALL_SECONDS = 10


class Spending(msgspec.Struct, frozen=True):
    """What the calls of one UTC day have cost, in the currency of the prices."""

    ended: float = 0.0
    """The cost of the calls that have ended."""
    live: float = 0.0
    """The cost so far of the calls that were live when the sweep looked."""
    counted: tuple[str, ...] = ()
    """The ids of the calls that the last sweep counted, so that the next one does not count them again."""

    @property
    def total(self) -> float:
        """Return the cost of all calls."""
        return self.ended + self.live

    def share_left(self, most: float) -> float:
        """Return which share of a budget of `most`, which is above 0, is left: from 0 to 1."""
        return round(min(1.0, max(0.0, 1 - self.total / most)), 3)

    def counting(self, ended: Mapping[str, float], live: float) -> "Spending":
        """Return the spending with the cost of calls that have ended, by their ids, and of those that are live.

        The cost of an ended call is added unless the count before contained the call as well. `live` replaces what the
        live calls cost before.
        """
        cost = sum(cost for call_id, cost in ended.items() if call_id not in self.counted)
        return Spending(round(self.ended + cost, 6), round(live, 6), tuple(ended))


class SetAside(msgspec.Struct, frozen=True):
    """The seconds that are set aside for one call."""

    seconds: float
    """How long the call may last."""
    until: float
    """When the call must be over, in Unix seconds."""


class Day(msgspec.Struct, frozen=True):
    """What a caller has used of one day."""

    used: float = 0.0
    """The seconds of the calls that have ended."""
    calls: dict[str, SetAside] = {}
    """What is set aside for the calls that have not ended, by the nonce of the call's places."""

    def setting_aside(self, nonce: str, wanted: int, *, most: int, now: float) -> "Day":
        """Return the day with a new call that begins at `now` (Unix seconds) and may last `wanted` seconds at the most.

        What was set aside for a call that should have ended before `now` is dropped. Raises DailySecondsSpent if the
        caller has too few of its `most` seconds left.
        """
        calls = {name: aside for name, aside in self.calls.items() if aside.until > now}
        left = most - self.used - sum(aside.seconds for aside in calls.values())
        if left < min(SHORTEST_CALL_SECONDS, wanted):
            raise DailySecondsSpent(retry_after=seconds_until_midnight(now))
        seconds = min(wanted, int(left))
        return Day(self.used, {**calls, nonce: SetAside(seconds, now + seconds + GRACE_SECONDS)})

    def settling(self, nonce: str, used: float) -> "Day":
        """Return the day after the end of a call that has used so many seconds. Safe to call more than once."""
        if nonce not in self.calls:
            return self
        rest = {name: aside for name, aside in self.calls.items() if name != nonce}
        return Day(round(self.used + used, 3), rest)


def seconds_until_midnight(now: float) -> int:
    """Return the seconds from `now` (Unix seconds) until the next midnight UTC, at least one."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, round((today + timedelta(days=1)).timestamp() - now))


def spending_name(moment: float) -> str:
    """Return the name of the blob with the Spending of the day of `moment` (Unix seconds)."""
    return f"{PREFIX}{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def day_name(caller_id: str, moment: float) -> str:
    """Return the name of the blob with the caller's Day of `moment` (Unix seconds)."""
    return f"{spending_name(moment)}/{hash_of(caller_id)}"
