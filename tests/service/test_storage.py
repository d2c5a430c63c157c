"""Tests journal, places, archive and queues against a real Azurite, and storage that is down."""

import asyncio

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from switchboard.credentials import Identity
from switchboard.errors import CallNotFound, StorageUnavailable
from switchboard.observing.live import LiveCalls
from switchboard.observing.poison import Poison
from switchboard.realtime.client import RealtimeClient
from switchboard.record.archive import Archive
from switchboard.record.journal import Journals
from switchboard.record.lines import Attached, CallCreated, CallEnded
from switchboard.record.names import poison_name, summary_name
from switchboard.record.queues import CALL_SUMMARIES, OBSERVE_CALLS, observe_message, summary_message
from switchboard.settings import Secret, StorageSettings
from switchboard.storage import Storage
from switchboard.storage.answers import Answer
from switchboard.storage.operations import Request
from tests.emulator import Emulator
from tests.examples import MIDNIGHT, NETWORK, OFFER, call
from tests.processes import Azurite, azurite_connection, free_port
from tests.service.stage import observers_in, places_in


def test_journal(storage: Storage) -> None:
    """However often a journal is started it begins once, and lines are appended in order."""
    journals = Journals(storage)
    assert journals.read("rtc_1") is None

    assert journals.start(call()) == [call()]
    journals.append("rtc_1", [Attached(at=1)])
    assert journals.start(call(caller_id="somebody else")) == [call(), Attached(at=1)]
    assert journals.read("rtc_1") == [call(), Attached(at=1)]


def test_a_list_says_what_the_sdks_list_says(storage: Storage) -> None:
    """Names, versions, times and metadata are those that the SDK reads, whatever is in a name."""
    for name in ("live/a", "live/ä & <b>", "other"):
        storage.blob(name).upload_blob(b"1", metadata={"observer": "o1"} if name.endswith("a") else {})

    ((page, now),) = storage.list_blobs("live/")
    listed = list(storage.container.list_blobs(name_starts_with="live/", include=["metadata"]))
    assert [(blob.name, blob.etag, blob.modified, blob.metadata) for blob in page.blobs] == [
        (blob.name, blob.etag.strip('"'), blob.last_modified, blob.metadata or {}) for blob in listed
    ]
    assert [blob.name for blob in page.blobs] == ["live/a", "live/ä & <b>"]
    assert 0 <= (now - page.blobs[0].modified).total_seconds() < 60
    assert [page.blobs for page, _ in storage.list_blobs("nothing/")] == [[]]


