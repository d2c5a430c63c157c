"""Limits what all calls of a day may cost together, live ones included.

One small blob holds what the calls of the day have cost. Only the sweep writes it: it adds each call that has ended
exactly once, and notes what the live calls have cost so far. A process reads it at most every few seconds. So new calls
may still begin for up to twenty seconds after the budget is spent; that is the bound.
"""

import threading
from collections.abc import Mapping
from time import time

from switchboard.errors import BudgetSpent, StorageUnavailable
from switchboard.limits.days import PREFIX, Spending, seconds_until_midnight, spending_name
from switchboard.limits.notes import read_note, write_note
from switchboard.storage import Storage, storage_errors

# A process believes for so long what it has read.
CACHE_SECONDS = 5.0
# A note is tried to be changed so often when the sweep counts at the same moment.
FORGET_TRIES = 5


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
        before, version = read_note(self._storage, name, Spending())
        after = before.counting(ended, live)
        return after == before or write_note(self._storage, name, after, version)

    def forget(self, call_id: str) -> int:
        """Take the id of a call that has ended out of all days' notes, and return in how many it stood.

        What the call has cost stays counted.
        """
        found = 0
        with storage_errors():
            names = list(self._storage.container.list_blob_names(name_starts_with=PREFIX))
        # The blobs one level lower are those of the callers' seconds.
        for name in (name for name in names if "/" not in name.removeprefix(PREFIX)):
            found += self._forget_in(name, call_id)
        return found

    def _forget_in(self, name: str, call_id: str) -> bool:
        for _ in range(FORGET_TRIES):
            before, version = read_note(self._storage, name, Spending())
            if call_id not in before.counted:
                return False
            counted = tuple(one for one in before.counted if one != call_id)
            # Nothing is written if the sweep has counted at the same moment.
            if write_note(self._storage, name, Spending(before.ended, before.live, counted), version):
                return True
        raise StorageUnavailable("The budget of a day is written so busily that a call could not be forgotten.")

    def _spending(self) -> Spending:
        with self._lock:
            read_at, spending = self._known
            if time() - read_at > CACHE_SECONDS:
                spending, _ = read_note(self._storage, spending_name(time()), Spending())
                self._known = (time(), spending)
            return spending
