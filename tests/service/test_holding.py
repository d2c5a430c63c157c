"""One observer at a time holds a call: after a kill, with two at once, and when a process is asked to end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from switchboard.errors import UpstreamError
from switchboard.realtime.client import RealtimeClient
from switchboard.record.lines import Attached, Detached
from switchboard.storage import Storage
from tests.emulator import Emulator
from tests.service.stage import Stage


@pytest.fixture
async def stage(client: RealtimeClient, storage: Storage, emulator: Emulator) -> AsyncIterator[Stage]:
    stage = Stage(client, storage, emulator)
    yield stage
    with contextlib.suppress(UpstreamError):
        await asyncio.to_thread(client.hang_up, emulator.url, stage.call_id)


async def test_killed_and_run_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No word that was journaled is lost, and the second observer goes on where the first one was."""
    monkeypatch.setattr("switchboard.observing.live.LAPSE_SECONDS", -1)
    call = await stage.call()
    first = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    await stage.talk("One", "First answer.")
    first.cancel()
    await asyncio.wait([first])

    second = asyncio.create_task(stage.observers().observe(call))
    await stage.attached(times=2)
    await stage.talk("Two", "Second answer.")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await second

    assert stage.said() == [
        ("user", "One"),
        ("assistant", "First answer."),
        ("user", "Two"),
        ("assistant", "Second answer."),
    ]


async def test_two_observers_at_once(stage: Stage) -> None:
    """At-least-once delivery may wake two: only one of them takes the call, and the other one leaves it alone."""
    call = await stage.call()
    first = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    assert not await stage.observers().observe(call)
    await stage.talk("One", "First answer.")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)

    assert await first
    assert stage.said() == [("user", "One"), ("assistant", "First answer.")]
    assert sum(isinstance(line, Attached) for line in stage.lines()) == 1


async def test_an_observer_that_lost_its_call(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was taken for dead finds at its next heartbeat that another has the call, and leaves without harm."""
    monkeypatch.setattr("switchboard.observing.holding.BEAT_SECONDS", 1)
    call = await stage.call()
    first = asyncio.create_task(stage.observers().observe(call))
    await stage.attached()
    monkeypatch.setattr("switchboard.observing.live.LAPSE_SECONDS", -1)
    second = asyncio.create_task(stage.observers().observe(call))
    await stage.attached(times=2)
    assert not await first

    await stage.talk("One", "First answer.")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    assert await second
    assert stage.said() == [("user", "One"), ("assistant", "First answer.")]
    assert stage.summary().usage.responses == 1
    assert stage.summary().gaps == []


async def test_handed_on(stage: Stage) -> None:
    """A process that is asked to end hands its calls on: the next observer can take them at once."""
    call = await stage.call()
    observers = stage.observers()
    first = asyncio.create_task(observers.observe(call))
    await stage.attached()
    await stage.talk("One", "First answer.")
    observers.leave()
    assert not await first

    second = asyncio.create_task(stage.observers().observe(call))
    await stage.attached(times=2)
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    assert await second
    assert next(line.how for line in stage.lines() if isinstance(line, Detached)) == "left"
    # The moments between the two observers are noted, and there are few of them.
    assert sum(gap.seconds for gap in stage.summary().gaps) < 10
