"""Looks at all journals, summaries, indexes, live calls and places, and finds what does not fit together.

Lists are read page by page, and journals in small batches, so that memory does not grow with the number of calls. Calls
go on meanwhile: whatever the lists show is confirmed before it counts, and what was written only a moment ago is left
to those who are still at work on it.
"""

import heapq
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from time import time
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from switchboard.errors import StorageUnavailable
from switchboard.limits.places import Places
from switchboard.observing.live import PREFIX as LIVE
from switchboard.observing.live import Listed, LiveCalls
from switchboard.observing.sweep import stale_places
from switchboard.observing.waking import seconds_until_lapsed
from switchboard.record.encoding import decode_lines
from switchboard.record.index import Index, index_name
from switchboard.record.journal import Journals
from switchboard.record.lines import created_line, has_ended
from switchboard.record.names import JOURNALS, SUMMARIES, journal_name, summary_name
from switchboard.repair.findings import (
    Finding,
    Kind,
    Stored,
    call_of,
    day_of,
    days,
    in_order,
    index_is_right,
    judge,
    outlived,
    pairs,
)
from switchboard.storage import Storage, storage_errors

# So many journals are read at the same time, and kept in memory at the most.
BATCH = 32
# So many blobs of all the days' lists are in memory together.
LISTED = 5000


class Inspection:
    """One inspection of a container. Methods block on the network and may raise StorageUnavailable."""

    def __init__(
        self,
        storage: Storage,
        journals: Journals,
        live: LiveCalls,
        places: Places,
        executor: Executor,
        *,
        last_days: int | None,
        min_age: float,
        retention_days: int | None,
    ) -> None:
        self._storage = storage
        self._journals = journals
        self._index = Index(storage)
        self._live = live
        self._places = places
        self._executor = executor
        self._days = last_days
        self._min_age = min_age
        self._retention_days = retention_days
        self._now = time()
        self.looked_at = 0
        """How many journals and summaries were compared."""

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is inconsistent, as it is found."""
        # There are as many live calls and places as calls run at once, which MAX_CALLS limits.
        calls = list(self._live.all())
        for call in calls:
            if kind := self._live_call(call):
                yield Finding(kind, f"{LIVE}{call.call_id}", call.call_id)
        for place in stale_places(self._places.held(), calls, self._now):
            if self._now - place.since > self._min_age:
                yield Finding("place_stale", place.name, etag=place.etag)
        listed = {call.call_id for call in calls}
        together = iter(pairs(self._listed(JOURNALS), self._summaries()))
        while batch := list(islice(together, BATCH)):
            for findings in self._executor.map(lambda pair: self._pair(pair[0], pair[1], listed), batch):
                yield from findings
        for day in self._index_days():
            if not self._is_indexed(day):
                yield Finding("index_differs", index_name(day))

    def _index_days(self) -> list[str]:
        if self._days is not None:
            return [day_of(prefix) for prefix in days(self._now, self._days)]
        return sorted({*map(day_of, self._prefixes(SUMMARIES, 3)), *self._index.days()})

    def _is_indexed(self, day: str) -> bool:
        # The index is read first: a summary is written before its line.
        indexed = {line.call_id for line in self._index.read(day)}
        summaries = self._listed(f"summaries/{day.replace('-', '/')}/")
        return index_is_right(indexed, ((one.call_id, self._is_young(one)) for one in summaries))

    def _live_call(self, call: Listed) -> Kind | None:
        if call.age <= self._min_age:
            return None
        if call.ended:
            return "live_uncounted"
        if seconds_until_lapsed(call) != 0:
            return None
        lines = self._journals.read(call.call_id)
        if lines is None:
            return "live_without_journal"
        return "live_ended" if has_ended(lines) else "live_unobserved"

    def _pair(self, journal: Stored | None, summary: Stored | None, live: set[str]) -> list[Finding]:
        if journal is None:
            return self._lonely(summary) if summary else []
        began = self._now - self._days * 86400 if self._days is not None else 0
        if journal.modified < began or self._is_young(journal):
            return []
        self.looked_at += 1
        call_id = journal.call_id
        return [
            Finding(kind, journal.name, call_id)
            for kind in self._journal(call_id, summary)
            if kind not in ("call_forgotten", "journal_empty") or (call_id not in live and self._is_forgotten(call_id))
        ]

    def _journal(self, call_id: str, summary: Stored | None) -> list[Kind]:
        try:
            content = self._journals.read_bytes(call_id)
        except StorageUnavailable as error:
            if isinstance(error.__cause__, HttpResponseError) and 400 <= (error.__cause__.status_code or 0) < 500:
                return ["journal_unreadable"]
            raise
        if content is None:
            return []
        found = judge(content, summary)
        if "summary_missing" in found or "summary_differs" in found:
            # It may stand under an earlier day than those listed, or have been written since the list was made.
            call = created_line(decode_lines(content))
            found = judge(content, self._stored(summary_name(call_id, call.at))) if call else found
        return found

    def _is_forgotten(self, call_id: str) -> bool:
        # A call is listed as live from before its journal begins until after its journal is closed.
        return self._live.find(call_id) is None and not has_ended(self._journals.read(call_id) or [])

    def _lonely(self, summary: Stored) -> list[Finding]:
        self.looked_at += 1
        if outlived(summary.name, self._now, self._retention_days) or self._stored(journal_name(summary.call_id)):
            return []
        return [Finding("summary_without_journal", summary.name, summary.call_id)]

    def _summaries(self) -> Iterable[Stored]:
        """Return the summaries of all days that are looked at, in the order of their calls."""
        prefixes = list(self._prefixes(SUMMARIES, 3)) if self._days is None else days(self._now, self._days)
        page = max(10, LISTED // max(1, len(prefixes)))
        return heapq.merge(*(self._listed(prefix, page) for prefix in prefixes), key=lambda one: in_order(one.call_id))

    def _prefixes(self, prefix: str, depth: int) -> Iterator[str]:
        """Yield the names of the folders that are `depth` levels below this one."""
        if not depth:
            yield prefix
            return
        with storage_errors():
            for found in self._storage.container.walk_blobs(prefix, delimiter="/"):
                if found.name.endswith("/"):
                    yield from self._prefixes(found.name, depth - 1)

    def _listed(self, prefix: str, page: int = LISTED) -> Iterator[Stored]:
        with storage_errors():
            for blob in self._storage.container.list_blobs(name_starts_with=prefix, results_per_page=page):
                if call_of(blob.name):
                    yield _stored(blob)

    def _stored(self, name: str) -> Stored | None:
        with storage_errors():
            try:
                return _stored(self._storage.container.get_blob_client(name).get_blob_properties())
            except ResourceNotFoundError:
                return None

    def _is_young(self, blob: Stored) -> bool:
        return self._now - blob.modified < self._min_age


def _stored(blob: Any) -> Stored:
    return Stored(
        name=blob.name,
        call_id=call_of(blob.name),
        modified=blob.last_modified.timestamp(),
        size=blob.size,
        md5=bytes(blob.content_settings.content_md5 or b""),
    )
