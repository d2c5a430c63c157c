"""A call's journal: an append blob, written as the call goes, so that nothing observed is lost with a process."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from switchboard.record.encoding import decode_lines, encode_lines
from switchboard.record.lines import AnyLine, CallCreated, Line, created_line
from switchboard.storage import Storage, storage_errors

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient


def journal_name(call_id: str) -> str:
    """Where a call's journal lies in the container."""
    return f"journals/{call_id}.jsonl"


class Journals:
    """The journals of all calls. Every method may raise StorageUnavailable; all block on the network."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def start(self, call: CallCreated) -> list[AnyLine]:
        """Make sure that the call has a journal that begins with `call`; return what stands in it.

        May be called any number of times: a journal that has begun is left as it is.
        """
        blob = self._blob(call.call_id)
        with storage_errors():
            try:
                blob.create_append_blob(match_condition=MatchConditions.IfMissing)
                fresh = True
            except ResourceExistsError:
                fresh = False
        lines = [] if fresh else self.read(call.call_id) or []
        # The writer that made the blob may have died before its first line.
        if created_line(lines) is None:
            self.append(call.call_id, [call])
            lines = [call, *lines]
        return lines

    def append(self, call_id: str, lines: Iterable[Line]) -> None:
        """Append the lines as one block: all or none. A retry may write them twice, which a fold does not mind."""
        with storage_errors():
            self._blob(call_id).append_block(encode_lines(lines))

    def read(self, call_id: str) -> list[AnyLine] | None:
        """All lines of a call's journal; None when there is no such journal."""
        with storage_errors():
            try:
                content = self._blob(call_id).download_blob().readall()
            except ResourceNotFoundError:
                return None
        return list(decode_lines(content))

    def _blob(self, call_id: str) -> "BlobClient":
        return self._storage.container.get_blob_client(journal_name(call_id))
