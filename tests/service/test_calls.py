"""Tests what can be done with calls, by the gateway's own services, with the emulator and a real Azurite."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from switchboard.assistants.assistant import PLAIN
from switchboard.callers import Caller
from switchboard.errors import (
    BodyInvalid,
    CallNotFound,
    NotYourCall,
    StorageUnavailable,
    SwitchboardError,
    TooManyCalls,
    UpstreamFailed,
)
from switchboard.record.journal import Journals
from switchboard.record.lines import BrowserReport, CallCreated, CallEnded, HangUpRequested
from switchboard.record.summary import MOST_REPORTS
from switchboard.services import Services, build
from switchboard.session import Choice
from switchboard.storage.blob import Blob
from tests.emulator import Emulator
from tests.examples import OFFER, settings
from tests.processes import Azurite
from tests.wait import wait_for

ADA, BOB = Caller("ada"), Caller("bob")


@pytest.fixture
def services(emulator: Emulator, azurite: Azurite) -> Iterator[Services]:
    services = build(
        settings(
            REALTIME_ENDPOINT=emulator.url,
            REALTIME_API_KEY="emulator",
            AzureWebJobsStorage=azurite.connection_string,
            ARCHIVE_CONTAINER=f"archive-{uuid.uuid4().hex[:12]}",
            SIGNALLING="both",
            MAX_CALLS_PER_CALLER="1",
        )
    )
    yield services
    services.close()


def connect(services: Services) -> str:
    return services.connecting.connect(ADA, OFFER, Choice()).call_id


def set_up_by_the_page(services: Services) -> str:
    """Return the id of a call that a page has set up with a token of its own."""
    token = services.connecting.token(ADA, Choice())
    return services.connecting._client.create_call(token.secret, OFFER).call_id


def test_hung_up_before_anybody_observed_it(services: Services, emulator: Emulator) -> None:
    """The call is known at once, and its caller may call again at once."""
    first = connect(services)
    assert services.calls.look(ADA, first).state == "connecting"
    with pytest.raises(TooManyCalls):
        connect(services)

    services.calls.hang_up(ADA, first)
    assert emulator.calls()[first]["state"] == "ended"
    services.calls.hang_up(ADA, connect(services))


def test_a_service_that_refuses_the_hang_up(services: Services, emulator: Emulator) -> None:
    """The caller is told that the call may be up. The record stays open and the place stays taken until it is down."""
    call_id = connect(services)
    emulator.fault("hangup", "500")
    with pytest.raises(UpstreamFailed):
        services.calls.hang_up(ADA, call_id)
    with pytest.raises(TooManyCalls):
        connect(services)
    assert services.calls.look(ADA, call_id).state == "connecting"

    emulator.clear_faults()
    services.calls.hang_up(ADA, call_id)
    assert emulator.calls()[call_id]["state"] == "ended"


@pytest.mark.parametrize("begun", [True, False])
def test_a_long_call_is_hung_up_as_quickly_as_a_short_one(
    services: Services, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """Once an observer holds the call, nobody reads its journal to hang it up, whether it has been begun or not."""
    call_id = connect(services)
    call = services.live.find(call_id)
    assert call is not None
    assert services.live.take(call, "observer") is not None
    if begun:
        services.journals.start(call)
    with pytest.raises(NotYourCall):
        services.calls.hang_up(BOB, call_id)

    read: list[str] = []
    whole = Journals.read_bytes

    def noted(journals: Journals, name: str) -> bytes | None:
        read.append(name)
        return whole(journals, name)

    monkeypatch.setattr(Journals, "read_bytes", noted)
    services.calls.hang_up(ADA, call_id)
    monkeypatch.undo()

    assert emulator.calls()[call_id]["state"] == "ended"
    assert read == []
    assert [type(line) for line in services.journals.read(call_id) or []] == [CallCreated, HangUpRequested]


def test_the_service_is_always_asked(services: Services, emulator: Emulator) -> None:
    """Even if the record says that the call has ended, a hang-up ends what is still up."""
    call_id = connect(services)
    services.calls.look(ADA, call_id)
    services.calls._journals.append(call_id, [CallEnded(at=1, reason="unknown")])
    assert services.calls.look(ADA, call_id).state == "ended"
    assert emulator.calls()[call_id]["state"] == "live"

    services.calls.hang_up(ADA, call_id)
    assert emulator.calls()[call_id]["state"] == "ended"


def test_reports_at_the_same_moment(services: Services) -> None:
    """Of forty reports at the same moment as many are kept as a call may have, and the journal holds no more."""
    call_id = connect(services)
    services.calls.look(ADA, call_id)

    def report(number: int) -> bool:
        try:
            services.calls.report(ADA, call_id, {"number": number})
        except BodyInvalid:
            return False
        return True

    with ThreadPoolExecutor(40) as threads:
        kept = sum(threads.map(report, range(40)))

    lines = services.calls._journals.read(call_id) or []
    assert kept == sum(isinstance(line, BrowserReport) for line in lines) == MOST_REPORTS
    services.calls.hang_up(ADA, call_id)


def test_an_id_that_somebody_made_up(services: Services) -> None:
    """Only a call that the service knows can be registered: it gets no journal, no place and no observer otherwise."""
    with pytest.raises(CallNotFound):
        services.connecting.register(ADA, "rtc_madeup", None, PLAIN)

    assert services.calls._journals.read("rtc_madeup") is None
    assert services.calls._live.find("rtc_madeup") is None


def test_a_call_that_cannot_be_registered(
    services: Services, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If storage does not say whose call it is, the call is hung up: nobody would observe it."""
    call_id = set_up_by_the_page(services)

    def away(*_: object, **__: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(Blob, "download_blob", away)
    with pytest.raises(SwitchboardError):
        services.connecting.register(ADA, call_id, None, PLAIN)

    wait_for(lambda: emulator.calls()[call_id]["state"] == "ended", "the call is hung up")


def test_a_page_that_registers_its_call(services: Services) -> None:
    """The call takes over the place that was held for the token, and registering it again changes nothing."""
    call_id = set_up_by_the_page(services)
    with pytest.raises(TooManyCalls):
        connect(services)

    services.connecting.register(ADA, call_id, None, PLAIN)
    services.connecting.register(ADA, call_id, None, PLAIN)
    assert services.calls.look(ADA, call_id).signalling == "token"
    services.calls.hang_up(ADA, call_id)
    requested = [line for line in services.calls._journals.read(call_id) or [] if isinstance(line, HangUpRequested)]
    assert [line.reason for line in requested] == ["hung_up_by_caller"]
