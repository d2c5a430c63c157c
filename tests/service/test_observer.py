"""Tests the observer on a real sideband (emulator) and a real journal (Azurite): what it keeps and how calls end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from time import time

import pytest

from switchboard.errors import UpstreamError
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.events import PlaybackStopped
from switchboard.record.lines import Detached, HangUpRequested
from switchboard.storage import Storage
from tests.emulator import Emulator
from tests.service.stage import Stage
from tests.wait import eventually


@pytest.fixture
async def stage(client: RealtimeClient, storage: Storage, emulator: Emulator) -> AsyncIterator[Stage]:
    stage = Stage(client, storage, emulator)
    yield stage
    with contextlib.suppress(UpstreamError):
        await asyncio.to_thread(client.hang_up, emulator.url, stage.call_id)


async def test_a_call_from_attach_to_end(stage: Stage) -> None:
    """A turn is kept with its words, latency and usage, and when the browser leaves, the call has ended."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await stage.talk("What time is it?", "It is noon.")
    await eventually(lambda: stage.summary().turns[0].audio_stopped is not None, "the answer has been played")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    summary = stage.summary()
    (turn,) = summary.turns
    assert stage.said() == [("user", "What time is it?"), ("assistant", "It is noon.")]
    assert turn.response_latency_ms is not None
    assert (turn.status, turn.interrupted) == ("completed", False)
    assert summary.end_reason == "peer_left"
    assert summary.usage.responses == 1
    assert summary.usage.input.audio > 0
    assert summary.usage.output.audio > 0
    assert summary.usage.transcription.output > 0
    assert summary.gaps == []


async def test_a_callers_place_is_free_after_the_call(stage: Stage) -> None:
    """The observer gives the caller's place back when the call has ended."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    assert await asyncio.to_thread(stage.places.reserve, "ada")


async def test_longest_call(stage: Stage) -> None:
    """MAX_CALL_SECONDS ends a call through the hang-up endpoint, and the summary says so."""
    call = await stage.call(max_call_seconds=1)
    await stage.observers().observe(call)

    assert stage.summary().end_reason == "max_call_seconds"
    assert stage.emulator.calls()[call.call_id]["state"] == "ended"


async def test_idle_call(stage: Stage) -> None:
    """MAX_IDLE_SECONDS ends a call in the same way, counted from the last thing that happened in it."""
    call = await stage.call(max_idle_seconds=1)
    await stage.observers().observe(call)

    summary = stage.summary()
    assert summary.end_reason == "max_idle_seconds"
    assert summary.duration_seconds >= 1


async def test_a_call_that_nobody_hears_is_not_idle(stage: Stage) -> None:
    """An observer that comes after a long gap hears the call first; it does not hang up a call in which people talk."""
    call = await stage.call(max_idle_seconds=1)
    await asyncio.to_thread(stage.emulator.fault, "sideband", "500", times=4)
    await asyncio.sleep(1.2)
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await stage.talk("Are you still there?", "I am.")
    assert await observing

    assert stage.said() == [("user", "Are you still there?"), ("assistant", "I am.")]
    assert stage.summary().end_reason == "max_idle_seconds"


async def test_limit_that_cannot_be_enforced_at_once(stage: Stage) -> None:
    """While the service refuses the hang-up the record stays open, and the observer goes on trying."""
    call = await stage.call(max_call_seconds=1)
    await asyncio.to_thread(stage.emulator.fault, "hangup", "500")
    observing = asyncio.create_task(stage.observers().observe(call))
    await eventually(lambda: any(isinstance(line, HangUpRequested) for line in stage.lines()), "the limit is reached")
    await asyncio.sleep(1)
    assert stage.summary().ended is None
    assert not observing.done()

    await asyncio.to_thread(stage.emulator.clear_faults)
    assert await observing
    assert stage.summary().end_reason == "max_call_seconds"
    assert stage.emulator.calls()[call.call_id]["state"] == "ended"


async def test_a_404_of_a_call_that_is_up(stage: Stage) -> None:
    """After a sideband was lost, one 404 is not believed: the call goes on and is observed."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await asyncio.to_thread(stage.emulator.fault, "sideband", "404", times=1)
    await asyncio.to_thread(stage.emulator.fault, "sideband", "drop", times=1)
    await stage.attached(times=2)
    assert stage.emulator.calls()[call.call_id]["state"] == "live"
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    assert stage.summary().end_reason == "peer_left"


async def test_a_service_that_denies_a_call_that_is_up(stage: Stage) -> None:
    """Nobody closes the record on the sideband's word alone: the call is hung up, and the summary says why."""
    call = await stage.call(at=time() - 10)
    await asyncio.to_thread(stage.emulator.fault, "sideband", "404")
    await stage.observers().observe(call)

    assert stage.summary().end_reason == "observer_failed"
    assert stage.emulator.calls()[call.call_id]["state"] == "ended"


