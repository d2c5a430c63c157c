"""Packs everything that the archive holds of one caller's calls into zip archives of a bounded size."""

import zipfile
from datetime import date
from io import BytesIO
from time import time

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from switchboard.callers import Caller
from switchboard.errors import OperatorsOnly
from switchboard.operating.audit import Audit
from switchboard.operating.listing import Listing
from switchboard.operating.rows import CallPage, CallRow
from switchboard.operating.selection import Position, Selection, position_of, read_token, token
from switchboard.record.index import Index
from switchboard.record.journal import Journals
from switchboard.record.names import summary_name_of
from switchboard.record.times import iso
from switchboard.storage import Storage, storage_errors

# An archive holds so many calls and so many bytes before they are compressed, but always one call at least.
MOST_CALLS = 100
MOST_BYTES = 32 * 1024 * 1024
# The index of so many days is looked at for one archive: as often as a page of the list looks at MOST_DAYS.
MOST_PAGES = 12


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Says what an archive holds: it is `manifest.json` in it."""

    caller: str
    """The id of the caller whose calls these are."""
    exported: str
    """When the archive was made, in ISO 8601, UTC, with milliseconds."""
    calls: list[CallRow]
    """The calls as the list shows them, the newest first. Each has a folder of its own in `calls/`."""
    next: str | None
    """What to send as `after` for the next archive; None if this is the last one."""


class Exporting:
    """Exports what is kept of a caller. Methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage, journals: Journals, index: Index, listing: Listing, audit: Audit) -> None:
        self._storage = storage
        self._journals = journals
        self._index = index
        self._listing = listing
        self._audit = audit

    def export(self, caller: Caller, of: str, after: Position | None) -> tuple[bytes, str | None]:
        """Return a zip archive of the calls of the caller `of`, and the token of the next archive if there is one.

        Raises OperatorsOnly.
        """
        if not caller.operator:
            raise OperatorsOnly
        page = self._page(of, after)
        archive, size, rest = BytesIO(), 0, page.next
        packed: list[CallRow] = []
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for row in page.calls:
                parts = self._parts(row)
                size += sum(map(len, parts.values()))
                if packed and size > MOST_BYTES:
                    rest = token(position_of(packed[-1]))
                    break
                for name, content in parts.items():
                    file.writestr(f"calls/{row.call_id}/{name}", content)
                packed.append(row)
            manifest = Manifest(caller=of, exported=iso(time()), calls=packed, next=rest)
            file.writestr("manifest.json", msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        self._audit.note(time(), caller.id, "caller.exported", of, len(packed))
        return archive.getvalue(), rest

    def _page(self, of: str, after: Position | None) -> CallPage:
        days = [date.fromisoformat(day) for day in self._index.days()] or [date(2000, 1, 1)]
        rows: list[CallRow] = []
        for _ in range(MOST_PAGES):
            selection = Selection(
                state="ended", first=days[0], last=days[-1], caller=of, limit=MOST_CALLS - len(rows), after=after
            )
            page = self._listing.page(selection)
            rows += page.calls
            if page.next is None or len(rows) >= MOST_CALLS:
                return CallPage(rows, page.next)
            after = read_token(page.next)
        return CallPage(rows, page.next)

    def _parts(self, row: CallRow) -> dict[str, bytes]:
        """Return the blobs of a call by the names that they have in the archive. Retention may have deleted one."""
        parts = {"journal.jsonl": self._journals.read_bytes(row.call_id)}
        with storage_errors():
            try:
                name = summary_name_of(row.call_id, row.started[:10])
                parts["summary.json"] = self._storage.blob(name).download_blob().body
            except ResourceNotFoundError:
                pass
        return {name: content for name, content in parts.items() if content is not None}
