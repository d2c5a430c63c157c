"""Reads storage's answer to a request for a list of blobs. This module does no I/O."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote
from xml.etree import ElementTree

import msgspec


class StoredBlob(msgspec.Struct, frozen=True):
    """A blob as a list has it."""

    name: str
    """The name of the blob within the container."""
    etag: str
    """The version of the blob, without the quotes that a condition needs."""
    modified: datetime
    """When the blob was written, by the storage's clock."""
    metadata: dict[str, str]
    """What was written beside its content, by name."""


class ListPage(msgspec.Struct, frozen=True):
    """One page of a list of blobs."""

    blobs: list[StoredBlob]
    """The blobs, in the order of their names."""
    next: str
    """What to send as the marker for the next page; empty at the end of the list."""


def read_list(body: bytes) -> ListPage:
    """Return the page that the body of an answer (XML) holds."""
    # It comes from the storage account, whose answers are trusted everywhere else too.
    root = ElementTree.fromstring(body)  # noqa: S314
    return ListPage([_blob(node) for node in root.iterfind("Blobs/Blob")], root.findtext("NextMarker") or "")


def _blob(node: ElementTree.Element) -> StoredBlob:
    # A name with characters that XML has not is quoted as in a URL.
    encoded = node.find("Name[@Encoded='true']") is not None
    name = node.findtext("Name", "")
    return StoredBlob(
        name=unquote(name) if encoded else name,
        etag=node.findtext("Properties/Etag", "").strip('"'),
        modified=parsedate_to_datetime(node.findtext("Properties/Last-Modified", "")),
        metadata={entry.tag: entry.text or "" for entry in node.iterfind("Metadata/*")},
    )
