"""Deletes the record of a call with everything else in the container that names the call."""

from datetime import date, timedelta
from time import time

from azure.core.exceptions import ResourceNotFoundError
from msgspec import structs

from switchboard.callers import Caller
from switchboard.errors import CallNotArchived, CallNotFound, OperatorsOnly
from switchboard.limits.budget import Budget
from switchboard.observing.live import LiveCalls
from switchboard.operating.audit import Audit
from switchboard.realtime.service import is_call_id
from switchboard.record.archive import read_summary
from switchboard.record.encoding import decode_lines, unlinked
from switchboard.record.index import Index
from switchboard.record.index_lines import without_call
from switchboard.record.journal import Journals
from switchboard.record.lines import AnyLine, ContinuedBy, created_line
from switchboard.record.names import SUMMARIES, journal_name, summary_name_of
from switchboard.record.summary import encode_summary, fold
from switchboard.record.times import iso
from switchboard.storage import Storage, storage_errors

# After so many seconds without a line in the journal, nobody will archive the call any more but the repair.
SETTLED_SECONDS = 600


class Erasing:
    """Deletes records. Methods block on the network and may raise StorageUnavailable."""

    def __init__(
        self, storage: Storage, journals: Journals, index: Index, live: LiveCalls, budget: Budget, audit: Audit
    ) -> None:
        self._storage = storage
        self._journals = journals
        self._index = index
        self._live = live
        self._budget = budget
        self._audit = audit

    def erase(self, caller: Caller, call_id: str) -> None:
        """Delete the record of a call that is archived. Nothing in the container names the call afterwards.

        The records of calls that it continued, or that continue it, no longer say so; what was said in those calls
        stays. The journal goes last, so that a deletion that broke off can be asked for again. Raises OperatorsOnly,
        CallNotFound, or CallNotArchived if the call, or one that continues it, is up or somebody is still at work on
        its record.
        """
        if not caller.operator:
            raise OperatorsOnly
        if not is_call_id(call_id):
            raise CallNotFound
        lines, day = self._settled(call_id)
        if day is None and lines is None:
            raise CallNotFound
        linked = {linked: self._settled(linked) for linked in self._linked(call_id, day, lines)}
        changed = sum(self._unlink(other, found[1], call_id) for other, found in linked.items())
        if day:
            changed += self._index.rewrite(day, lambda index: without_call(index, call_id))
            changed += self._delete(summary_name_of(call_id, day))
        changed += self._budget.forget(call_id) + self._delete_poison(call_id) + self._delete(journal_name(call_id))
        self._audit.note(time(), caller.id, "record.deleted", call_id, changed)

    def _settled(self, call_id: str) -> tuple[list[AnyLine] | None, str | None]:
        """Return the journal of a call, and the UTC day on which it began; None for what is not there.

        Raises CallNotArchived if the call is up, or if somebody is still at work on its record.
        """
        if self._live.find(call_id) is not None:
            raise CallNotArchived
        lines = self._journals.read(call_id)
        day = self._day(call_id, lines)
        if lines and day and not self._is_settled(call_id, day, lines):
            raise CallNotArchived(retry_after=5)
        return lines, day

    def _linked(self, call_id: str, day: str | None, lines: list[AnyLine] | None) -> set[str]:
        """Return the ids of the calls whose records name the call: those that it continued or that continue it."""
        created = created_line(lines or [])
        found = {created.continues} if created else set()
        found |= {line.call_id for line in lines or [] if isinstance(line, ContinuedBy)}
        if day:
            summary = read_summary(self._storage, summary_name_of(call_id, day))
            found |= {summary.continues or "", summary.continued_by or ""} if summary else set()
            # A call that continues this one may have begun after midnight. Storage may have been away when that was to
            # be noted in this call's journal, so the indexes are asked as well.
            for other in (day, _day_after(day)):
                found |= {line.call_id for line in self._index.read(other) if line.continues == call_id}
        return {one for one in found if is_call_id(one)}

    def _unlink(self, call_id: str, day: str | None, erased: str) -> int:
        """Take the id of the call that is deleted out of another call's record; return how many blobs changed."""
        changed = 0
        summary = read_summary(self._storage, summary_name_of(call_id, day)) if day else None
        if summary and day:
            content = self._journals.read_bytes(call_id) or b""
            folded = fold(decode_lines(unlinked(content, erased)))
            kept = folded or structs.replace(
                summary,
                continues=None if summary.continues == erased else summary.continues,
                continued_by=None if summary.continued_by == erased else summary.continued_by,
            )
            with storage_errors():
                self._storage.blob(summary_name_of(call_id, day)).upload_blob(encode_summary(kept), overwrite=True)
            changed += 1
        if day:
            changed += self._index.rewrite(day, lambda index: without_call(index, erased))
        return changed + self._journals.rewrite(call_id, lambda journal: unlinked(journal, erased))

    def _day(self, call_id: str, lines: list[AnyLine] | None) -> str | None:
        """Return the UTC day on which the call began; None if neither its journal nor a summary tells it."""
        if call := created_line(lines or []):
            return iso(call.at)[:10]
        # Retention has deleted the journal, or it never began: this is rare, and costs one request for 5,000 calls.
        with storage_errors():
            for name in self._storage.container.list_blob_names(name_starts_with=SUMMARIES):
                if name.endswith(f"/{call_id}.json"):
                    return "-".join(name.split("/")[1:4])
        return None

    def _is_settled(self, call_id: str, day: str, lines: list[AnyLine]) -> bool:
        """Return whether the summary says all that the journal does, or will never do so."""
        summary = fold(lines)
        if summary is None or time() - max(line.at for line in lines) > SETTLED_SECONDS:
            return True
        with storage_errors():
            try:
                kept: bytes = self._storage.blob(summary_name_of(call_id, day)).download_blob().body
            except ResourceNotFoundError:
                return False
        return summary.ended is not None and kept == encode_summary(summary)

    def _delete_poison(self, call_id: str) -> int:
        """Delete the kept messages that name the call, and return how many there were."""
        found = 0
        with storage_errors():
            for name in self._storage.container.list_blob_names(name_starts_with="poison/"):
                content: bytes = self._storage.blob(name).download_blob().body
                found += self._delete(name) if call_id.encode() in content else 0
        return found

    def _delete(self, name: str) -> bool:
        with storage_errors():
            try:
                self._storage.blob(name).delete_blob()
            except ResourceNotFoundError:
                return False
        return True


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
