"""The gateway's own client of a blob does what the SDK's client does, in Azurite and in the stand-in alike."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.storage.blob import BlobClient, ContainerClient
from urllib3.util import Timeout

from switchboard.credentials import Identity
from switchboard.settings import Secret, StorageSettings
from switchboard.storage import Storage, sending
from switchboard.storage.answers import Answer
from switchboard.storage.blob import Blob
from tests.examples import NETWORK
from tests.processes import Azurite, running
from tests.service.test_storage_standin import IF_NONE, IF_SAME, Standin

Open = Callable[[str], Any]


@pytest.fixture(scope="module")
def standin(logs: Path) -> Iterator[Standin]:
    standin = Standin()
    with running(standin.command(), standin.control_port, log=logs / "blob-standin.log"):
        yield standin


def storage_of(connection_string: str, container: str) -> Storage:
    settings = StorageSettings(connection_string=Secret(connection_string))
    return Storage(settings, Identity("", NETWORK), container, NETWORK)


def kind_of(do: Callable[[], Any]) -> Any:
    """Return what a call gives; of an error, what the gateway can tell it by."""
    try:
        return do()
    except HttpResponseError as error:
        return type(error).__name__, error.status_code


def content(blob: Blob | BlobClient) -> Any:
    """Return a blob as both clients read it."""
    found: Any = blob.download_blob()
    if isinstance(found, Answer):
        return found.body, found.etag, found.modified
    return found.readall(), found.properties.etag, found.properties.last_modified


def calls(open_blob: Open) -> Iterator[Any]:
    blob = open_blob("a folder/ünï&<>.json")
    yield kind_of(blob.download_blob)
    yield kind_of(blob.delete_blob)
    first = blob.upload_blob(b"one", metadata={"call": "x", "a_b": "y"})["etag"]
    yield kind_of(lambda: blob.upload_blob(b"two"))
    yield kind_of(lambda: blob.upload_blob(b"two", overwrite=True, etag='"0x1"', match_condition=IF_SAME))
    second = blob.upload_blob(b"three", overwrite=True, etag=first, match_condition=IF_SAME)["etag"]
    yield second != first, content(blob)[:2] == (b"three", second)
    yield kind_of(lambda: blob.delete_blob(etag=first, match_condition=IF_SAME))
    yield kind_of(lambda: blob.upload_blob(b"", overwrite=True))["etag"] != second, content(blob)[0]
    yield blob.delete_blob()
    yield kind_of(lambda: blob.upload_blob(b"x", overwrite=True, etag=first, match_condition=IF_SAME))
    journal = open_blob("journals/rtc_1.jsonl")
    yield kind_of(lambda: journal.append_block(b"x"))
    journal.create_append_blob(match_condition=IF_NONE)
    yield kind_of(lambda: journal.create_append_blob(match_condition=IF_NONE))
    journal.append_block(b"first\n")
    journal.append_block(b"second\n", appendpos_condition=6)
    yield kind_of(lambda: journal.append_block(b"again\n", appendpos_condition=6))
    yield content(journal)[0]
    journal.create_append_blob()
    yield content(journal)[0]
    large = open_blob("large")
    large.upload_blob(bytes(range(256)) * 4096)
    yield content(large)[0] == bytes(range(256)) * 4096


@pytest.mark.parametrize("server", ["azurite", "standin"])
def test_the_same_as_with_the_sdk(server: str, azurite: Azurite, standin: Standin) -> None:
    """Each call has the same result or the same error, and each client reads what the other one has written."""
    connection = azurite.connection_string if server == "azurite" else standin.connection_string
    heard = []
    for own in (True, False):
        name = f"compare-{uuid.uuid4().hex[:8]}"
        storage = storage_of(connection, name)
        with ContainerClient.from_connection_string(connection, name) as box:
            box.create_container()
            heard.append(list(calls(storage.blob if own else box.get_blob_client)))
            for blob in box.list_blobs(include=["metadata"]):
                assert content(storage.blob(blob.name)) == content(box.get_blob_client(blob.name))
    assert heard[0] == heard[1]


def test_what_stands_beside_the_content(azurite: Azurite) -> None:
    """The SDK finds the metadata and the type that were written, and a type that was not named is the usual one."""
    name = f"compare-{uuid.uuid4().hex[:8]}"
    storage = storage_of(azurite.connection_string, name)
    storage.blob("a").upload_blob(b"x", metadata={"observer": "1", "cost": "0.5"}, content_type="application/json")
    storage.blob("b").upload_blob(b"x")

    known = [storage.container.get_blob_client(blob).get_blob_properties() for blob in "ab"]
    assert [one.metadata for one in known] == [{"observer": "1", "cost": "0.5"}, {}]
    types = [one.content_settings.content_type for one in known]
    assert types == ["application/json", "application/octet-stream"]
    age = storage.blob("a").download_blob()
    assert 0 <= (age.date - age.modified).total_seconds() < 30


def test_a_container_that_is_missing(azurite: Azurite) -> None:
    """The first request that misses the container creates it, whichever client sends it."""
    listed, deleted = (storage_of(azurite.connection_string, f"compare-{uuid.uuid4().hex[:8]}") for _ in range(2))

    assert list(listed.container.list_blobs()) == []
    assert kind_of(deleted.blob("a").delete_blob) == ("ResourceNotFoundError", 404)
    assert listed.container.exists()
    assert deleted.container.exists()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pause between the tries, which is the same for every kind of failure."""
    monkeypatch.setattr(sending, "PAUSE_SECONDS", 0.01)