def test_a_list_of_several_pages(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page names the next one. Storage itself would need 5,000 blobs for that."""
    headers = {"date": "Sat, 21 Nov 2026 00:00:00 GMT"}
    next_page = {"": "<NextMarker>2!8</NextMarker>", "2!8": "<NextMarker />"}
    asked: list[str] = []

    def ask(request: Request) -> Answer:
        asked.append(dict(request.query).get("marker", ""))
        return Answer(200, headers, f"<E><Blobs/>{next_page[asked[-1]]}</E>".encode())

    monkeypatch.setattr(storage, "_ask_blobs", ask)
    assert [page.next for page, _ in storage.list_blobs("live/")] == ["2!8", ""]
    assert asked == ["", "2!8"]


def test_lines_that_belong_at_a_position(storage: Storage) -> None:
    """Lines for a position are refused once somebody else has appended, and never written elsewhere."""
    journals = Journals(storage)
    journals.start(call())
    position = len(journals.read_bytes("rtc_1") or b"")
    assert journals.append_at("rtc_1", [Attached(at=1)], position)
    assert not journals.append_at("rtc_1", [Attached(at=2)], position)
    assert journals.read("rtc_1") == [call(), Attached(at=1)]


def test_journal_whose_first_writer_died(storage: Storage) -> None:
    """If the blob exists but is empty, the next writer adds the first line."""
    journals = Journals(storage)
    storage.container.get_blob_client("journals/rtc_1.jsonl").create_append_blob()

    assert journals.start(call()) == [call()]
    assert journals.read("rtc_1") == [call()]


def test_queue_messages(storage: Storage, azurite: Azurite) -> None:
    """Messages are in base64, as host.json says, and a missing queue is created."""
    storage.send(OBSERVE_CALLS, observe_message(call()))
    queue = QueueClient.from_connection_string(
        azurite.connection_string, OBSERVE_CALLS, message_decode_policy=TextBase64DecodePolicy()
    )
    message = next(m for m in queue.receive_messages() if '"rtc_1"' in m.content)

    assert message.content.startswith('{"type":"call.created"')
    queue.delete_message(message)


def test_summary(storage: Storage, client: RealtimeClient) -> None:
    """The summary is stored under the day of the call's start; folding again gives the same bytes."""
    journals = Journals(storage)
    archive = Archive(storage, journals)
    journals.start(call())
    journals.append("rtc_1", [CallEnded(at=MIDNIGHT + 60, reason="peer_left")])

    name = archive.summarise("rtc_1")
    first = storage.container.download_blob(name).readall()
    archive.summarise("rtc_1")

    assert name == "summaries/2026/11/21/rtc_1.json"
    assert storage.container.download_blob(name).readall() == first
    with pytest.raises(CallNotFound):
        archive.summarise("rtc_2")


def handler(storage: Storage, client: RealtimeClient) -> Poison:
    return Poison(Archive(storage, Journals(storage)), observers_in(storage, client))


def test_poison_of_a_call_that_nobody_observed(storage: Storage, client: RealtimeClient, emulator: Emulator) -> None:
    """The call is hung up, the message is kept as it came, and the sweep still finds the call and has it closed."""
    secret = client.create_client_secret({"type": "realtime", "model": "gpt-realtime"}, 600)
    created = client.create_call(secret, OFFER)
    unobserved = call(call_id=created.call_id, endpoint=created.endpoint)
    message = observe_message(unobserved)

    handler(storage, client).handle(OBSERVE_CALLS, "m1", MIDNIGHT, message)
    assert storage.container.download_blob(poison_name(OBSERVE_CALLS, "m1", MIDNIGHT)).readall() == message
    assert emulator.calls()[created.call_id]["state"] == "ended"
    assert [listed.call_id for listed in LiveCalls(storage).all()] == [created.call_id]

    async def observe() -> bool:
        return await observers_in(storage, client).observe(unobserved)

    assert asyncio.run(observe())
    Archive(storage, Journals(storage)).summarise(created.call_id)
    handler(storage, client).handle(OBSERVE_CALLS, "m1", MIDNIGHT, message)
    assert list(LiveCalls(storage).all()) == []
    assert storage.container.get_blob_client(summary_name(created.call_id, MIDNIGHT)).exists()


def test_poison_of_a_summary(storage: Storage, client: RealtimeClient) -> None:
    """What the journal holds is archived all the same."""
    journals = Journals(storage)
    journals.start(call())
    handler(storage, client).handle(CALL_SUMMARIES, "m2", MIDNIGHT, summary_message("rtc_1"))

    assert storage.container.get_blob_client(summary_name("rtc_1", MIDNIGHT)).exists()


@pytest.mark.parametrize("message", [b"", b"garbage \xff", b'{"call_id": "rtc_unknown", "journal": ""}'])
def test_poison_that_names_no_call(storage: Storage, client: RealtimeClient, message: bytes) -> None:
    """A message that names no call is kept, and nothing else can be done with it."""
    handler(storage, client).handle(CALL_SUMMARIES, "m3", MIDNIGHT, message)

    assert storage.container.download_blob(poison_name(CALL_SUMMARIES, "m3", MIDNIGHT)).readall() == message


def unreachable() -> Storage:
    connection = azurite_connection(free_port(), free_port())
    return Storage(StorageSettings(connection_string=Secret(connection)), Identity("", NETWORK), "archive", NETWORK)


def test_storage_that_is_down() -> None:
    """Every use of the storage raises StorageUnavailable, which differs from the service's errors."""
    storage = unreachable()

    with pytest.raises(StorageUnavailable):
        Journals(storage).read("rtc_1")
    with pytest.raises(StorageUnavailable):
        storage.send(OBSERVE_CALLS, b"{}")
    with pytest.raises(StorageUnavailable):
        places_in(storage).reserve("ada")


def test_one_line_of_a_call_is_its_own(storage: Storage) -> None:
    """A journal is found by the call's id alone, and two calls never share a blob."""
    journals = Journals(storage)
    journals.start(call())
    journals.start(call(call_id="rtc_2"))

    (line,) = journals.read("rtc_2") or []
    assert isinstance(line, CallCreated)
    assert line.call_id == "rtc_2"
    with pytest.raises(ResourceNotFoundError):
        storage.container.download_blob("journals/rtc_3.jsonl")
