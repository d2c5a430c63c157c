"""Tests the index of a day against a real Azurite: adding, rewriting while others write, and many lines."""

from typing import Any

import msgspec
import pytest
from azure.core.exceptions import ResourceExistsError

from switchboard.errors import StorageUnavailable
from switchboard.record import index as index_module
from switchboard.record.index import Index, index_name
from switchboard.record.index_lines import IndexLine, decode_index, encode_index, without_call
from switchboard.storage import Storage
from switchboard.storage.blob import Blob

DAY = "2026-11-21"


def line(call_id: str, **fields: Any) -> IndexLine:
    return IndexLine(**{"call_id": call_id, "caller_id": "aad:ada", "started": f"{DAY}T09:00:00.000Z"} | fields)


def calls(index: Index) -> list[str]:
    return [one.call_id for one in index.read(DAY)]


def test_lines_are_added(storage: Storage) -> None:
    """The first line of a day creates its index; a call that is archived again has one line."""
    index = Index(storage)
    assert index.read(DAY) == []
    assert list(index.days()) == []

    for one in (
        line("rtc_1"),
        line("rtc_2"),
        line("rtc_1", turns=2),
        line("rtc_3", started="2026-11-22T00:00:00.000Z"),
    ):
        index.add(one)

    assert index.read(DAY) == [line("rtc_1", turns=2), line("rtc_2")]
    assert list(index.days()) == [DAY, "2026-11-22"]


def test_rewriting(storage: Storage) -> None:
    """A call can be taken out; a second time there is nothing to do."""
    index = Index(storage)
    index.add(line("rtc_1"))
    index.add(line("rtc_2"))

    assert index.rewrite(DAY, lambda content: without_call(content, "rtc_1"))
    assert calls(index) == ["rtc_2"]
    assert not index.rewrite(DAY, lambda content: without_call(content, "rtc_1"))
    assert index.rewrite(DAY, lambda content: without_call(content, "rtc_2"))
    assert calls(index) == []
    index.add(line("rtc_4"))
    assert calls(index) == ["rtc_4"]


def test_reading_what_is_newer(storage: Storage) -> None:
    """An index is sent again only if it has another version than the one that is known."""
    index = Index(storage)
    assert index.read_newer(DAY, "") == ([], "")
    index.add(line("rtc_1"))
    found = index.read_newer(DAY, "")
    assert found is not None
    assert found[0] == [line("rtc_1")]
    assert index.read_newer(DAY, found[1]) is None

    index.add(line("rtc_2"))
    newer = index.read_newer(DAY, found[1])
    assert newer is not None
    assert newer[0] == [line("rtc_1"), line("rtc_2")]
    storage.blob(index_name(DAY)).delete_blob()
    assert index.read_newer(DAY, newer[1]) == ([], "")


def test_rewriting_while_others_write(storage: Storage) -> None:
    """A line that is added while the index is rewritten is not lost: before it is emptied, and right after."""
    index, other = Index(storage), Index(storage)
    index.add(line("rtc_1"))
    index.add(line("rtc_2"))
    rounds = iter(["rtc_3"])

    def change(content: bytes) -> bytes:
        for call_id in rounds:
            other.add(line(call_id))
        return without_call(content, "rtc_1")

    empty = index._empty
    late = iter(["rtc_4"])

    def emptied(day: str, etag: str) -> bool:
        done = empty(day, etag)
        for call_id in late if done else ():
            other.add(line(call_id))
        return done

    index._empty = emptied  # type: ignore[method-assign]
    assert index.rewrite(DAY, change)

    assert sorted(calls(index)) == ["rtc_2", "rtc_3", "rtc_4"]


def test_an_index_of_several_blocks(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than one append is written in several, each of whole lines."""
    monkeypatch.setattr(index_module, "BLOCK_BYTES", 1000)
    index = Index(storage)
    many = [line(f"rtc_{number}") for number in range(50)]

    assert index.rewrite(DAY, lambda _: encode_index(many))
    assert index.read(DAY) == many
    blocks = storage.container.get_blob_client(index_name(DAY)).get_blob_properties().append_blob_committed_block_count
    assert (blocks or 0) > 4


def test_an_index_without_room(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 50,000 appends the index is written anew, with one line for each call."""
    index = Index(storage)
    for _ in range(3):
        index.add(line("rtc_1"))
    append = Blob.append_block
    refused: list[bytes] = []

    def append_block(blob: Blob, content: bytes, **options: Any) -> None:
        if not refused:
            refused.append(content)
            # Azurite takes any number of appends; this is what Azure answers to the 50,001st.
            raise ResourceExistsError("Storage answered 409 BlockCountExceedsLimit")
        append(blob, content, **options)

    monkeypatch.setattr(Blob, "append_block", append_block)
    index.add(line("rtc_2"))

    assert refused
    content = storage.blob(index_name(DAY)).download_blob().body
    assert content.count(b"\n") == 2
    assert [one.call_id for one in decode_index(content)] == ["rtc_1", "rtc_2"]


def test_an_index_that_is_always_written(storage: Storage) -> None:
    """A rewriting that never comes to its turn gives up, and says so."""
    index, other = Index(storage), Index(storage)
    index.add(line("rtc_1"))

    def change(content: bytes) -> bytes:
        other.add(msgspec.structs.replace(line("rtc_2"), turns=len(content)))
        return b""

    with pytest.raises(StorageUnavailable):
        index.rewrite(DAY, change)
    assert sorted(calls(index)) == ["rtc_1", "rtc_2"]
