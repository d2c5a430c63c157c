"""Tests calls of the preview protocol: no server hears them, and each leaves a record that says so."""

import asyncio
from time import time

import pytest

from switchboard.errors import StorageUnavailable
from switchboard.observing.observers import Observers
from switchboard.observing.status import call_status
from switchboard.observing.unobserved import wait_for_end
from switchboard.realtime.service import RealtimeService
from switchboard.record.lines import AnyLine, BrowserReport, CallEnded, HangUpRequested
from switchboard.storage import Storage
from tests.emulator import Emulator
from tests.service.stage import Stage
from tests.service.test_preview_client import preview_client
from tests.wait import eventually


@pytest.fixture
def stage(storage: Storage, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr("switchboard.observing.unobserved.LOOK_SECONDS", 0.05)
    client: RealtimeService = preview_client(emulator.url)
    return Stage(client, storage, emulator)


async def hang_up(stage: Stage, at: float | None = None) -> HangUpRequested:
    asked = HangUpRequested(at=round(at or time(), 3), reason="hung_up_by_caller")
    await asyncio.to_thread(stage.journals.append, stage.call_id, [asked])
    return asked


async def started(stage: Stage) -> None:
    await eventually(lambda: stage.journals.read(stage.call_id), "the journal has begun")


async def test_until_the_page_hangs_up(stage: Stage) -> None:
    """The call ends when the page says so; its report is kept, nothing is invented, the place is freed."""
    call = await stage.call(protocol="preview", at=time() - 30)
    waiting = asyncio.create_task(stage.observers().observe(call))
    await started(stage)
    live = await asyncio.to_thread(lambda: call_status(stage.lines(), time()))
    await asyncio.to_thread(stage.journals.append, call.call_id, [BrowserReport(at=time(), figures={"rtt_ms": 21})])
    asked = await hang_up(stage)
    await waiting
    summary = stage.summary()

    assert (live.state, live.observed) == ("live", False)
    assert live.limits is not None
    assert live.limits.idle_seconds_left is None
    assert 0 < live.limits.seconds_left <= 30
    assert (summary.protocol, summary.observed, summary.end_reason) == ("preview", False, "hung_up_by_caller")
    assert summary.duration_seconds == pytest.approx(asked.at - call.at, abs=0.01)
    assert [gap.seconds for gap in summary.gaps] == [pytest.approx(asked.at - call.at, abs=0.01)]
    assert (summary.transcript, summary.turns, summary.usage.responses) == ([], [], 0)
    assert [report.figures for report in summary.reports] == [{"rtt_ms": 21}]
    assert await asyncio.to_thread(stage.places.reserve, "ada")


async def test_a_page_that_never_says_anything(stage: Stage) -> None:
    """MAX_CALL_SECONDS ends the record at exactly that second; it cannot end the call itself."""
    call = await stage.call(protocol="preview", max_call_seconds=1)
    await stage.observers().observe(call)
    summary = stage.summary()

    assert (summary.end_reason, summary.duration_seconds) == ("max_call_seconds", 1.0)
    assert [found["state"] for found in stage.emulator.calls().values() if found["protocol"] == "preview"][-1] == "live"


async def test_killed_and_run_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has hung up while nobody looked: the next one finds it in the journal."""
    monkeypatch.setattr("switchboard.observing.live.LAPSE_SECONDS", -1)
    call = await stage.call(protocol="preview")
    first = asyncio.create_task(stage.observers().observe(call))
    await started(stage)
    first.cancel()
    await asyncio.wait([first])
    asked = await hang_up(stage)
    await stage.observers().observe(call)

    assert [line.at for line in stage.lines() if isinstance(line, CallEnded)] == [asked.at]


async def test_two_at_once_and_again_after_the_end(stage: Stage) -> None:
    """Two runs at once record the same end, and a third run adds nothing."""
    call = await stage.call(protocol="preview")
    both = [asyncio.create_task(stage.observers().observe(call)) for _ in range(2)]
    await started(stage)
    await hang_up(stage)
    await asyncio.gather(*both)
    once = stage.summary()
    before = stage.lines()
    await stage.observers().observe(call)

    assert stage.lines() == before
    assert stage.summary() == once


class Unreliable:
    """Offers the ports of real observers over a storage that cannot be read three times."""

    def __init__(self, observers: Observers) -> None:
        self.take, self.beat, self.let_go, self.append = (
            observers.take,
            observers.beat,
            observers.let_go,
            observers.append,
        )
        self._read = observers.read
        self.refused = 0

    async def read(self, call_id: str) -> list[AnyLine]:
        if self.refused < 3:
            self.refused += 1
            raise StorageUnavailable
        return await self._read(call_id)


async def test_storage_that_fails_for_a_moment(stage: Stage) -> None:
    """A journal that cannot be read now is read later."""
    call, ports = await stage.call(protocol="preview"), Unreliable(stage.observers())
    waiting = asyncio.create_task(wait_for_end(call, ports))
    await started(stage)
    await hang_up(stage)
    await waiting

    assert ports.refused == 3
    assert stage.summary().end_reason == "hung_up_by_caller"
