"""Tests the repair of live calls, forgotten calls and places in a real Azurite."""

import asyncio
import json
import uuid
from contextlib import closing

import pytest
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from switchboard.environment import read_settings
from switchboard.limits.budget import Budget
from switchboard.record.lines import CallCreated
from switchboard.record.names import summary_name
from switchboard.record.queues import OBSERVE_CALLS
from switchboard.services import Services, build
from tests.examples import call
from tests.processes import Azurite
from tests.service.repairing import journal, repair


@pytest.fixture
def lapsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every live call count as unobserved, and every place as old, without a minute's wait."""
    monkeypatch.setattr("switchboard.observing.waking.WAKING_SECONDS", -1)
    monkeypatch.setattr("switchboard.observing.waking.LAPSE_SECONDS", -1)
    monkeypatch.setattr("switchboard.observing.sweep.CONNECT_SECONDS", -1)


def woken(azurite: Azurite, *call_ids: str) -> list[str]:
    """Return which of these calls a message asks to be observed, and take those messages from the queue."""
    queue = QueueClient.from_connection_string(
        azurite.connection_string, OBSERVE_CALLS, message_decode_policy=TextBase64DecodePolicy()
    )
    found = []
    for message in queue.receive_messages(max_messages=32, visibility_timeout=1):
        named = [call_id for call_id in call_ids if f'"{call_id}"' in message.content]
        if named:
            queue.delete_message(message)
        found += named
    return sorted(found)


def test_a_forgotten_call(
    services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str], azurite: Azurite
) -> None:
    """An open journal without a live call gets an observer, once."""
    call_id = f"rtc_{uuid.uuid4().hex}"
    created = journal(services, call_id, ended=False)

    assert repair(environ, capsys) == (1, {f"journals/{call_id}.jsonl": "call_forgotten"})
    assert services.live.find(call_id) is None
    assert repair(environ, capsys, "--write") == (0, {f"journals/{call_id}.jsonl": "call_forgotten!"})
    assert repair(environ, capsys, "--write") == (0, {})

    assert services.live.find(call_id) == created
    assert woken(azurite, call_id) == [call_id]


async def observed(services: Services, created: CallCreated) -> bool:
    return await services.observers.observe(created)


def test_a_forgotten_call_to_its_end(
    emulator_url: str, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The observer that is woken for a forgotten call closes its record, and the next repair writes the summary."""
    environ |= {"REALTIME_ENDPOINT": emulator_url, "REALTIME_API_KEY": "emulator"}
    with closing(build(read_settings(environ))) as services:
        call_id = f"rtc_{uuid.uuid4().hex}"
        created = journal(services, call_id, ended=False, endpoint=emulator_url)
        blob = f"journals/{call_id}.jsonl"
        assert repair(environ, capsys, "--write") == (0, {blob: "call_forgotten!"})

        assert asyncio.run(observed(services, created))

        assert repair(environ, capsys, "--write") == (0, {blob: "summary_missing!"})
        assert repair(environ, capsys) == (0, {})
        summary = services.storage.container.download_blob(summary_name(call_id, created.at)).readall()
        assert json.loads(summary)["end_seen"] is False


@pytest.mark.usefixtures("lapsed")
def test_live_calls(
    services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str], azurite: Azurite
) -> None:
    """Live calls that nobody observes get an observer, whatever their journals say."""
    ids = [f"rtc_{name}_{uuid.uuid4().hex}" for name in ("ended", "left", "new")]
    ended, left, new = ids
    services.live.start(journal(services, ended))
    services.archive.summarise(ended)
    services.live.start(journal(services, left, ended=False))
    services.live.start(call(call_id=new))

    assert repair(environ, capsys, "--write") == (
        0,
        {
            f"live/{ended}": "live_ended!",
            f"live/{left}": "live_unobserved!",
            f"live/{new}": "live_without_journal!",
        },
    )
    assert woken(azurite, *ids) == sorted(ids)


def test_a_call_whose_cost_waits(
    services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A call that ended and was never counted is counted by the sweep, once."""
    services.live.close(journal(services, "rtc_1"), cost=0.25)
    services.archive.summarise("rtc_1")

    assert repair(environ, capsys) == (1, {"live/rtc_1": "live_uncounted"})
    assert repair(environ, capsys, "--write") == (0, {"live/rtc_1": "live_uncounted!"})
    assert repair(environ, capsys, "--write") == (0, {})

    assert Budget(services.storage, 1.0).share_left() == 0.75


@pytest.mark.usefixtures("lapsed")
def test_places(services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Places that belong to no live call are freed; those of a live call stay."""
    services.live.take(call(place=services.places.reserve("ada")), "an observer")
    used = {place.name for place in services.places.held()}
    services.places.reserve("bob")
    stale = {place.name for place in services.places.held()} - used

    code, found = repair(environ, capsys)
    assert code == 1
    assert {blob for blob, kind in found.items() if kind == "place_stale"} == stale
    repair(environ, capsys, "--write")

    assert {place.name for place in services.places.held()} == used
