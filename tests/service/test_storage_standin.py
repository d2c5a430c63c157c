"""The storage stand-in answers what Azurite answers to the same calls of the SDK."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.storage.blob import BlobServiceClient, ContainerClient, ContentSettings, LinearRetry
from azure.storage.queue import QueueClient, QueueServiceClient, TextBase64EncodePolicy

from switchboard.credentials import Identity
from switchboard.storage import Storage
from tests.examples import NETWORK, settings
from tests.processes import PYTHON, Azurite, free_port, running
from tests.service.stage import places_in

IF_NONE = MatchConditions.IfMissing
IF_SAME = MatchConditions.IfNotModified


class Standin:
    """Holds a running stand-in."""

    def __init__(self) -> None:
        self.blob_port, self.queue_port, self.control_port = free_port(), free_port(), free_port()
        self.control = f"http://127.0.0.1:{self.control_port}"
        self.connection_string = (
            "DefaultEndpointsProtocol=http;AccountName=tests;AccountKey=c3dpdGNoYm9hcmQ=;"
            f"BlobEndpoint=http://127.0.0.1:{self.blob_port}/tests;"
            f"QueueEndpoint=http://127.0.0.1:{self.queue_port}/tests;"
        )

    def command(self) -> list[str]:
        ports = (
            *("--blob-port", str(self.blob_port), "--queue-port", str(self.queue_port)),
            *("--control-port", str(self.control_port)),
        )
        return [PYTHON, "-m", "tests.standins.storage", *ports]

    def fault(self, **rule: Any) -> None:
        requests.post(f"{self.control}/faults", json=rule, timeout=5).raise_for_status()


@pytest.fixture(scope="module")
def standin(logs: Path) -> Iterator[Standin]:
    standin = Standin()
    with running(standin.command(), standin.control_port, log=logs / "standin.log"):
        yield standin


def outcome(do: Callable[[], Any]) -> Any:
    """Return what a call gives; of an error, what a program can tell it by."""
    try:
        return do()
    except HttpResponseError as error:
        return type(error).__name__, error.status_code, getattr(error, "error_code", None)


def block_blobs(box: ContainerClient) -> Iterator[Any]:
    blob = box.get_blob_client("a folder/ünï&<>.json")
    yield outcome(blob.download_blob)
    yield outcome(blob.delete_blob)
    yield outcome(blob.get_blob_properties)
    first = blob.upload_blob(b"one", content_settings=ContentSettings("application/json"), metadata={"call": "x"})
    yield sorted(key for key in first if key in ("etag", "last_modified", "date", "version", "request_id"))
    yield outcome(lambda: blob.upload_blob(b"two"))
    yield outcome(lambda: blob.upload_blob(b"two", overwrite=True, etag="0x1", match_condition=IF_SAME))
    second = blob.upload_blob(b"three", overwrite=True, etag=first["etag"], match_condition=IF_SAME)
    yield second["etag"] != first["etag"]
    yield outcome(lambda: blob.upload_blob(b"x", overwrite=True, etag=first["etag"], match_condition=IF_SAME))
    found = blob.download_blob()
    yield found.readall(), found.properties.etag == second["etag"], found.properties.metadata, found.size
    known = blob.get_blob_properties()
    yield known.size, known.blob_type, known.content_settings.content_type, known.etag == second["etag"]
    yield known.lease.state, known.lease.status, abs(known.last_modified.timestamp() - time.time()) < 10
    changed: dict[str, Any] = blob.set_blob_metadata({"beat": "2"}, etag=second["etag"], match_condition=IF_SAME)
    yield blob.get_blob_properties().metadata, changed["etag"] != second["etag"]
    yield outcome(lambda: blob.set_blob_metadata({}, etag=second["etag"], match_condition=IF_SAME))
    yield outcome(lambda: blob.delete_blob(etag=second["etag"], match_condition=IF_SAME))
    yield outcome(lambda: blob.delete_blob(etag=changed["etag"], match_condition=IF_SAME))
    yield blob.exists(), outcome(lambda: blob.append_block(b"x"))
    yield outcome(lambda: box.get_blob_client("missing").append_block(b"x"))


def large_blobs(box: ContainerClient) -> Iterator[Any]:
    blob = box.get_blob_client("large")
    content = bytes(range(256)) * 4096
    blob.upload_blob(content)
    yield blob.download_blob(offset=10, length=20).readall() == content[10:30]
    chunked = BlobServiceClient(
        box.url.rsplit("/", 1)[0],
        credential=box.credential,
        max_single_get_size=1000,
        max_chunk_get_size=100_000,
    )
    with chunked:
        yield chunked.get_blob_client(box.container_name, "large").download_blob().readall() == content
    box.upload_blob("empty", b"")
    yield box.download_blob("empty").readall()
    yield outcome(lambda: box.download_blob("empty", offset=5, length=1).readall())


def append_blobs(box: ContainerClient) -> Iterator[Any]:
    blob = box.get_blob_client("journals/rtc_1.jsonl")
    blob.create_append_blob(match_condition=IF_NONE)
    yield outcome(lambda: blob.create_append_blob(match_condition=IF_NONE))
    yield blob.download_blob().readall()
    done = blob.append_block(b"first\n")
    yield done["blob_append_offset"], done["blob_committed_block_count"]
    done = blob.append_block(b"second\n", appendpos_condition=6)
    yield done["blob_append_offset"], done["blob_committed_block_count"]
    yield outcome(lambda: blob.append_block(b"again\n", appendpos_condition=6))
    yield outcome(lambda: blob.append_block(b"too long\n", maxsize_condition=15))
    yield outcome(lambda: blob.append_block(b"x", etag="0x1", match_condition=IF_SAME))
    yield blob.download_blob().readall(), blob.download_blob(offset=6).readall()
    properties = blob.get_blob_properties()
    yield properties.blob_type, properties.append_blob_committed_block_count, properties.size
    blob.create_append_blob()
    yield blob.download_blob().readall()


def leases(box: ContainerClient) -> Iterator[Any]:
    blob = box.get_blob_client("leased")
    blob.upload_blob(b"x", metadata={"a": "b"})
    lease = blob.acquire_lease(15)
    yield outcome(lambda: blob.acquire_lease(15))
    yield outcome(lambda: blob.upload_blob(b"y", overwrite=True))
    other: Any = str(uuid.uuid4())
    yield outcome(lambda: blob.upload_blob(b"y", overwrite=True, lease=other))
    yield outcome(lambda: blob.delete_blob())
    blob.upload_blob(b"y", overwrite=True, lease=lease)
    known = blob.get_blob_properties()
    yield known.lease.state, known.lease.status
    yield {entry.name: (entry.lease.state, entry.lease.status) for entry in box.list_blobs()}
    lease.renew()
    lease.release()
    known = blob.get_blob_properties()
    yield known.lease.state, known.lease.status
    lease = blob.acquire_lease(-1)
    yield lease.break_lease(0)
    known = blob.get_blob_properties()
    yield known.lease.state, known.lease.status
    blob.delete_blob()


def listings(box: ContainerClient) -> Iterator[Any]:
    for name in ("live/b", "live/a", "live/c/1", "live/c/2", "places/ü&<"):
        box.upload_blob(name, name.encode(), metadata={"n": name[-1] if name[-1].isalnum() else "odd"})
    yield [blob.name for blob in box.list_blobs()]
    yield [(b.name, b.size, b.metadata, b.blob_type) for b in box.list_blobs("live/", include=["metadata"])]
    yield [b.metadata for b in box.list_blobs("live/")]
    yield list(box.list_blob_names(name_starts_with="pla"))
    pages = box.list_blobs("live/", results_per_page=2).by_page()
    yield [[blob.name for blob in page] for page in pages]
    yield [found.name for found in box.walk_blobs("live/")]
    yield [b.last_modified is not None and b.etag is not None for b in box.list_blobs("live/a")]


def containers(box: ContainerClient) -> Iterator[Any]:
    yield box.exists(), outcome(box.create_container)
    with ContainerClient.from_container_url(box.url + "-other", credential=box.credential) as other:
        yield other.exists(), outcome(lambda: other.upload_blob("a", b"x")), outcome(lambda: list(other.list_blobs()))
        other.create_container()
        yield other.exists()
        other.delete_container()


@pytest.mark.parametrize("calls", [block_blobs, large_blobs, append_blobs, leases, listings, containers])
def test_blobs_as_in_azurite(
    calls: Callable[[ContainerClient], Iterator[Any]], azurite: Azurite, standin: Standin
) -> None:
    name = f"compare-{uuid.uuid4().hex[:8]}"
    heard = []
    for server in (azurite, standin):
        with ContainerClient.from_connection_string(server.connection_string, name) as box:
            box.create_container()
            heard.append(list(calls(box)))
    assert heard[1] == heard[0]


def messages(queue: QueueClient) -> Iterator[Any]:
    yield outcome(lambda: queue.send_message("x"))
    queue.create_queue()
    yield outcome(queue.create_queue)
    sent = queue.send_message('{"a": "<&ü"}')
    yield sent.dequeue_count, bool(sent.pop_receipt), sent.inserted_on is not None
    queue.send_message("later", visibility_timeout=100)
    yield [(m.content, m.dequeue_count) for m in queue.peek_messages(5)]
    yield queue.get_queue_properties().approximate_message_count
    (held,) = queue.receive_messages(messages_per_page=10, visibility_timeout=30)
    yield held.id == sent.id, held.content, held.dequeue_count
    yield queue.peek_messages(5), list(queue.receive_messages())
    changed = queue.update_message(held, visibility_timeout=0)
    yield changed.pop_receipt != held.pop_receipt
    yield outcome(lambda: queue.delete_message(held))
    again = queue.receive_message(visibility_timeout=30)
    assert again is not None
    yield again.dequeue_count, again.content
    changed = queue.update_message(again, content="other", visibility_timeout=0)
    third = queue.receive_message()
    assert third is not None
    yield third.content, third.dequeue_count
    queue.delete_message(third)
    yield outcome(lambda: queue.delete_message(third))
    yield outcome(lambda: queue.update_message(third, visibility_timeout=1))
    yield queue.get_queue_properties().approximate_message_count
    queue.clear_messages()
    yield queue.get_queue_properties().approximate_message_count
    queue.delete_queue()
    yield outcome(lambda: queue.get_queue_properties())


def test_queues_as_in_azurite(azurite: Azurite, standin: Standin) -> None:
    name = f"compare-{uuid.uuid4().hex[:8]}"
    heard = []
    for server in (azurite, standin):
        with QueueServiceClient.from_connection_string(server.connection_string) as service:
            heard.append(list(messages(service.get_queue_client(name, message_encode_policy=TextBase64EncodePolicy()))))
    assert heard[1] == heard[0]


def test_an_etag_of_a_list_needs_its_quotes_for_a_condition(standin: Standin) -> None:
    """Lists name ETags without quotes. Azure compares them as they are, which Azurite does not."""
    name = f"etags-{uuid.uuid4().hex[:8]}"
    with ContainerClient.from_connection_string(standin.connection_string, name) as box:
        box.create_container()
        box.upload_blob("a", b"x")
        (listed,) = box.list_blobs()
        refused = outcome(lambda: box.delete_blob("a", etag=listed.etag, match_condition=IF_SAME))
        assert refused[1:] == (412, "ConditionNotMet")
        box.delete_blob("a", etag=f'"{listed.etag}"', match_condition=IF_SAME)


def test_the_sweep_frees_a_place_in_such_a_storage(standin: Standin) -> None:
    """A place that was found in a list is really free afterwards."""
    environ = {"AzureWebJobsStorage": standin.connection_string, "ARCHIVE_CONTAINER": f"places-{uuid.uuid4().hex[:8]}"}
    storage = Storage(settings(**environ).storage, Identity("", NETWORK), environ["ARCHIVE_CONTAINER"], NETWORK)
    places = places_in(storage)
    places.reserve("ada")
    held = list(places.held())
    for place in held:
        places.free(place)

    assert len(held) == 2
    assert list(places.held()) == []


def test_faults_on_order(standin: Standin) -> None:
    """Each fault, by operation and by name; and what was done although nobody heard of it."""
    retry = LinearRetry(retry_total=0)
    name = f"faults-{uuid.uuid4().hex[:8]}"
    box = ContainerClient.from_connection_string(
        standin.connection_string, name, retry_policy=retry, connection_timeout=2, read_timeout=1
    )
    requests.delete(f"{standin.control}/counts", timeout=5)
    with box:
        box.create_container()
        standin.fault(fault="refuse", on="put_blob", name="*/live/*", status=503, times=1)
        box.upload_blob("other/a", b"x")
        assert outcome(lambda: box.upload_blob("live/a", b"x"))[1] == 503
        box.upload_blob("live/a", b"x")
        standin.fault(fault="lose", on="put_blob", name="*/live/b", times=1)
        with pytest.raises((ServiceRequestError, ServiceResponseError)):
            box.upload_blob("live/b", b"x")
        assert box.get_blob_client("live/b").exists()
        standin.fault(fault="silent", on="get_blob", client="tests")
        with pytest.raises(ServiceResponseError):
            box.download_blob("live/a")
        requests.delete(f"{standin.control}/faults", timeout=5)
        standin.fault(fault="slow", on="get_blob", seconds=0.5, skip=1, times=1)
        took = []
        for _ in range(3):
            began = time.monotonic()
            box.download_blob("live/a").readall()
            took.append(time.monotonic() - began)
        assert took[1] >= 0.5 > took[2]
    counted = requests.get(f"{standin.control}/counts", timeout=5).json()
    assert counted["put_blob"] == 4
    assert counted["get_properties"] == 1
