"""Containers and blobs, their conditions and their listing. Sans-I/O: time is an argument."""

import base64
import hashlib
import re
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from tests.standins.storage import leases
from tests.standins.storage.answers import Answer, Refused, Request, http_date

MOST_APPEND_BLOCKS = 50_000
LISTED_AT_ONCE = 5000
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Blob:
    """A blob as it lies there; `blocks` counts those that were appended."""

    kind: str
    made: float
    content: bytearray = field(default_factory=bytearray)
    metadata: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/octet-stream"
    etag: str = ""
    modified: float = 0.0
    blocks: int = 0
    lease: leases.Lease = field(default_factory=leases.Lease)

    def touch(self, now: float) -> None:
        """Give the blob a new ETag: it has changed."""
        self.etag, self.modified = f'"0x{uuid.uuid4().hex[:15].upper()}"', now

    def stamps(self) -> dict[str, str]:
        """Return the headers that name the blob's state."""
        return {"ETag": self.etag, "Last-Modified": http_date(self.modified)}


class Blobs:
    """Holds all containers of the account."""

    def __init__(self) -> None:
        self.containers: dict[str, dict[str, Blob]] = {}
        self._made: dict[str, float] = {}

    def handle(self, request: Request, now: float) -> Answer:
        """Answer a request. Raises Refused."""
        container, _, name = request.path.partition("/")
        if request.query.get("restype") == "container":
            return self._container(container, request, now)
        blobs = self.containers.get(container)
        if blobs is None:
            raise Refused(404, "ContainerNotFound")
        match request.method, request.query.get("comp", ""):
            case "PUT", "":
                return self._put(blobs, name, request, now)
            case "PUT", "appendblock":
                return self._append(_found(blobs, name), request, now)
            case "PUT", "metadata":
                blob = _found(blobs, name)
                _check(blob, request)
                blob.lease.check_write(request.headers, now)
                blob.metadata = _metadata(request)
                blob.touch(now)
                return Answer(200, blob.stamps())
            case "PUT", "lease":
                blob = _found(blobs, name)
                _check(blob, request)
                return Answer(*blob.lease.act(request.headers, now, blob.stamps()))
            case "GET" | "HEAD", "":
                return _read(_found(blobs, name), request, now)
            case "DELETE", "":
                blob = _found(blobs, name)
                _check(blob, request)
                blob.lease.check_write(request.headers, now)
                del blobs[name]
                return Answer(202)
        raise Refused(501, "NotImplemented")

    def _container(self, name: str, request: Request, now: float) -> Answer:
        match request.method, request.query.get("comp", ""):
            case "PUT", "":
                if name in self.containers:
                    raise Refused(409, "ContainerAlreadyExists")
                self.containers[name], self._made[name] = {}, now
                return Answer(201, self._stamps(name))
            case "GET" | "HEAD", "":
                self._there(name)
                return Answer(200, {**self._stamps(name), "x-ms-lease-status": "unlocked"})
            case "GET", "list":
                return _listing(self._there(name), name, request, now)
            case "DELETE", "":
                self._there(name)
                del self.containers[name]
                return Answer(202)
        raise Refused(501, "NotImplemented")

    def _there(self, name: str) -> dict[str, Blob]:
        if name not in self.containers:
            raise Refused(404, "ContainerNotFound")
        return self.containers[name]

    def _stamps(self, name: str) -> dict[str, str]:
        return {"ETag": '"0x8D0000000000000"', "Last-Modified": http_date(self._made[name])}

    def _put(self, blobs: dict[str, Blob], name: str, request: Request, now: float) -> Answer:
        old = blobs.get(name)
        _check(old, request, exists="BlobAlreadyExists")
        if old is not None:
            old.lease.check_write(request.headers, now)
        kind = request.headers.get("x-ms-blob-type", "")
        if kind not in ("BlockBlob", "AppendBlob"):
            raise Refused(501, "NotImplemented")
        blob = Blob(kind, old.made if old else now, bytearray(request.body), _metadata(request))
        blob.content_type = request.headers.get("x-ms-blob-content-type", blob.content_type)
        if old is not None:
            blob.lease = old.lease
        blob.touch(now)
        blobs[name] = blob
        return Answer(201, {**blob.stamps(), "x-ms-request-server-encrypted": "true"})

    def _append(self, blob: Blob, request: Request, now: float) -> Answer:
        if blob.kind != "AppendBlob":
            raise Refused(409, "InvalidBlobType")
        _check(blob, request)
        blob.lease.check_write(request.headers, now)
        offset = len(blob.content)
        position = request.headers.get("x-ms-blob-condition-appendpos")
        if position is not None and int(position) != offset:
            raise Refused(412, "AppendPositionConditionNotMet")
        longest = request.headers.get("x-ms-blob-condition-maxsize")
        if longest is not None and offset + len(request.body) > int(longest):
            raise Refused(412, "MaxBlobSizeConditionNotMet")
        if blob.blocks >= MOST_APPEND_BLOCKS:
            raise Refused(409, "BlockCountExceedsLimit")
        blob.content += request.body
        blob.blocks += 1
        blob.touch(now)
        counts = {"x-ms-blob-append-offset": str(offset), "x-ms-blob-committed-block-count": str(blob.blocks)}
        return Answer(201, {**blob.stamps(), **counts, "x-ms-request-server-encrypted": "true"})