@pytest.mark.parametrize(
    ("fault", "status", "tries"),
    [("refuse", 503, 3), ("refuse", 500, 3), ("refuse", 501, 1), ("refuse", 403, 1), ("lose", 0, 3)],
)
@pytest.mark.usefixtures("hasty")
def test_what_is_tried_again(standin: Standin, fault: str, status: int, tries: int) -> None:
    """Storage's own trouble and lost answers are tried again twice; what storage refuses is not."""
    storage = storage_of(standin.connection_string, f"faults-{uuid.uuid4().hex[:8]}")
    storage.blob("other").upload_blob(b"x")
    requests.delete(f"{standin.control}/counts", timeout=5)
    standin.fault(fault=fault, on="get_blob", **({"status": status} if status else {}))
    try:
        with pytest.raises((HttpResponseError, ServiceRequestError)) as caught:
            storage.blob("other").download_blob()
    finally:
        requests.delete(f"{standin.control}/faults", timeout=5)

    counted = requests.get(f"{standin.control}/counts", timeout=5).json()
    assert counted["get_blob"] == tries
    assert getattr(caught.value, "status_code", 0) == status
    assert storage.blob("other").download_blob().body == b"x"


@pytest.mark.usefixtures("hasty")
def test_a_storage_that_keeps_silent(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request whose answer does not come in time is given up; the pause between two tries is as long as it says."""
    monkeypatch.setattr(sending, "_TIMEOUT", Timeout(connect=1, read=0.1))
    monkeypatch.setattr(sending, "READ_SECONDS", 0.1)
    storage = storage_of(standin.connection_string, f"faults-{uuid.uuid4().hex[:8]}")
    storage.blob("other").upload_blob(b"x")
    standin.fault(fault="silent", on="get_blob")
    began = time.monotonic()
    try:
        with pytest.raises(ServiceRequestError):
            storage.blob("other").download_blob()
    finally:
        requests.delete(f"{standin.control}/faults", timeout=5)
    assert time.monotonic() - began >= 3 * 0.1 + 2 * 0.01


def test_the_times_that_a_page_can_wait() -> None:
    """All tries of one request take less than half of what Static Web Apps allows a request from the page."""
    tries = 1 + sending.RETRIES
    assert tries * (sending.CONNECT_SECONDS + sending.READ_SECONDS) + sending.RETRIES * sending.PAUSE_SECONDS < 27
    assert sending._RETRY.get_backoff_time() == sending.PAUSE_SECONDS
