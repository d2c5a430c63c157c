"""Tests what an answer with a list of blobs means."""

from datetime import UTC, datetime

from switchboard.storage.listing import ListPage, StoredBlob, read_list

WHEN = "<Last-Modified>Sat, 21 Nov 2026 09:00:00 GMT</Last-Modified>"


def answer(blobs: str, marker: str = "<NextMarker />") -> bytes:
    text = f'<EnumerationResults ServiceEndpoint="x"><Blobs>{blobs}</Blobs>{marker}</EnumerationResults>'
    # Azure puts a mark before its answers.
    return f'\ufeff<?xml version="1.0" encoding="utf-8"?>{text}'.encode()


def test_blobs() -> None:
    """Names, versions, times and metadata are read; a version is without quotes, whoever the storage is."""
    modified = datetime(2026, 11, 21, 9, tzinfo=UTC)
    first = f"<Blob><Name>live/a &amp; b</Name><Properties><Etag>0x1</Etag>{WHEN}</Properties></Blob>"
    second = (
        f'<Blob><Name Encoded="true">live%2F%01</Name><Properties><Etag>"0x2"</Etag>{WHEN}</Properties>'
        "<Metadata><observer>o1</observer><cost /></Metadata></Blob>"
    )
    folder = "<BlobPrefix><Name>live/</Name></BlobPrefix>"

    assert read_list(answer(first + folder + second, "<NextMarker>2!8</NextMarker>")) == ListPage(
        [
            StoredBlob("live/a & b", "0x1", modified, {}),
            StoredBlob("live/\x01", "0x2", modified, {"observer": "o1", "cost": ""}),
        ],
        "2!8",
    )


def test_an_empty_list() -> None:
    assert read_list(answer("")) == read_list(answer("", "")) == ListPage([], "")


def test_a_blob_without_a_name() -> None:
    """Whatever else is missing, a list can be read; storage always says when a blob was written."""
    (blob,) = read_list(answer(f"<Blob><Properties>{WHEN}</Properties></Blob>")).blobs
    assert (blob.name, blob.etag, blob.metadata) == ("", "", {})
