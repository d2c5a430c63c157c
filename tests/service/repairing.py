"""Makes the calls that the tests of the repair are about, and runs the repair."""

import json
import time
from typing import Any

import pytest

from switchboard.record.lines import Attached, CallCreated, CallEnded
from switchboard.repair.__main__ import main
from switchboard.services import Services
from tests.examples import call


def journal(services: Services, call_id: str, *, ended: bool = True, **fields: Any) -> CallCreated:
    """Write the journal of a call, and return the call."""
    created = call(call_id=call_id, **{"at": round(time.time() - 60, 3)} | fields)
    began = created.at
    services.journals.start(created)
    services.journals.append(call_id, [Attached(at=began + 1, observer="one")])
    if ended:
        services.journals.append(call_id, [CallEnded(at=began + 30, reason="peer_left", observer="one")])
    return created


def repair(environ: dict[str, str], capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, str]]:
    """Run the repair, and return its exit code and the kind of what it found by the blob's name; `!` if mended."""
    capsys.readouterr()
    code = main(["--json", "--min-age", "-10", *options], environ)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({one["blob"] for one in found}) == len(found)
    return code, {one["blob"]: one["kind"] + "!" * one["mended"] for one in found}
