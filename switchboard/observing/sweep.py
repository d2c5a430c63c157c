"""The sweep looks after all calls of the app every ten seconds, so that none is forgotten, whatever has died.

It wakes an observer for each live call whose heartbeat has stopped, and frees the places of requests that never became
a call. Where there is a budget, it also counts what calls have cost. It keeps nothing in memory that matters: any
instance may run it, and running it twice does no harm.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import Executor
from time import time

from switchboard.errors import SwitchboardError
from switchboard.limits.budget import Budget
from switchboard.limits.places import HeldPlace, Places
from switchboard.observing.live import Listed, LiveCalls
from switchboard.observing.waking import Waking
from switchboard.record.queues import OBSERVE_CALLS, observe_message
from switchboard.storage import Storage

log = logging.getLogger(__name__)

# Static Web Apps ends a request after 45 seconds, so a place that old without a live call belongs to none.
CONNECT_SECONDS = 85.0
# The places are looked at less often than the calls: nobody waits long for one that is stale.
PLACES_SECONDS = 20.0


class Sweep:
    """The sweep of one process. `run` blocks on the network."""

    def __init__(self, storage: Storage, live: LiveCalls, places: Places, budget: Budget, executor: Executor) -> None:
        self._storage = storage
        self._live = live
        self._places = places
        self._budget = budget
        self._executor = executor
        self._waking = Waking()
        self._looked_at_places = float("-inf")

    def run(self) -> None:
        """Look once at all live calls and places. Raises StorageUnavailable if they cannot be listed."""
        now = time()
        calls = list(self._live.all())
        due = self._waking.due(calls, now)
        woken = sum(self._executor.map(self._wake, due.keys(), due.values()))
        self._count(calls)
        freed = 0
        # A run may begin a little earlier than it should.
        if now - self._looked_at_places > PLACES_SECONDS - 1:
            self._looked_at_places = now
            freed = sum(self._executor.map(self._free, stale_places(self._places.held(), calls, now)))
        if woken or freed:
            log.warning("sweep: %d calls live, %d woken, %d places freed", len(calls), woken, freed)

    def _count(self, calls: list[Listed]) -> None:
        """Add what calls that have ended cost to the day's spending, and forget those calls."""
        ended = {call.call_id: call.cost for call in calls if call.ended}
        live = sum(call.cost for call in calls if not call.ended)
        if (self._budget.limited or ended) and self._budget.count(ended, live):
            list(self._executor.map(self._live.end, ended))

    def _wake(self, call_id: str, delay_seconds: int) -> bool:
        try:
            call = self._live.find(call_id)
            if call is not None:
                self._storage.send(OBSERVE_CALLS, observe_message(call), delay_seconds=delay_seconds)
                self._waking.sent(call_id, time() + delay_seconds)
        except SwitchboardError as error:
            log.warning("no observer could be woken for call %s: %s", call_id, error.code)
            return False
        return call is not None

    def _free(self, place: HeldPlace) -> bool:
        try:
            self._places.free(place)
        except SwitchboardError as error:
            log.warning("a place could not be freed: %s", error.code)
            return False
        return True


def stale_places(places: Iterable[HeldPlace], calls: Iterable[Listed], now: float) -> list[HeldPlace]:
    """Return the places that were taken long ago and belong to no live call."""
    live = {call.nonce for call in calls}
    return [
        place
        for place in places
        if place.nonce not in live and now - place.since > CONNECT_SECONDS and now > place.until
    ]
