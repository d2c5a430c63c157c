"""Limits what all calls of a day may cost together, live ones included.

One small blob holds what the calls of the day have cost. Only the sweep writes it: it adds each call that has ended
exactly once, and notes what the live calls have cost so far. A process reads it at most every few seconds. So new calls
may still begin for up to twenty seconds after the budget is spent; that is the bound.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from switchboard.errors import BudgetSpent
from switchboard.storage import Storage, storage_errors

PREFIX = "spent/"
# A process believes for so long what it has read.
CACHE_SECONDS = 5.0


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


class Budget:
    """The budget of the day. Methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage, most: float | None) -> None:
        self._storage = storage
        self._most = most
        self._known: tuple[float, Spending] = (0.0, Spending())
        self._lock = threading.Lock()

    @property
    def limited(self) -> bool:
        """Return whether there is a budget at all."""
        return self._most is not None

    def check(self) -> None:
        """Raise BudgetSpent, with the seconds until midnight UTC, if the budget of this day is spent."""
        if self.is_spent():
            raise BudgetSpent(retry_after=seconds_until_midnight(time()))

    def is_spent(self) -> bool:
        """Return whether the calls of this day have cost as much as they may."""
        return self._most is not None and self._spending().total >= self._most

    def share_left(self) -> float | None:
        """Return which share of the budget is left, from 0 to 1; None if there is no budget."""
        if self._most is None:
            return None
        return round(min(1.0, max(0.0, 1 - self._spending().total / self._most)), 3)

    def count(self, ended: Mapping[str, float], live: float) -> bool:
        """Add the cost of calls that have ended, by their ids, and note what the live ones have cost so far.

        A call whose id the count before contained as well is not added again. Return False if nothing was counted,
        because another process counts at the same moment.
        """
        name = _name(time())
        before, etag = self._read(name)
        cost = sum(cost for call_id, cost in ended.items() if call_id not in before.counted)
        after = Spending(round(before.ended + cost, 6), round(live, 6), tuple(ended))
        if after == before:
            return True
        condition: dict[str, Any] = {"overwrite": False}
        if etag:
            condition = {"overwrite": True, "etag": etag, "match_condition": MatchConditions.IfNotModified}
        with storage_errors():
            try:
                self._storage.blob(name).upload_blob(msgspec.json.encode(after), **condition)
            except (ResourceExistsError, ResourceModifiedError):
                return False
        return True

    def _spending(self) -> Spending:
        with self._lock:
            read_at, spending = self._known
            if time() - read_at > CACHE_SECONDS:
                spending, _ = self._read(_name(time()))
                self._known = (time(), spending)
            return spending

    def _read(self, name: str) -> tuple[Spending, str]:
        with storage_errors():
            try:
                download = self._storage.blob(name).download_blob()
                return msgspec.json.decode(download.readall(), type=Spending), str(download.properties.etag)
            except ResourceNotFoundError:
                return Spending(), ""


def seconds_until_midnight(now: float) -> int:
    """Return the seconds from `now` (Unix seconds) until the next midnight UTC, at least one."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, round((today + timedelta(days=1)).timestamp() - now))


def _name(now: float) -> str:
    return f"{PREFIX}{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
