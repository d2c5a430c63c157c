"""What a caller or an operator can do with a call that exists: look at it, hang it up, steer it, report on it."""

import asyncio
import logging
from time import time
from typing import Any, Literal

from switchboard.callers import Caller, check_may_touch
from switchboard.controller import steer
from switchboard.errors import (
    BodyInvalid,
    CallHasEnded,
    CallNotFound,
    EventRefused,
    OperatorsOnly,
    SteeringUnavailable,
    StorageUnavailable,
    UpstreamError,
)
from switchboard.limits.places import Places
from switchboard.observing.live import LiveCalls
from switchboard.observing.status import (
    BriefStatus,
    CallStatus,
    brief_of,
    brief_status,
    call_status,
    ended_status,
    version_of,
)
from switchboard.realtime.client_events import AnyClientEvent
from switchboard.realtime.service import RealtimeService, is_call_id
from switchboard.realtime.sideband import SidebandDialler
from switchboard.record.archive import Archive
from switchboard.record.encoding import decode_lines
from switchboard.record.journal import Journals
from switchboard.record.lines import (
    AnyLine,
    BrowserReport,
    CallCreated,
    CallEnded,
    EndReason,
    EventSent,
    HangUpRequested,
    created_line,
    has_ended,
)
from switchboard.record.queues import CALL_SUMMARIES, summary_message
from switchboard.record.summary import MOST_REPORTS
from switchboard.storage import Storage

log = logging.getLogger(__name__)

# A report is tried again so often when others write to the journal at the same moment.
REPORT_TRIES = 10
# Reports that come soon after each other go into one new summary.
ARCHIVE_AFTER_SECONDS = 4


