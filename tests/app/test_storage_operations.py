"""States which storage operations a call needs, and counts them: each costs money, time and processor time."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.app.runtime_worker import PYTHON
from tests.app.test_standins import Stage, staged, until
from tests.standins.faults import Operation, When
from tests.standins.service.ledger import Truth

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")

# What a call needs that is shorter than one heartbeat, by kind of operation and by the folder or queue it concerns.
NEEDED = {
    # connect: a place of the caller's and one of the gateway's, and the call is known and announced
    ("put_blob", "places"): 2,
    ("put_message", "observe-calls"): 1,
    # the live call is made known by connect, and taken by the observer, who has to know whether somebody else has it
    ("put_blob", "live"): 2,
    ("get_blob", "live"): 1,
    ("create_append_blob", "journals"): 1,
    # the end: both places and the live call are given back
    ("delete_blob", "places"): 2,
    ("delete_blob", "live"): 1,
    # the archive
    ("get_blob", "journals"): 1,
    ("put_blob", "summaries"): 1,
    ("append_block", "index"): 1,
}
# The journal is written when something has happened, four times a second at the most, and at once at the end.
APPENDS = ("append_block", "journals")
MOST_APPENDS_A_SECOND = 4
# The sweep looks at all calls at once, and not for this one.
SWEEP = {"list_blobs"}


async def whole_call(stage: Stage) -> Truth:
    """Make a call of one turn, and wait until it is archived and stands in the index."""
    truth = await stage.connect()
    await until(lambda: truth.attachments)
    stage.service.calls[truth.call_id].join(1, 0.1, leave=True)
    await until(lambda: stage.indexed(truth.call_id))
    return truth


async def test_the_operations_of_a_call(tmp_path: Path) -> None:
    """The gateway does what a call needs and nothing beside it, and warns of nothing.

    The host's own operations are not counted.
    """
    done: Counter[tuple[str, str]] = Counter()

    async def count(operation: Operation, when: When) -> None:
        if when == "after" and operation.client == "w1" and operation.kind not in SWEEP:
            folder = operation.name.removeprefix("archive/").split("/", 1)[0]
            done[operation.kind, folder] += 1

    async with staged(tmp_path, 1) as stage:
        # The first call also makes the container, the queue and the index of the day.
        await whole_call(stage)
        await until(lambda: not any(name.startswith("live/") for name in stage.storage.blobs.containers["archive"]))
        stage.storage.faults.witnesses.append(count)
        truth = await whole_call(stage)
        await until(lambda: done["delete_blob", "live"])

    assert truth.ended is not None
    seconds = truth.ended - truth.created
    assert 1 <= done.pop(APPENDS) <= MOST_APPENDS_A_SECOND * seconds + 2
    assert done == NEEDED
    log = (tmp_path / "w1.log").read_text()
    assert " INFO call " in log
    assert not re.search(" (WARNING|ERROR|CRITICAL) ", log), "a call that ends well warns of nothing"
