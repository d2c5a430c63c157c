"""A short run: some calls on two instances, that are killed at steps of their work and in bad weather.

Tools and continued calls would make it longer; `make chaos` has them.
"""

from pathlib import Path

import pytest

from tests.app.runtime_worker import PYTHON
from tests.chaos.plan import Limits, planned
from tests.chaos.report import findings, logs, report
from tests.chaos.run import Options, Run

CALLS = 20


@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")
async def test_a_short_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every call is held, whatever dies; `make chaos` takes longer, and takes more."""
    plan = planned(67, CALLS, every=0.8, limits=Limits(call=25, idle=6), calm=3, tools=False)
    options = Options(2, settle_seconds=75, rest=1.0, folder=tmp_path, patience=3.0, strict=False)
    outcome = await Run(plan, options).hold()
    with capsys.disabled():
        print(f"\n{report(outcome, tmp_path)}")

    assert findings(outcome) == []
    assert logs(tmp_path) == ({}, [])
    assert len(outcome.fleet.deaths) >= 3
    assert outcome.executioner.reached, "nobody was killed at a step of its work"
    assert len(outcome.fleet.deaths) > len(outcome.executioner.reached), "nobody died in the weather"
    assert sum(one.connected for one in outcome.evidence) >= CALLS / 2
    assert outcome.storage.faults.counts["unknown"] == 0
