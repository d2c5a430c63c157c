"""Builds the requests for blobs and queues. This module does no I/O.

The paths, headers and bodies come from Microsoft's reference of the Blob and Queue services' REST APIs.
"""

import base64
from collections.abc import Mapping
from urllib.parse import quote

import msgspec


class Request(msgspec.Struct, frozen=True):
    """A request to storage, before it is signed."""

    method: str
    """The HTTP method."""
    path: str
    """The path below the URL of the service, quoted as it is sent; begins with a slash."""
    query: tuple[tuple[str, str], ...] = ()
    """The names and values of the query, not quoted."""
    headers: Mapping[str, str] = {}
    """The headers that belong to the operation."""
    body: bytes = b""
    """The body, empty where there is none."""


def create_container(container: str) -> Request:
    """Return the request that creates a container."""
    return Request("PUT", f"/{container}", (("restype", "container"),))


def put_blob(
    path: str, content: bytes, *, content_type: str, metadata: Mapping[str, str], conditions: Mapping[str, str]
) -> Request:
    """Return the request that writes a whole blob. `path` comes from `blob_path`."""
    headers = {"x-ms-blob-type": "BlockBlob", "x-ms-blob-content-type": content_type, **conditions}
    headers |= {f"x-ms-meta-{name}": value for name, value in metadata.items()}
    return Request("PUT", path, headers=headers, body=content)


def create_append_blob(path: str, *, conditions: Mapping[str, str]) -> Request:
    """Return the request that makes an empty blob to which blocks can be appended."""
    return Request("PUT", path, headers={"x-ms-blob-type": "AppendBlob", **conditions})


def append_block(path: str, block: bytes, position: int | None) -> Request:
    """Return the request that appends a block, if the blob has exactly `position` bytes (None: in any case)."""
    headers = {} if position is None else {"x-ms-blob-condition-appendpos": str(position)}
    return Request("PUT", path, (("comp", "appendblock"),), headers, block)


def get_blob(path: str, first: int | None = None, *, conditions: Mapping[str, str]) -> Request:
    """Return the request that reads a whole blob, or only the first bytes of one that is not empty."""
    return Request("GET", path, headers={**conditions, **({"Range": f"bytes=0-{first - 1}"} if first else {})})


def list_blobs(container: str, prefix: str, marker: str) -> Request:
    """Return the request for a page of the blobs whose names begin with `prefix`, with their metadata.

    `marker` comes from the page before; it is empty for the first page. A page has 5,000 blobs at the most.
    """
    query = {"restype": "container", "comp": "list", "include": "metadata", "prefix": prefix, "marker": marker}
    return Request("GET", f"/{container}", tuple((name, value) for name, value in query.items() if value))


def delete_blob(path: str, *, conditions: Mapping[str, str]) -> Request:
    """Return the request that deletes a blob."""
    return Request("DELETE", path, headers=conditions)


def create_queue(queue: str) -> Request:
    """Return the request that creates a queue."""
    return Request("PUT", f"/{queue}")


def put_message(queue: str, message: bytes, delay_seconds: int) -> Request:
    """Return the request that puts a message on a queue, in base64. Nobody receives it before the delay has passed."""
    query = (("visibilitytimeout", str(delay_seconds)),) if delay_seconds else ()
    text = base64.b64encode(message).decode()
    body = f"<QueueMessage><MessageText>{text}</MessageText></QueueMessage>".encode()
    return Request("POST", f"/{queue}/messages", query, {"Content-Type": "application/xml"}, body)


def blob_path(container: str, name: str) -> str:
    """Return the path of a blob below the URL of the Blob service, quoted."""
    return f"/{container}/{quote(name, safe='/~')}"
