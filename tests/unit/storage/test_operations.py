"""Tests the requests for blobs and queues: method, path, query, headers and body."""

from switchboard.storage import operations
from switchboard.storage.operations import Request, blob_path


def test_a_whole_blob() -> None:
    """Metadata and conditions are headers; without them there is only the type."""
    full = operations.put_blob(
        "/box/x", b"1", content_type="text/plain", metadata={"cost": "2"}, conditions={"If-None-Match": "*"}
    )
    bare = operations.put_blob("/box/x", b"", content_type="text/plain", metadata={}, conditions={})
    kinds = {"x-ms-blob-type": "BlockBlob", "x-ms-blob-content-type": "text/plain"}

    assert full == Request("PUT", "/box/x", headers={**kinds, "If-None-Match": "*", "x-ms-meta-cost": "2"}, body=b"1")
    assert bare == Request("PUT", "/box/x", headers=kinds)


def test_an_append_blob() -> None:
    """The position is a condition only where one is given, and 0 is one."""
    made = operations.create_append_blob("/box/x", conditions={"If-None-Match": "*"})
    block = (("comp", "appendblock"),)

    assert made == Request("PUT", "/box/x", headers={"x-ms-blob-type": "AppendBlob", "If-None-Match": "*"})
    assert operations.append_block("/box/x", b"1", None) == Request("PUT", "/box/x", block, body=b"1")
    assert operations.append_block("/box/x", b"1", 0).headers == {"x-ms-blob-condition-appendpos": "0"}


def test_reading_and_deleting() -> None:
    assert operations.get_blob("/box/x", conditions={}) == Request("GET", "/box/x")
    assert operations.delete_blob("/box/x", conditions={"If-Match": "1"}) == Request(
        "DELETE", "/box/x", headers={"If-Match": "1"}
    )


def test_a_list() -> None:
    """A page of names and metadata; the first one has no marker."""
    asked = (("restype", "container"), ("comp", "list"), ("include", "metadata"), ("prefix", "live/"))
    assert operations.list_blobs("box", "live/", "") == Request("GET", "/box", asked)
    assert operations.list_blobs("box", "live/", "2!8").query == (*asked, ("marker", "2!8"))


def test_what_is_created() -> None:
    assert operations.create_container("box") == Request("PUT", "/box", (("restype", "container"),))
    assert operations.create_queue("calls") == Request("PUT", "/calls")


def test_a_message() -> None:
    """A message is base64 in XML, and becomes visible at once unless a delay is given."""
    body = b"<QueueMessage><MessageText>eyJhIjoiPCYifQ==</MessageText></QueueMessage>"
    headers = {"Content-Type": "application/xml"}

    assert operations.put_message("calls", b'{"a":"<&"}', 0) == Request(
        "POST", "/calls/messages", headers=headers, body=body
    )
    assert operations.put_message("calls", b"", 4).query == (("visibilitytimeout", "4"),)


def test_names_of_blobs() -> None:
    """Folders stay folders, and everything else that a URL cannot hold is quoted."""
    assert blob_path("box", "a folder/ünï&<>?#.json") == "/box/a%20folder/%C3%BCn%C3%AF%26%3C%3E%3F%23.json"
