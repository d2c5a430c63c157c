"""Tests that the benchmark runs to its end. What it measures in so short a time says nothing."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from bench import arrivals, calls, connects, observers
from bench.calls import Measured, interleaved
from bench.contenders import Gateway, contenders
from bench.evidence import Evidence
from bench.scene import TALK
from bench.stage import staged
from tests.app.runtime_worker import PYTHON

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")


async def measured(folder: Path) -> dict[str, Measured]:
    async with staged(folder) as stage, contenders(stage, folder, litellm=False) as runners:
        # The first call of a day also makes the index of that day.
        await Gateway(stage).call()
        found = await interleaved(stage, runners, callers=2, calls=2, rounds=1)
        assert [one.failed for one in found.values()] == [0, 0, 0, 0]
        await calls.tokens(runners, 1, 1, 1)
        row = await arrivals.arrivals(stage, 4, 0.5)
        assert row[3] == "0", "no call has failed"
        return found


def test_whole_calls_are_counted_to_the_archive(tmp_path: Path) -> None:
    found = asyncio.run(measured(tmp_path))

    assert found["gateway"].operations["create_append_blob"] == 2, "a journal for each of two calls"
    assert found["gateway"].cpu > found["empty functions"].cpu >= 0
    assert found["how-to"].connections["service"] == 6, "two requests and a sideband for each of two calls"
    assert len(found["direct"].waits) == 2


def test_an_sdp_answer_is_measured_without_what_comes_after_it(tmp_path: Path) -> None:
    async def answered() -> connects.Answers:
        async with staged(tmp_path) as stage:
            await Gateway(stage).call()
            stage.instance.deafen()
            return await connects.connects(stage, 2, 4)

    found = asyncio.run(answered())

    assert len(found.waits) == 4
    assert found.worker > 0
    # Two places, the live call and its message; the call before may still end. An observed call needs more than ten.
    assert 4 <= found.operations < 6


def test_observed_calls_end_at_their_limit_and_lose_nothing(tmp_path: Path) -> None:
    load = observers.Load(2, 3, 0.5)

    async def observed() -> tuple[observers.Seen, list[Evidence]]:
        quick = msgspec.structs.replace(TALK, pause=0.1, speech=0.3, playback=0.3, env={"MAX_CALL_SECONDS": "3"})
        async with staged(tmp_path, quick) as stage:
            return await observers.observe(stage, load)

    seen, evidence = asyncio.run(observed())

    assert len(evidence) == 2
    for one in evidence:
        assert one.hung_up is not None
        assert one.attached is not None
        assert one.lost == []
        assert min(one.lags) > 0
    assert seen.lags
    column = dict(zip(observers.LABELS, observers.column(load, seen, evidence), strict=True))
    assert column["calls that the limit ended"] == "2 of 2"
    assert column["events lost, of them in a noted gap"] == "0, 0"
    assert observers.figures_of(load, seen, evidence)["lost"] == 0
