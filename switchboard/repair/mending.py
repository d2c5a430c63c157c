"""Mends what an inspection has found. Mending the same thing twice does no harm."""

import msgspec

from switchboard.errors import CallNotFound
from switchboard.limits.places import HeldPlace, Places
from switchboard.observing.live import LiveCalls
from switchboard.observing.sweep import Sweep
from switchboard.record.archive import Archive
from switchboard.record.journal import Journals
from switchboard.record.lines import CallCreated, created_line
from switchboard.record.queues import OBSERVE_CALLS, observe_message
from switchboard.repair.findings import Finding
from switchboard.storage import Storage


class Mending:
    """Mends findings. Methods block on the network and may raise StorageUnavailable."""

    def __init__(
        self, storage: Storage, journals: Journals, live: LiveCalls, places: Places, archive: Archive, sweep: Sweep
    ) -> None:
        self._storage = storage
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

    def _wake(self, call: CallCreated | None) -> bool:
        """Wake an observer, which goes on with the call, or closes its record and gives back what it has taken."""
        if call is not None:
            self._storage.send(OBSERVE_CALLS, observe_message(call))
        return call is not None
