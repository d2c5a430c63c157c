"""Keeps a call's journal: an append blob, written as the call goes, so that nothing is lost with a process."""

from collections.abc import Callable, Iterable
from http import HTTPStatus

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from switchboard.errors import StorageUnavailable
from switchboard.record.encoding import BLOCK_BYTES, blocks, decode_lines, encode_lines
from switchboard.record.lines import AnyLine, CallCreated, Line, created_line
from switchboard.record.names import journal_name
from switchboard.storage import Storage, storage_errors
from switchboard.storage.blob import Blob

# The first line of a journal is shorter: it has no text of any length in it but the caller's name.
FIRST_LINE_BYTES = 4096


class Journals:
    """The journals of all calls. Every method blocks on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def open(self, call_id: str, *, expected: bool) -> list[AnyLine]:
        """Return what stands in the call's journal, and make an empty one if there is none.

        `expected` says whether the journal is thought to be there: a right guess saves one request. The journal may
        lack its first line, because whoever made it may have died before writing it.
        """
        if expected and (lines := self.read(call_id)) is not None:
            return lines
        with storage_errors():
            try:
                self._blob(call_id).create_append_blob(match_condition=MatchConditions.IfMissing)
            except ResourceExistsError:
                return self.read(call_id) or []
        return []

    def start(self, call: CallCreated) -> list[AnyLine]:
        """Make sure that the call has a journal with its first line, and return what stands in it.

        May be called any number of times: a journal that has its first line is left as it is.
        """
        lines = self.open(call.call_id, expected=False)
        if created_line(lines) is None:
            self.append(call.call_id, [call])
            lines = [call, *lines]
        return lines

    def append(self, call_id: str, lines: Iterable[Line]) -> None:
        """Append the lines as one block: all or none. A retry may write them twice, which the fold does not mind."""
        self.append_encoded(call_id, encode_lines(lines))

    def append_if_there(self, call_id: str, lines: Iterable[Line]) -> bool:
        """Append the lines as `append` does, if there is a journal; return whether there is one."""
        with storage_errors():
            try:
                self._blob(call_id).append_block(encode_lines(lines))
            except ResourceNotFoundError:
                return False
        return True

    def append_encoded(self, call_id: str, block: bytes) -> None:
        """Append lines that are encoded already, as one block of at most 4 MB."""
        with storage_errors():
            self._blob(call_id).append_block(block)

    def append_at(self, call_id: str, lines: Iterable[Line], position: int) -> bool:
        """Append the lines if the journal still has exactly `position` bytes; return whether that was so."""
        with storage_errors():
            try:
                self._blob(call_id).append_block(encode_lines(lines), appendpos_condition=position)
            except HttpResponseError as error:
                # The SDK has a class for every other condition that is not met, but none for the position.
                if error.status_code != HTTPStatus.PRECONDITION_FAILED:
                    raise
                return False
        return True

    def rewrite(self, call_id: str, change: Callable[[bytes], bytes]) -> bool:
        """Replace the journal of a call that is over by what `change` makes of it, and return whether that differs.

        Raises StorageUnavailable also if somebody writes to the journal at the same moment; it is unchanged then. If
        this process dies in between, the journal is empty and only the call's summary is left.
        """
        blob = self._blob(call_id)
        with storage_errors():
            try:
                download = blob.download_blob()
                after = change(download.body)
                if after == download.body:
                    return False
                blob.create_append_blob(etag=download.etag, match_condition=MatchConditions.IfNotModified)
            except ResourceNotFoundError:
                return False
            except ResourceModifiedError as error:
                raise StorageUnavailable("The journal is written to at this very moment.") from error
            for block in blocks(after, BLOCK_BYTES):
                blob.append_block(block)
        return True

    def read(self, call_id: str) -> list[AnyLine] | None:
        """Return all lines of a call's journal, or None if there is no such journal."""
        content = self.read_bytes(call_id)
        return None if content is None else list(decode_lines(content))

    def read_first(self, call_id: str) -> CallCreated | None:
        """Return the first line of a call's journal, however long the journal is.

        None if there is no such journal, or if it does not begin with that line.
        """
        with storage_errors():
            try:
                begin = self._blob(call_id).download_blob(length=FIRST_LINE_BYTES).body
            except HttpResponseError as error:
                if error.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
                    return None
                raise
        first, end, _ = begin.partition(b"\n")
        return created_line(decode_lines(first + end)) if end else None

    def read_bytes(self, call_id: str) -> bytes | None:
        """Return a call's journal as it is stored, or None if there is no such journal."""
        with storage_errors():
            try:
                return self._blob(call_id).download_blob().body
            except ResourceNotFoundError:
                return None

    def _blob(self, call_id: str) -> Blob:
        return self._storage.blob(journal_name(call_id))
