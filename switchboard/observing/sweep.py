"""The sweep looks after all calls of the app every few seconds, so that none is forgotten, whatever has died.

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
from switchboard.observing.live import LAPSE_SECONDS, Listed, LiveCalls
from switchboard.record.queues import OBSERVE_CALLS, observe_message
from switchboard.storage import Storage

log = logging.getLogger(__name__)

# A new call's own queue message wakes its observer; the sweep leaves it so much time.
WAKING_SECONDS = 10.0
# Static Web Apps ends a request after 45 seconds, so a place that old without a live call belongs to none.
CONNECT_SECONDS = 90.0
# A call that was woken is not woken again for so long: its message may wait behind others.
PATIENCE_SECONDS = 30.0


class Sweep:
    """The sweep of one process. `run` blocks on the network."""

    def __init__(self, storage: Storage, live: LiveCalls, places: Places, budget: Budget, executor: Executor) -> None:
        self._storage = storage
        self._live = live
        self._places = places
        self._budget = budget
        self._executor = executor
        self._woken: dict[str, float] = {}

    def run(self) -> None:
        """Look once at all live calls and places. Raises StorageUnavailable if they cannot be listed."""
        now = time()
        self._woken = {call_id: at for call_id, at in self._woken.items() if now - at < PATIENCE_SECONDS}
        calls = list(self._live.all())
        lapsed = [call.call_id for call in calls if needs_observer(call) and call.call_id not in self._woken]
        self._count(calls)
        stale = stale_places(self._places.held(), calls, now)
        woken = [call_id for call_id, done in zip(lapsed, self._executor.map(self._wake, lapsed), strict=True) if done]
        self._woken |= dict.fromkeys(woken, now)
        freed = sum(self._executor.map(self._free, stale))
        if woken or freed:
            log.warning("sweep: %d calls live, %d woken, %d places freed", len(calls), len(woken), freed)

    def _count(self, calls: list[Listed]) -> None:
        """Add what calls that have ended cost to the day's spending, and forget those calls."""
        ended = {call.call_id: call.cost for call in calls if call.ended}
        live = sum(call.cost for call in calls if not call.ended)
        if (self._budget.limited or ended) and self._budget.count(ended, live):
            list(self._executor.map(self._live.end, ended))

    def _wake(self, call_id: str) -> bool:
        try:
            call = self._live.find(call_id)
            if call is not None:
                self._storage.send(OBSERVE_CALLS, observe_message(call))
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


def needs_observer(call: Listed) -> bool:
    """Return whether nobody observes the call: its observer's heartbeat has stopped, or none has come in time."""
    return not call.ended and call.age > (LAPSE_SECONDS if call.observed else WAKING_SECONDS)


def stale_places(places: Iterable[HeldPlace], calls: Iterable[Listed], now: float) -> list[HeldPlace]:
    """Return the places that were taken long ago and belong to no live call."""
    live = {call.nonce for call in calls}
    return [
        place
        for place in places
        if place.nonce not in live and now - place.since > CONNECT_SECONDS and now > place.until
    ]
