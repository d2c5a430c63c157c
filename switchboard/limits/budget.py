"""Limits what all calls of a day may cost together, live ones included.

One small blob holds what the calls of the day have cost. Only the sweep writes it: it adds each call that has ended
exactly once, and notes what the live calls have cost so far. A process reads it at most every few seconds. So new calls
may still begin for up to twenty seconds after the budget is spent; that is the bound.
"""

import threading
from collections.abc import Mapping
from time import time
from typing import Any

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from switchboard.errors import BudgetSpent
from switchboard.limits.days import Spending, seconds_until_midnight, spending_name
from switchboard.storage import Storage, storage_errors

# A process believes for so long what it has read.
CACHE_SECONDS = 5.0


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
        return self._spending().share_left(self._most)

    def count(self, ended: Mapping[str, float], live: float) -> bool:
        """Add the cost of calls that have ended, by their ids, and note what the live ones have cost so far.

        A call whose id the count before contained as well is not added again. Return False if nothing was counted,
        because another process counts at the same moment.
        """
        name = spending_name(time())
        before, etag = self._read(name)
        after = before.counting(ended, live)
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
                spending, _ = self._read(spending_name(time()))
                self._known = (time(), spending)
            return spending

    def _read(self, name: str) -> tuple[Spending, str]:
        with storage_errors():
            try:
                download = self._storage.blob(name).download_blob()
                return msgspec.json.decode(download.body, type=Spending), download.etag
            except ResourceNotFoundError:
                return Spending(), ""