async def test_clean_close_is_not_the_end(stage: Stage) -> None:
    """After a clean close the observer dials again; if the call is up (a proxy restarted), it stays."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await stage.talk("One", "First answer.")
    # A proxy that restarts may also claim, once, that there is no such call.
    await asyncio.to_thread(stage.emulator.fault, "sideband", "404", times=1)
    await asyncio.to_thread(stage.emulator.fault, "sideband", "close", times=1)
    await stage.attached(times=2)
    await stage.talk("Two", "Second answer.")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    assert [text for role, text in stage.said() if role == "assistant"] == ["First answer.", "Second answer."]
    assert stage.summary().end_reason == "peer_left"


async def test_lost_connection(stage: Stage) -> None:
    """The observer dials again after a connection that broke without a close frame."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await asyncio.to_thread(stage.emulator.fault, "sideband", "drop", times=1)
    await stage.attached(times=2)
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    detached = [line.how for line in stage.lines() if isinstance(line, Detached)]
    assert detached[0] == "lost"
    assert stage.summary().end_reason == "peer_left"


async def test_sideband_that_is_refused_at_first(stage: Stage) -> None:
    """The observer dials again if the service does not know a new call yet, or is busy."""
    call = await stage.call()
    await asyncio.to_thread(stage.emulator.fault, "sideband", "404", times=1)
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await asyncio.to_thread(stage.emulator.fault, "sideband", "500", times=2)
    await asyncio.to_thread(stage.emulator.fault, "sideband", "drop", times=1)
    await stage.attached(times=2)
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    assert stage.summary().end_reason == "peer_left"


async def test_sideband_that_stays_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that cannot be observed is hung up, and the summary says why."""
    monkeypatch.setattr("switchboard.observing.ear.REDIAL_SECONDS", (0.1, 0.1))
    call = await stage.call()
    await asyncio.to_thread(stage.emulator.fault, "sideband", "401")
    await stage.observers().observe(call)

    summary = stage.summary()
    assert summary.end_reason == "observer_failed"
    assert summary.errors[0].code == "sideband_failed"
    assert stage.emulator.calls()[call.call_id]["state"] == "ended"


async def test_services_own_limit(stage: Stage) -> None:
    """The service ends a session at its own maximum duration, with a reason in the close frame."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await asyncio.to_thread(stage.emulator.fault, "sideband", "cap", times=1)
    await observing

    summary = stage.summary()
    assert summary.end_reason == "service_limit"
    assert [error.code for error in summary.errors] == ["session_expired"]


async def test_hung_up_by_the_caller(stage: Stage) -> None:
    """The request in the journal says who hung up; the observer itself sees only that the call ended."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    requested = HangUpRequested(at=round(time(), 3), reason="hung_up_by_caller")
    await asyncio.to_thread(stage.journals.append, call.call_id, [requested])
    await asyncio.to_thread(stage.client.hang_up, call.endpoint, call.call_id)
    await observing

    assert stage.summary().end_reason == "hung_up_by_caller"


async def test_run_again_after_the_end(stage: Stage) -> None:
    """If the journal says that the call has ended, nothing is dialled."""
    call = await stage.call(max_call_seconds=1)
    await stage.observers().observe(call)
    before = stage.lines()
    await stage.observers().observe(call)

    assert stage.lines() == before


async def test_call_that_is_gone(stage: Stage) -> None:
    """A call that ended before any observer came is recorded as ended."""
    call = await stage.call(at=time() - 10)
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await stage.observers().observe(call)

    summary = stage.summary()
    assert summary.end_reason == "peer_left"
    assert len(summary.gaps) == 1


async def test_what_was_said_before_the_observer_came(stage: Stage) -> None:
    """An item that arrived before the observer is retrieved, and the transcript has it in its place."""
    call = await stage.call()
    async with stage.observers().dial(call.endpoint, call.call_id) as ear:
        await asyncio.to_thread(stage.emulator.turn, call.call_id, "Before", "Too early to be heard.")
        while not isinstance(await ear.receive(), PlaybackStopped):
            pass
    observing = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await stage.talk("After", "Now you are heard.")
    await eventually(lambda: len(stage.said()) == 3, "what was missed has come")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    assert stage.said() == [
        ("assistant", "Too early to be heard."),
        ("user", "After"),
        ("assistant", "Now you are heard."),
    ]
    assert stage.summary().errors == []


async def test_words_are_not_archived(stage: Stage) -> None:
    """With ARCHIVE_TRANSCRIPTS=off no line of the journal contains a word."""
    call = await stage.call()
    observing = asyncio.create_task(stage.observers(ARCHIVE_TRANSCRIPTS="off").observe(call))
    await stage.attached()
    await asyncio.to_thread(stage.emulator.turn, call.call_id, "Swordfish", "Marmalade")
    await eventually(lambda: ("assistant", None) in stage.said(), "the turn is in the journal")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    journal = await asyncio.to_thread(stage.journals.read_bytes, call.call_id) or b""
    assert b"Swordfish" not in journal
    assert b"Marmalade" not in journal
    assert [line.role for line in stage.summary().transcript] == ["user", "assistant"]