class Calls:
    """What can be done with a call that exists. All methods block on the network and raise SwitchboardErrors."""

    def __init__(
        self,
        client: RealtimeService,
        dialler: SidebandDialler,
        storage: Storage,
        journals: Journals,
        live: LiveCalls,
        places: Places,
        archive: Archive,
        *,
        may_end_early: bool,
    ) -> None:
        self._client = client
        self._dialler = dialler
        self._storage = storage
        self._journals = journals
        self._live = live
        self._places = places
        self._archive = archive
        self._may_end_early = may_end_early

    def look(self, caller: Caller, call_id: str) -> CallStatus:
        """Return how the call stands; after its end, its summary with the state `ended`.

        Raises CallNotFound or NotYourCall.
        """
        return call_status(self._lines(caller, call_id), time())

    def look_briefly(self, caller: Caller, call_id: str) -> tuple[BriefStatus, str]:
        """Return how the call stands, and the version of that; the version is empty where nothing is known of it.

        While an observer's heartbeats come, this reads one small blob, however long the call is, and after the call's
        end its summary. Only in between is the journal read. Raises CallNotFound or NotYourCall.
        """
        if not is_call_id(call_id):
            raise CallNotFound
        live = self._live.fresh(call_id)
        if live is not None and live.standing.dues is not None:
            check_may_touch(caller, live.call.caller_id)
            standing, early = live.standing, self._may_end_early
            found = brief_status(live.call, standing, live.standing.dues, time(), may_end_early=early)
            return found, version_of(standing)
        return brief_of(self._ended(caller, call_id) or self.look(caller, call_id)), ""

    def _ended(self, caller: Caller, call_id: str) -> CallStatus | None:
        """Return the status of a call that is archived, by its summary; None of any other."""
        call = self._journals.read_first(call_id)
        if call is None:
            return None
        check_may_touch(caller, call.caller_id)
        summary = self._archive.summary(call)
        return ended_status(summary) if summary and summary.ended else None

    def hang_up(self, caller: Caller, call_id: str) -> None:
        """Hang the call up, and return when the service has confirmed that it is down. Safe to call more than once.

        The service is asked even if the record says that the call has ended. Raises CallNotFound, NotYourCall or, while
        the call may still be up, an UpstreamError.
        """
        call, ended = self._standing(caller, call_id)
        own = caller.id == call.caller_id
        reason: EndReason = "hung_up_by_caller" if own else "hung_up_by_operator"
        if not ended:
            asked = HangUpRequested(at=_now(), reason=reason)
            if not self._journals.append_if_there(call_id, [asked]):
                # The observer has taken the call a moment ago, and has not begun the journal yet.
                self._journals.start(call)
                self._journals.append(call_id, [asked])
        try:
            self._client.hang_up(call.endpoint, call_id)
        except UpstreamError:
            if not ended:
                raise
        # The caller may call again at once, even if the observer has not seen the end yet.
        self._places.release(call.place)
        log.info("call %s: %s", call_id, reason)

    def steer(self, caller: Caller, call_id: str, event: AnyClientEvent) -> dict[str, Any]:
        """Send an operator's client event into the call and return the service's answer. The journal says who did it.

        Raises OperatorsOnly, CallNotFound, CallHasEnded, SteeringUnavailable, EventRefused, or an UpstreamError if the
        service does not answer.
        """
        if not caller.operator:
            raise OperatorsOnly
        call, ended = self._standing(caller, call_id)
        if ended:
            raise CallHasEnded
        if not call.observable:
            raise SteeringUnavailable
        outcome: Literal["answered", "refused", "unanswered"] = "unanswered"
        try:
            answer = asyncio.run(steer(self._dialler, call.endpoint, call_id, event))
            outcome = "answered"
        except EventRefused:
            outcome = "refused"
            raise
        finally:
            kind = str(event.__struct_config__.tag)
            sent = EventSent(at=_now(), operator=caller.id, event=kind, outcome=outcome)
            self._journals.append(call_id, [sent])
            log.info("operator's %s into call %s: %s", kind, call_id, outcome)
        return answer

    def report(self, caller: Caller, call_id: str, figures: dict[str, Any]) -> None:
        """Keep the browser's own figures with the call. After the call's end its summary is written anew.

        Raises BodyInvalid when the call has MOST_REPORTS already, CallNotFound or NotYourCall.
        """
        for _ in range(REPORT_TRIES):
            journal = self._journals.read_bytes(call_id) or b""
            lines = self._lines(caller, call_id, list(decode_lines(journal)))
            if sum(isinstance(line, BrowserReport) for line in lines) >= MOST_REPORTS:
                raise BodyInvalid(
                    f"The call already has {MOST_REPORTS} reports.", hint="Send one report, when the call ends."
                )
            report = BrowserReport(at=_now(), figures=figures)
            # Only what was counted may be there: reports that come at the same time are counted one after the other.
            if self._journals.append_at(call_id, [report], len(journal)):
                if has_ended(lines) and not _archived_soon(lines, report.at):
                    self._storage.send(CALL_SUMMARIES, summary_message(call_id), delay_seconds=ARCHIVE_AFTER_SECONDS)
                return
        raise StorageUnavailable("The call's journal is written so busily that the report found no room.")

    def _standing(self, caller: Caller, call_id: str) -> tuple[CallCreated, bool]:
        """Return the call, if the caller may see it, and whether its record is closed.

        While an observer holds the call, this reads one small blob, however long the journal is. Raises CallNotFound or
        NotYourCall.
        """
        live = self._live.read(call_id) if is_call_id(call_id) else None
        if live is not None and live.taken and not live.ended:
            check_may_touch(caller, live.call.caller_id)
            return live.call, False
        lines = self._lines(caller, call_id)
        return _created(lines), has_ended(lines)

    def _lines(self, caller: Caller, call_id: str, lines: list[AnyLine] | None = None) -> list[AnyLine]:
        """Return what is known of the call, if the caller may see it. Raises CallNotFound or NotYourCall."""
        if not is_call_id(call_id):
            raise CallNotFound
        known = lines or self._journals.read(call_id) or []
        if created_line(known) is None:
            # The observer has not begun the journal yet.
            call = self._live.find(call_id)
            if call is None:
                raise CallNotFound
            check_may_touch(caller, call.caller_id)
            return self._journals.start(call)
        check_may_touch(caller, _created(known).caller_id)
        return known


def _created(lines: list[AnyLine]) -> CallCreated:
    if call := created_line(lines):
        return call
    raise CallNotFound


def _archived_soon(lines: list[AnyLine], now: float) -> bool:
    """Return whether an earlier report has asked for a new summary, which will hold this one as well."""
    reports = (line.at for line in lines if isinstance(line, BrowserReport))
    ended = next((line.at for line in lines if isinstance(line, CallEnded)), now)
    return any(ended <= at and now - at < ARCHIVE_AFTER_SECONDS / 2 for at in reports)


def _now() -> float:
    return round(time(), 3)
