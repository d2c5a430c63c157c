"""Whole calls through the stand-ins: instances on the platform's worker library, and a ledger that knows the truth."""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.app.runtime_worker import PYTHON
from tests.examples import OFFER
from tests.processes import ROOT, free_port
from tests.standins.functions.fleet import Fleet, Plan
from tests.standins.functions.timers import Schedule
from tests.standins.service.ledger import Truth
from tests.standins.service.server import ServiceStandIn
from tests.standins.storage.server import StorageStandIn

EXAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
needs_library = pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")


class Stage:
    """A fleet with its storage and its service."""

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
        await until(lambda: any(one.client == "w2" for one in truth.attachments))


def test_schedules() -> None:
    """From midnight of a Saturday, in seconds."""
    midnight = 1795219200.0
    for expression, seconds in (
        ("*/15 * * * * *", 15),
        ("0 */5 * * * *", 300),
        ("30 0 3 * * 1-5", 2 * 86_400 + 3 * 3600 + 30),
        ("0 0 12 1,15 * *", 10 * 86_400 + 12 * 3600),
    ):
        assert Schedule(expression).following(midnight) == midnight + seconds
    with pytest.raises(ValueError, match="six fields"):
        Schedule("* * * * *")
