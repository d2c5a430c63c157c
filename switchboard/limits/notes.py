"""Reads and writes the small blobs in which the limits count, each of them one struct, so that no change is lost.

Whoever changes a note gives the version that was read. If somebody else has changed the note in the meantime, nothing
is written.
"""

from typing import TypeVar

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from switchboard.storage import Storage, storage_errors

Note = TypeVar("Note", bound=msgspec.Struct)

NOWHERE = ""
"""The version of a note that does not exist."""


def read_note(storage: Storage, name: str, empty: Note) -> tuple[Note, str]:
    """Return a note and its version, or `empty` and NOWHERE if there is no such note. Raises StorageUnavailable."""
    with storage_errors():
        try:
            download = storage.blob(name).download_blob()
        except ResourceNotFoundError:
            return empty, NOWHERE
        return msgspec.json.decode(download.body, type=type(empty)), download.etag


def write_note(storage: Storage, name: str, note: msgspec.Struct, version: str) -> bool:
    """Write a note, and return whether that was done, which needs the stored one to have this version still.

    Raises StorageUnavailable.
    """
    blob, content = storage.blob(name), msgspec.json.encode(note)
    with storage_errors():
        try:
            if version == NOWHERE:
                blob.upload_blob(content)
            else:
                blob.upload_blob(content, overwrite=True, etag=version, match_condition=MatchConditions.IfNotModified)
        except (ResourceExistsError, ResourceModifiedError):
            return False
    return True
