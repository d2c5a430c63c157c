"""Mends what an inspection has found. Mending the same thing twice does no harm."""

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from switchboard.errors import CallNotFound
from switchboard.limits.places import HeldPlace, Places
from switchboard.observing.live import LiveCalls
from switchboard.observing.sweep import Sweep
from switchboard.record.archive import Archive
from switchboard.record.index import Index, day_of_index
from switchboard.record.index_lines import IndexLine, decode_index, encode_index, index_line
from switchboard.record.journal import Journals
from switchboard.record.lines import CallCreated, created_line
from switchboard.record.queues import OBSERVE_CALLS, observe_message
from switchboard.record.summary import CallSummary
from switchboard.repair.findings import Finding, call_of
from switchboard.storage import Storage, storage_errors


class Mending:
    """Mends findings. Methods block on the network and may raise StorageUnavailable."""

    def __init__(
        self, storage: Storage, journals: Journals, live: LiveCalls, places: Places, archive: Archive, sweep: Sweep
    ) -> None:
        self._storage = storage
        self._index = Index(storage)
        self._journals = journals
        self._live = live
        self._places = places
        self._archive = archive
        self._sweep = sweep

    def mend(self, finding: Finding) -> Finding:
        """Mend the finding if it can be mended, and return it with what came of it."""
        return msgspec.structs.replace(finding, mended=self._mend(finding))

    def _mend(self, finding: Finding) -> bool:
        match finding.kind:
            case "summary_missing" | "summary_differs":
                return self._summarise(finding.call_id)
            case "index_differs":
                return self._reindex(day_of_index(finding.blob))
            case "call_forgotten":
                call = created_line(self._journals.read(finding.call_id) or [])
                if call is not None:
                    self._live.start(call)
                return self._wake(call)
            case "live_without_journal" | "live_unobserved" | "live_ended":
                return self._wake(self._live.find(finding.call_id))
            case "live_uncounted":
                # Only the sweep may count, because it counts each call once.
                self._sweep.run()
                return self._live.find(finding.call_id) is None
            case "place_stale":
                self._places.free(HeldPlace(finding.blob, finding.etag, nonce="", since=0))
                return True
        return False

    def _summarise(self, call_id: str) -> bool:
        try:
            self._archive.summarise(call_id)
        except CallNotFound:
            return False
        return True

    def _reindex(self, day: str) -> bool:
        """Make the index of a day from its summaries; return False if one of them cannot be read."""
        complete = True

        def lines(index: bytes) -> bytes:
            nonlocal complete
            before = {line.call_id: line for line in decode_index(index)}
            made: list[IndexLine] = []
            prefix = f"summaries/{day.replace('-', '/')}/"
            for name in self._storage.container.list_blob_names(name_starts_with=prefix):
                try:
                    content = self._storage.blob(name).download_blob().body
                    made.append(index_line(msgspec.json.decode(content, type=CallSummary)))
                except (msgspec.MsgspecError, ResourceNotFoundError):
                    # The line stays if there is one. A summary may also have been deleted a moment ago.
                    known = before.get(call_of(name))
                    made += [known] if known else []
                    complete = complete and known is not None
            return encode_index(made)

        with storage_errors():
            self._index.rewrite(day, lines)
        return complete

    def _wake(self, call: CallCreated | None) -> bool:
        """Wake an observer, which goes on with the call, or closes its record and gives back what it has taken."""
        if call is not None:
            self._storage.send(OBSERVE_CALLS, observe_message(call))
        return call is not None
