"""Tests the caps of a day on a live call: the observer, on a real sideband and with a real journal."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from time import time

import pytest

from switchboard.errors import UpstreamError
from switchboard.limits.budget import Budget
from switchboard.observing.status import call_status
from switchboard.realtime.client import RealtimeClient
from switchboard.record.lines import LimitAnnounced
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


async def test_the_budget_ends_a_call(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the settings say so, a live call ends soon after the budget is spent, and the page sees it coming."""
    monkeypatch.setattr("switchboard.observing.observer.BUDGET_SECONDS", 0.5)
    monkeypatch.setattr("switchboard.observing.observer.WARNING_SECONDS", 2)
    await asyncio.to_thread(Budget(stage.storage, 1).count, {}, 2.0)
    call = await stage.call()
    caps = {"DAILY_BUDGET": "1", "PRICES": '{"audio_output": 64}', "BUDGET_ENDS_CALLS": "on"}
    observing = asyncio.create_task(stage.observers(**caps).observe(call))
    await eventually(lambda: any(isinstance(line, LimitAnnounced) for line in stage.lines()), "the end is announced")
    limits = (await asyncio.to_thread(lambda: call_status(stage.lines(), time()))).limits
    await observing

    assert limits is not None
    assert limits.seconds_left <= 2
    assert stage.summary().end_reason == "budget_spent"
    assert stage.emulator.calls()[call.call_id]["state"] == "ended"


async def test_what_a_call_cost_is_counted_once(stage: Stage) -> None:
    """That holds if the observer was faster than whoever made the call known, and if its message comes again."""
    call = await stage.call(max_call_seconds=2)
    caps = {"DAILY_BUDGET": "1000", "PRICES": '{"audio_output": 1000000}'}
    observing = asyncio.create_task(stage.observers(**caps).observe(call))
    await stage.attached()
    await stage.talk("One", "First answer.")
    await observing
    (listed,) = await asyncio.to_thread(lambda: list(stage.live.all()))
    assert listed.ended
    assert listed.cost > 0

    await asyncio.to_thread(stage.live.end, call.call_id)
    assert await stage.observers(**caps).observe(call)
    assert await asyncio.to_thread(lambda: list(stage.live.all())) == []
