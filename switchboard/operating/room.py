"""Does what operators want with calls and their records, and shows every caller the list of their own calls."""

from concurrent.futures import Executor
from itertools import islice
from time import time
from typing import cast

from switchboard.callers import ANONYMOUS, Caller
from switchboard.errors import CallNotFound, OperatorsOnly, QueryInvalid, SignInRequired
from switchboard.limits.budget import Budget
from switchboard.observing.live import LiveCalls
from switchboard.operating.audit import Audit
from switchboard.operating.days import Days
from switchboard.operating.erasing import Erasing
from switchboard.operating.exporting import Exporting
from switchboard.operating.figures import MOST_DAYS, By, Totals, UsageQuery, UsageReport
from switchboard.operating.listing import Listing
from switchboard.operating.rows import CallPage
from switchboard.operating.selection import CallsQuery, read_selection, read_token
from switchboard.realtime.service import is_call_id
from switchboard.record.encoding import without_words
from switchboard.record.index import Index
from switchboard.record.journal import Journals
from switchboard.settings import Settings
from switchboard.storage import Storage


class OperatorsRoom:
    """The operators' room. Methods block on the network and raise SwitchboardErrors."""

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        journals: Journals,
        live: LiveCalls,
        budget: Budget,
        executor: Executor,
    ) -> None:
        self._settings = settings
        self._journals = journals
        self._index = Index(storage)
        audit = Audit(storage)
        self._days = Days(self._index, executor)
        self._listing = Listing(storage, self._days, live, executor, settings.prices)
        self._erasing = Erasing(storage, journals, self._index, live, budget, audit)
        self._exporting = Exporting(storage, journals, self._index, self._listing, audit)

    def calls(self, caller: Caller, query: CallsQuery) -> CallPage:
        """Return a page of the calls that the query selects: of all calls for an operator, else of the caller's own.

        Raises OperatorsOnly if somebody else asks for the calls of all, SignInRequired if nobody can tell which calls
        are the caller's own, and QueryInvalid.
        """
        mine = query.mine == "true"
        if not mine and not caller.operator:
            raise OperatorsOnly(hint="Add ?mine=true to list your own calls. Only operators can list those of all.")
        if mine and caller.id == ANONYMOUS:
            raise SignInRequired("The gateway cannot tell which calls are yours.")
        return self._listing.page(read_selection(query, caller.id if mine else None, time()))

    def journal(self, caller: Caller, call_id: str) -> bytes:
        """Return the lines of the call's journal as they are stored, or without words where these are not archived.

        Raises OperatorsOnly or CallNotFound.
        """
        if not caller.operator:
            raise OperatorsOnly
        journal = self._journals.read_bytes(call_id) if is_call_id(call_id) else None
        # Nobody has written to a journal that is empty: then the call is about to begin, or it never did.
        if not journal:
            raise CallNotFound
        return journal if self._settings.archive_transcripts else without_words(journal)

    def usage(self, caller: Caller, query: UsageQuery) -> UsageReport:
        """Return what the archived calls of some days used. Raises OperatorsOnly or QueryInvalid."""
        if not caller.operator:
            raise OperatorsOnly
        selection = read_selection(CallsQuery(first=query.first, last=query.last), None, time())
        days = list(islice(selection.days(), MOST_DAYS + 1))
        if len(days) > MOST_DAYS:
            raise QueryInvalid(f"There are more than {MOST_DAYS} days from `from` to `to`.")
        totals = Totals(cast("By", query.by or "day"))
        for day, calls in self._days.each(days):
            totals.add(day, calls)
        return totals.report(days[-1], days[0], self._settings.prices)

    def erase(self, caller: Caller, call_id: str) -> None:
        """Delete the record of a call. Raises OperatorsOnly, CallNotFound or CallNotArchived."""
        self._erasing.erase(caller, call_id)

    def export(self, caller: Caller, of: str, after: str | None) -> tuple[bytes, str | None]:
        """Return a zip archive of the calls of the caller `of`, and the token of the next archive if there is one.

        Raises OperatorsOnly or QueryInvalid.
        """
        return self._exporting.export(caller, of, read_token(after) if after else None)