def _found(blobs: dict[str, Blob], name: str) -> Blob:
    if name not in blobs:
        raise Refused(404, "BlobNotFound")
    return blobs[name]


def _check(blob: Blob | None, request: Request, exists: str = "ConditionNotMet") -> None:
    """Check If-Match and If-None-Match. Raises Refused.

    An ETag without its quotes is another one, as it is for Azure (Azure/azure-cli#5682); Azurite takes both.
    """
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    reading = request.method in ("GET", "HEAD")
    if wanted is not None and (blob is None or wanted not in ("*", blob.etag)):
        raise Refused(412, "ConditionNotMet")
    if unwanted is not None and blob is not None and unwanted in ("*", blob.etag):
        if reading:
            raise Refused(304, "ConditionNotMet")
        raise Refused(409 if unwanted == "*" and exists == "BlobAlreadyExists" else 412, exists)


def _metadata(request: Request) -> dict[str, str]:
    start = "x-ms-meta-"
    return {name.removeprefix(start): value for name, value in request.headers.items() if name.startswith(start)}


def _read(blob: Blob, request: Request, now: float) -> Answer:
    _check(blob, request)
    size = len(blob.content)
    headers = {
        **blob.stamps(),
        "Content-Type": blob.content_type,
        "Accept-Ranges": "bytes",
        "x-ms-blob-type": blob.kind,
        "x-ms-creation-time": http_date(blob.made),
        "x-ms-server-encrypted": "true",
        **blob.lease.headers(now),
        **{f"x-ms-meta-{name}": value for name, value in blob.metadata.items()},
    }
    if blob.kind == "AppendBlob":
        headers["x-ms-blob-committed-block-count"] = str(blob.blocks)
    else:
        digest = hashlib.md5(blob.content, usedforsecurity=False).digest()
        headers["x-ms-blob-content-md5"] = base64.b64encode(digest).decode()
    if request.method == "HEAD":
        return Answer(200, {**headers, "Content-Length": str(size)})
    asked = _RANGE.fullmatch(request.headers.get("x-ms-range") or request.headers.get("range") or "")
    if asked is None:
        return Answer(200, headers, bytes(blob.content))
    start = int(asked[1])
    if start >= size:
        raise Refused(416, "InvalidRange")
    end = min(int(asked[2]) if asked[2] else size - 1, size - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Answer(206, headers, bytes(blob.content[start : end + 1]))


def _listing(blobs: dict[str, Blob], container: str, request: Request, now: float) -> Answer:
    query = request.query
    prefix, marker, delimiter = query.get("prefix", ""), query.get("marker", ""), query.get("delimiter", "")
    most = min(int(query.get("maxresults", LISTED_AT_ONCE)), LISTED_AT_ONCE)
    with_metadata = "metadata" in query.get("include", "").split(",")
    entries: list[str] = []
    folders: set[str] = set()
    following = ""
    for name in sorted(name for name in blobs if name.startswith(prefix) and name >= marker):
        end = name.find(delimiter, len(prefix)) if delimiter else -1
        folder = name[: end + 1]
        if folder in folders:
            continue
        if len(entries) == most:
            following = name
            break
        if folder:
            folders.add(folder)
            entries.append(f"<BlobPrefix><Name>{escape(folder)}</Name></BlobPrefix>")
        else:
            entries.append(_listed(name, blobs[name], now, with_metadata=with_metadata))
    body = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<EnumerationResults ServiceEndpoint="" ContainerName="{container}"><Prefix>{escape(prefix)}</Prefix>'
        f"<MaxResults>{most}</MaxResults><Blobs>{''.join(entries)}</Blobs>"
        f"<NextMarker>{escape(following)}</NextMarker></EnumerationResults>"
    )
    return Answer(200, {"Content-Type": "application/xml"}, body.encode())


def _listed(name: str, blob: Blob, now: float, *, with_metadata: bool) -> str:
    lease = blob.lease.headers(now)
    metadata = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in blob.metadata.items())
    return (
        f"<Blob><Name>{escape(name)}</Name><Properties><Creation-Time>{http_date(blob.made)}</Creation-Time>"
        f"<Last-Modified>{http_date(blob.modified)}</Last-Modified><Etag>{blob.etag.strip(chr(34))}</Etag>"
        f"<Content-Length>{len(blob.content)}</Content-Length><Content-Type>{escape(blob.content_type)}</Content-Type>"
        f"<BlobType>{blob.kind}</BlobType><LeaseStatus>{lease['x-ms-lease-status']}</LeaseStatus>"
        f"<LeaseState>{lease['x-ms-lease-state']}</LeaseState></Properties>"
        f"{f'<Metadata>{metadata}</Metadata>' if with_metadata else ''}</Blob>"
    )
