"""Whole calls through the stand-ins: instances on the platform's worker library, and a ledger that knows the truth."""

import asyncio
import contextlib
import json
import random
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from local.host.settings import seconds
from switchboard.observing.live import LAPSE_SECONDS
from switchboard.triggers.queues import SWEEP_SCHEDULE
from tests.app.runtime_worker import PYTHON
from tests.examples import OFFER
from tests.processes import ROOT, free_port
from tests.standins.functions.fleet import Fleet, Plan
from tests.standins.functions.timers import Lock
from tests.standins.service.ledger import Truth
from tests.standins.service.server import ServiceStandIn
from tests.standins.storage.server import StorageStandIn

EXAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
# Dialling the sideband, and a slow moment of storage.
MARGIN_SECONDS = 10
needs_library = pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")


class Stage:
    """Holds a fleet with its storage and its service."""

    def __init__(self, storage: StorageStandIn, service: ServiceStandIn, fleet: Fleet) -> None:
        self.storage, self.service, self.fleet = storage, service, fleet

    async def connect(self) -> Truth:
        """Make a call whose browser joins it; what the service knows of it."""
        url = f"{self.fleet.alive[0].url}/api/connect"
        headers = {"Content-Type": "application/sdp", "x-switchboard-caller": uuid.uuid4().hex}
        async with aiohttp.ClientSession() as http, http.post(url, data=OFFER, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            return self.service.ledger.calls[answer.headers["Location"].rsplit("/", 1)[-1]]

    def archived(self, call_id: str) -> dict[str, Any] | None:
        for name, blob in self.storage.blobs.containers.get("archive", {}).items():
            if name.startswith("summaries/") and call_id in name:
                return json.loads(bytes(blob.content))
        return None

    def indexed(self, call_id: str) -> bool:
        """Return whether the index of the day has a line of the call, which comes after its summary."""
        blobs = self.storage.blobs.containers.get("archive", {})
        return any(name.startswith("index/") and call_id.encode() in blob.content for name, blob in blobs.items())


@contextlib.asynccontextmanager
async def staged(folder: Path, size: int) -> AsyncIterator[Stage]:
    storage = StorageStandIn(free_port(), free_port())
    service = ServiceStandIn(free_port(), seed=1)

    def env(name: str) -> dict[str, str]:
        settings = {"REALTIME_ENDPOINT": service.url, "REALTIME_API_KEY": f"key-of-{name}"}
        return {**EXAMPLE, **settings, "AzureWebJobsStorage": storage.connection_string(name)}

    def host_env(name: str) -> dict[str, str]:
        return {"AzureWebJobsStorage": storage.connection_string(f"{name}-host")}

    async with storage, service, Fleet(Plan(size, folder, env, host_env)) as fleet:
        yield Stage(storage, service, fleet)


async def until(what: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "did not happen"
        await asyncio.sleep(0.05)
    return found


@needs_library
async def test_a_call_from_connect_to_archive(tmp_path: Path) -> None:
    """The summary holds what the ledger holds, word for word and token for token."""
    async with staged(tmp_path, 2) as stage:
        truth = await stage.connect()
        await until(lambda: truth.attachments)
        stage.service.calls[truth.call_id].join(2, 0.1, leave=True)
        summary = await until(lambda: stage.archived(truth.call_id))
        assert stage.fleet.failures == 0
    assert [(line["item_id"], line["text"]) for line in summary["transcript"]] == [
        (item.item_id, item.text) for item in truth.said()
    ]
    assert len(truth.said()) >= 4
    assert summary["usage"]["total"] == sum(one.usage["total_tokens"] for one in truth.billed()) > 0
    assert (summary["gaps"], truth.ended_by, summary["end_reason"]) == ([], "peer", "peer_left")
    assert truth.attachments[0].client in ("w1", "w2")
    assert stage.storage.faults.counts["unknown"] == 0


@needs_library
async def test_a_killed_instance_is_replaced_and_its_message_stays_hidden(tmp_path: Path) -> None:
    async with staged(tmp_path, 1) as stage:
        truth = await stage.connect()
        attached = await until(lambda: truth.attachments)
        await stage.fleet.kill("w1")
        await until(lambda: attached[0].until)
        await until(lambda: stage.fleet.alive)
        assert stage.fleet.alive[0].name == "w2"
        (message,) = stage.storage.queues.queues["observe-calls"].values()
        assert message.dequeued == 1
        assert message.visible > time.time() + 500
        assert stage.storage.queues.release() == 1
        assert message.visible < time.time()


def test_the_lock_of_the_timers() -> None:
    """One instance has it; after its death the lock lapses and another finds it, and a released one is free sooner."""
    lock, rng = Lock(period=15, recovery=10), random.Random(1)
    assert [lock.take("w1", 0), lock.take("w2", 1), lock.take("w1", 1)] == [True, False, True]
    lock.lost("w2", 2, rng, released=False)
    assert lock.take("w1", 3)
    lock.lost("w1", 4, rng, released=False)
    assert not lock.take("w2", 4 + 7)
    assert lock.take("w2", 4 + 25)
    lock.lost("w2", 30, rng, released=True)
    assert lock.take("w3", 40)


def test_the_lock_and_the_sweep_keep_what_is_promised() -> None:
    """A call is without an observer for at most 60 s, even if the instance that ran the timers died with its observer.

    Its heartbeat lapses, or the lock is found by another instance, whichever is later; then come the next run of the
    sweep and the queue. The tests of the observer play it through.
    """
    lock = Lock.of(ROOT / "host.json")
    (every,) = re.findall(r"^\*/(\d+) \* \* \* \* \*$", SWEEP_SCHEDULE)
    polling = seconds(json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]["maxPollingInterval"], "")

    assert max(LAPSE_SECONDS, lock.period + lock.recovery) + int(every) + polling < 60 - MARGIN_SECONDS
