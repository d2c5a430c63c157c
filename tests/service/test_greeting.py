"""Tests the greeting of an assistant on a real sideband (emulator) and with a real journal (Azurite)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switchboard.assistants.shelf import Assistants
from switchboard.errors import UpstreamError
from switchboard.realtime.client import RealtimeClient
from switchboard.record.lines import GreetingRequested, ResponseDone
from switchboard.storage import Storage
from tests.emulator import Emulator
from tests.examples import settings
from tests.service.stage import Stage, observers_in
from tests.unit.assistants.files import write
from tests.wait import eventually


@pytest.fixture
async def stage(client: RealtimeClient, storage: Storage, emulator: Emulator) -> AsyncIterator[Stage]:
    stage = Stage(client, storage, emulator)
    yield stage
    with contextlib.suppress(UpstreamError):
        await asyncio.to_thread(client.hang_up, emulator.url, stage.call_id)


@pytest.fixture
def assistants(tmp_path: Path) -> Assistants:
    write(tmp_path, "help", "title: Help\ngreeting: Say hello.")
    return Assistants(tmp_path, settings())


async def test_greeting_once(stage: Stage, assistants: Assistants) -> None:
    """The assistant speaks first. An observer that takes the call over does not have it greet again."""
    call = await stage.call(assistant="help")
    first = observers_in(stage.storage, stage.client, assistants)
    second = observers_in(stage.storage, stage.client, assistants)
    observing = asyncio.create_task(first.observe(call))
    await stage.attached()
    await eventually(stage.said, "the assistant has spoken")
    first.leave()
    assert not await observing
    observing = asyncio.create_task(second.observe(call))
    await stage.attached(times=2)
    await stage.talk("Who are you?", "I am the help desk.")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    assert await observing

    assert [role for role, _ in stage.said()] == ["assistant", "user", "assistant"]
    assert sum(isinstance(line, GreetingRequested) for line in stage.lines()) == 1
    assert stage.summary().errors == []


async def test_no_greeting_for_a_caller_who_speaks_first(stage: Stage, assistants: Assistants) -> None:
    """A caller who is faster is answered, and not greeted afterwards."""
    call = await stage.call(assistant="help")
    observing = asyncio.create_task(observers_in(stage.storage, stage.client, assistants).observe(call))
    await stage.attached()
    await stage.talk("Who are you?", "I am the help desk.")
    await asyncio.to_thread(stage.emulator.leave, call.call_id)
    await observing

    assert stage.said() == [("user", "Who are you?"), ("assistant", "I am the help desk.")]
    assert sum(isinstance(line, ResponseDone) for line in stage.lines()) == 1
