"""Admits calls: takes their places, and keeps the caps on what calls may use in a day.

The caps are each caller's seconds, and the cost of all calls together. A call that is admitted has its places and its
seconds set aside before the Realtime service is asked.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import time
from typing import TypeVar

import msgspec

from switchboard.errors import StorageUnavailable
from switchboard.limits.budget import Budget
from switchboard.limits.daily import DailySeconds
from switchboard.limits.left import Left, WhatIsLeft
from switchboard.limits.place_names import nonce_of
from switchboard.limits.places import Places
from switchboard.limits.prices import cost_of
from switchboard.record.lines import AnyLine, CallCreated
from switchboard.record.summary import fold
from switchboard.record.usage import Usage
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.threads import run_on

log = logging.getLogger(__name__)

T = TypeVar("T")


class Admission(msgspec.Struct, frozen=True):
    """What a call has been given before it begins."""

    caller_id: str
    """Whose call it is."""
    place: str
    """The token of the call's places."""
    at: float
    """When the call was admitted, in Unix seconds."""
    seconds: int
    """How long the call may last."""


class Admissions:
    """The admission of calls. All methods but `left` may block on storage, and raise StorageUnavailable."""

    def __init__(self, settings: Settings, storage: Storage, places: Places, executor: ThreadPoolExecutor) -> None:
        self._settings = settings
        self._places = places
        self.budget = Budget(storage, settings.daily_budget)
        """What all calls of a day may cost."""
        self._daily = DailySeconds(storage, settings.daily_seconds_per_caller)
        self._left = WhatIsLeft(lambda: run_on(executor, self._count_left))

    @property
    def counted(self) -> bool:
        """Return whether a cap is set, so that the use of each call has to be counted."""
        return self.budget.limited or self._settings.daily_seconds_per_caller > 0

    def admit(self, caller_id: str, most: int | None = None) -> Admission:
        """Admit a call of at most `most` seconds, or of MAX_CALL_SECONDS.

        Raises TooManyCalls, GatewayFull, BudgetSpent or DailySecondsSpent.
        """
        self.budget.check()
        return self._with_seconds(caller_id, self._places.reserve(caller_id), most)

    def adopt(self, caller_id: str, most: int | None = None) -> Admission:
        """Admit a call that a page has set up with a token, in the place that is held for it. Raises as `admit`."""
        self.budget.check()
        return self._with_seconds(caller_id, self._places.adopt(caller_id), most)

    def withdraw(self, admission: Admission) -> None:
        """Take an admission back, because no call came of it. What storage prevents is left to the sweep."""
        try:
            self._places.release(admission.place)
            self._daily.settle(admission.caller_id, nonce_of(admission.place), admission.at, 0)
        except StorageUnavailable:
            log.warning("an admission could not be taken back, because storage is away")

    def or_withdraw(self, admission: Admission, work: Callable[[], T]) -> T:
        """Return what `work` returns; if it fails, for whatever reason, take the admission back."""
        try:
            return work()
        except BaseException:
            self.withdraw(admission)
            raise

    def settle(self, call: CallCreated, lines: Iterable[AnyLine]) -> float:
        """Count the seconds of a call that has ended, and return what it cost. Safe to call more than once."""
        summary = fold(lines)
        if summary is None:
            return 0.0
        self._daily.settle(call.caller_id, nonce_of(call.place), call.at, summary.duration_seconds)
        return self.cost_of(summary.usage)

    def settle_seconds(self, call: CallCreated, seconds: float) -> None:
        """Count the seconds of a call that another one continues now. Its observer does not count them again."""
        self._daily.settle(call.caller_id, nonce_of(call.place), call.at, max(0.0, seconds))

    def cost_of(self, usage: Usage) -> float:
        """Return what the usage costs by the prices in the settings; 0 where no budget is kept."""
        if self._settings.prices is None or not self.budget.limited:
            return 0.0
        return round(cost_of(usage, self._settings.prices), 6)

    async def left(self) -> Left:
        """Return what is left to new calls, as it was at most 15 seconds ago; empty if storage does not say.

        It never blocks the event loop of the process, on which it must be called.
        """
        return await self._left.now()

    def calls_must_end(self) -> bool:
        """Return whether the budget is spent, and the settings say that live calls end then."""
        return self._settings.budget_ends_calls and self.budget.is_spent()

    def _with_seconds(self, caller_id: str, place: str, most: int | None) -> Admission:
        now, most = round(time(), 3), most or self._settings.max_call_seconds
        admission = Admission(caller_id, place, now, most)
        seconds = self.or_withdraw(admission, lambda: self._daily.set_aside(caller_id, nonce_of(place), most, now))
        return msgspec.structs.replace(admission, seconds=seconds)

    def _count_left(self) -> Left:
        return Left(self._places.left(), self.budget.share_left())
