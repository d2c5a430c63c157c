"""Lets a caller take up a call that dropped or reached a limit: a new call continues it and remembers what was said."""

import logging
from time import time

from switchboard.callers import Caller
from switchboard.errors import CallNotFound, ContinuingUnavailable, NotYourCall, StorageUnavailable
from switchboard.limits.admissions import Admissions
from switchboard.limits.days import SHORTEST_CALL_SECONDS
from switchboard.limits.places import Places
from switchboard.observing.live import LiveCalls
from switchboard.realtime.service import RealtimeService, is_call_id
from switchboard.record.journal import Journals
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, ContinuedBy, HangUpRequested, created_line
from switchboard.record.queues import CALL_SUMMARIES, summary_message
from switchboard.settings import Settings
from switchboard.storage import Storage

log = logging.getLogger(__name__)

# A call that ended for one of these reasons has had all of its time, and whoever goes on after it gets new time.
_LONGEST = {"max_call_seconds", "service_limit"}


class Continuing:
    """What is to be done with a call that another one continues. Methods block on the network."""

    def __init__(
        self,
        settings: Settings,
        client: RealtimeService,
        storage: Storage,
        journals: Journals,
        live: LiveCalls,
        places: Places,
        admissions: Admissions,
    ) -> None:
        self._settings = settings
        self._client = client
        self._storage = storage
        self._journals = journals
        self._live = live
        self._places = places
        self._admissions = admissions

    def make_way(self, caller: Caller, call_id: str) -> int | None:
        """End the call that is about to be continued, and give back its places and its unused seconds of the day.

        Returns how many seconds the new call may last at most, which is what the earlier one had left. Returns None if
        the new call may be as long as any other, because the earlier one had reached its longest time. Safe to call
        more than once. Raises ContinuingUnavailable if the settings do not allow it or if the call ended too long ago,
        CallNotFound, NotYourCall (for operators too), BudgetSpent, StorageUnavailable or an UpstreamError.
        """
        self._check_possible()
        lines = self._lines(call_id)
        call = created_line(lines)
        if call is None:
            raise CallNotFound
        if caller.id != call.caller_id:
            raise NotYourCall("Only the caller of a call can continue it.")
        ended, now = _ended_at(lines), round(time(), 3)
        if ended is not None and now - ended > self._settings.continue_seconds:
            raise ContinuingUnavailable(f"The call ended more than {self._settings.continue_seconds} seconds ago.")
        # A call that would be refused must not end another one.
        self._admissions.budget.check()
        if ended is None:
            self._journals.append(call_id, [HangUpRequested(at=now, reason="hung_up_by_caller")])
            self._client.hang_up(call.endpoint, call_id)
        self._places.release(call.place)
        used = (now if ended is None else ended) - call.at
        self._admissions.settle_seconds(call, used)
        if _LONGEST & {line.reason for line in lines if isinstance(line, CallEnded | HangUpRequested)}:
            return None
        return max(SHORTEST_CALL_SECONDS, int(call.max_call_seconds - used))

    def note(self, call_id: str, new_call_id: str) -> None:
        """Note in the record of a call which call continues it. If storage is away, only the new call's says it.

        Safe to call more than once.
        """
        try:
            lines = self._lines(call_id)
            if any(isinstance(line, ContinuedBy) and line.call_id == new_call_id for line in lines):
                return
            self._journals.append(call_id, [ContinuedBy(at=round(time(), 3), call_id=new_call_id)])
            if _ended_at(lines) is not None:
                self._storage.send(CALL_SUMMARIES, summary_message(call_id))
        except (StorageUnavailable, CallNotFound):
            log.warning("the record of call %s does not say that call %s continues it", call_id, new_call_id)

    def _check_possible(self) -> None:
        if not self._settings.archive_transcripts:
            raise ContinuingUnavailable(
                "This gateway stores no words of a call (ARCHIVE_TRANSCRIPTS is off), so there is nothing to remember."
            )
        if self._settings.realtime_protocol == "preview":
            raise ContinuingUnavailable("With REALTIME_PROTOCOL=preview no server hears what is said in a call.")
        if not self._settings.continue_seconds:
            raise ContinuingUnavailable("CONTINUE_SECONDS is 0.")

    def _lines(self, call_id: str) -> list[AnyLine]:
        if not is_call_id(call_id):
            raise CallNotFound
        lines = self._journals.read(call_id) or []
        if created_line(lines) is None:
            # The observer has not begun the journal yet.
            call: CallCreated | None = self._live.find(call_id)
            if call is None:
                raise CallNotFound
            return self._journals.start(call)
        return lines


def _ended_at(lines: list[AnyLine]) -> float | None:
    return next((line.at for line in lines if isinstance(line, CallEnded)), None)
