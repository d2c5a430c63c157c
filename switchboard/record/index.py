"""Keeps the index of each UTC day: an append blob with one small line for each archived call that began on that day.

The index is made from the summaries and can be made again from them: `python -m switchboard.repair --write` does so.
"""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
)

from switchboard.errors import StorageUnavailable
from switchboard.record.encoding import BLOCK_BYTES, blocks
from switchboard.record.index_lines import IndexLine, decode_index, encode_index
from switchboard.storage import Storage, storage_errors

if TYPE_CHECKING:
    from switchboard.storage.blob import Blob

PREFIX = "index/"
# An index is tried to be rewritten so often when others write to it at the same moment.
REWRITE_TRIES = 10
# An append blob has room for 50,000 appends. Then storage answers 409, and the index is written anew.


def index_name(day: str) -> str:
    """Return the name of the index of a UTC day, which is given as `2026-11-21`."""
    return f"{PREFIX}{day.replace('-', '/')}.jsonl"


def day_of_index(name: str) -> str:
    """Return the UTC day, such as `2026-11-21`, whose index has this name."""
    return name.removeprefix(PREFIX).removesuffix(".jsonl").replace("/", "-")


class Index:
    """The indexes of all days. Every method blocks on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def add(self, line: IndexLine) -> None:
        """Add the line of a call. If the call has a line already, the new one counts."""
        day, block = line.started[:10], encode_index([line])
        blob = self._blob(day)
        with storage_errors():
            try:
                blob.append_block(block)
            except ResourceNotFoundError:
                _create(blob)
                blob.append_block(block)
            except ResourceExistsError:
                # Storage has no other conflict for an append.
                self.rewrite(day, lambda index: encode_index(decode_index(index + block)))

    def read(self, day: str) -> list[IndexLine]:
        """Return the line of each call that began on this UTC day (`2026-11-21`); an empty list if there is none."""
        return decode_index(self._read(day)[0])

    def read_newer(self, day: str, etag: str) -> tuple[list[IndexLine], str] | None:
        """Return what `read` does, with the version of the index; None if it still has the version `etag`.

        The version is empty if there is no index, and an empty `etag` is no version at all.
        """
        condition: dict[str, Any] = {"etag": etag, "match_condition": MatchConditions.IfModified} if etag else {}
        with storage_errors():
            try:
                download = self._blob(day).download_blob(**condition)
            except ResourceNotModifiedError:
                return None
            except ResourceNotFoundError:
                return [], ""
        return decode_index(download.body), download.etag

    def days(self) -> Iterator[str]:
        """Yield each day that has an index, such as `2026-11-21`, the oldest first; one request for each 5,000."""
        with storage_errors():
            for name in self._storage.container.list_blob_names(name_starts_with=PREFIX):
                yield day_of_index(name)

    def rewrite(self, day: str, change: Callable[[bytes], bytes]) -> bool:
        """Replace the index by what `change` makes of it, and return whether that differs. No line is lost meanwhile.

        `change` may be called several times. If this process dies in between, the index lacks lines until the repair
        makes it anew.
        """
        for _ in range(REWRITE_TRIES):
            before, etag = self._read(day)
            after = change(before)
            if after == before:
                return False
            if self._empty(day, etag):
                self._fill(day, after)
                return True
        raise StorageUnavailable("The index is written so busily that it could not be replaced.")

    def _empty(self, day: str, etag: str) -> bool:
        """Replace the index of this version by an empty one; return False if it has another version by now."""
        condition: dict[str, Any] = {"match_condition": MatchConditions.IfMissing}
        if etag:
            condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        with storage_errors():
            try:
                self._blob(day).create_append_blob(**condition)
            except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
                return False
        return True

    def _fill(self, day: str, content: bytes) -> None:
        """Write the content into the index that was emptied. Lines that others have added since then follow it."""
        for _ in range(REWRITE_TRIES):
            if self._append(day, content, appendpos_condition=0):
                return
            found, etag = self._read(day)
            if self._empty(day, etag):
                content += found
        # The order of the lines matters only if a call has two of them.
        self._append(day, content)

    def _append(self, day: str, content: bytes, **condition: Any) -> bool:
        """Append the content; return False if the condition is not met, and then nothing is written."""
        for block in blocks(content, BLOCK_BYTES):
            with storage_errors():
                try:
                    self._blob(day).append_block(block, **condition)
                except HttpResponseError as error:
                    if error.status_code != HTTPStatus.PRECONDITION_FAILED:
                        raise
                    return False
            condition = {}
        return True

    def _read(self, day: str) -> tuple[bytes, str]:
        with storage_errors():
            try:
                download = self._blob(day).download_blob()
                return download.body, download.etag
            except ResourceNotFoundError:
                return b"", ""

    def _blob(self, day: str) -> "Blob":
        return self._storage.blob(index_name(day))


def _create(blob: "Blob") -> None:
    try:
        blob.create_append_blob(match_condition=MatchConditions.IfMissing)
    except ResourceExistsError:
        # Another call of the same day was archived at the same moment.
        return
