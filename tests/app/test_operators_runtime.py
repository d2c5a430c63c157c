"""Tests every route of the operators' room in azure-functions-runtime, the library that the platform itself runs."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from switchboard.environment import read_settings
from switchboard.services import build
from tests.app.runtime_worker import PYTHON, Outcome, RuntimeWorker, indexed
from tests.app.test_about import signed_in
from tests.app.test_functions_runtime import name_of
from tests.archived_calls import archive_calls, days_ago
from tests.emulator import Emulator
from tests.processes import ROOT, Azurite

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")

ADA, OLGA = signed_in("ada"), signed_in("olga", "operator")
CALLS = 13


@dataclass(frozen=True)
class Room:
    """Holds the indexed gateway, and the ids of the calls in its archive."""

    worker: RuntimeWorker
    archived: list[str]

    def ask(self, route: str, *, who: str = "olga", method: str = "GET", call_id: str = "", **query: str) -> Outcome:
        """Invoke the function behind a route, as an operator if nobody else is named."""
        params = {"call_id": call_id} if call_id else {}
        headers = (OLGA if who == "olga" else ADA).headers
        outcome = self.worker.request(name_of(self.worker, route, method), method, headers, b"", query, **params)
        assert outcome.error is None
        return outcome


@pytest.fixture(scope="module")
def room(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Room]:
    """Index the gateway once, and archive some calls."""
    example: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    env = {
        **example,
        "AzureWebJobsStorage": storage.connection_string,
        "REALTIME_ENDPOINT": emulator_url,
        "ARCHIVE_CONTAINER": f"archive-{uuid.uuid4().hex[:8]}",
        "REQUIRE_SIGN_IN": "true",
    }
    Emulator(emulator_url).reset()
    services = build(read_settings(env))
    archived = archive_calls(services, time.time(), CALLS)
    services.close()
    with indexed(ROOT, logs / "runtime-operators.log", env) as worker:
        yield Room(worker, archived)


def test_the_list_page_by_page(room: Room) -> None:
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = json.loads(room.ask("calls", limit="5", **{"from": days_ago(20)}, **after).body)
        found += [row["call_id"] for row in page["calls"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == room.archived


def test_journal_usage_and_export(room: Room) -> None:
    call_id = room.archived[2]
    lines = room.ask("calls/{call_id}/journal", call_id=call_id).body.splitlines()
    assert json.loads(lines[0])["call_id"] == call_id
    usage = json.loads(room.ask("usage", by="caller", **{"from": days_ago(20)}).body)
    assert usage["total"]["calls"] >= 1
    export = room.ask("export", caller="aad:chloé")
    assert {name.lower(): value for name, value in export.headers.items()}["x-next"] == "none"
    with zipfile.ZipFile(io.BytesIO(export.body)) as file:
        folders = {name.split("/")[1] for name in file.namelist() if name.startswith("calls/")}
    assert folders == {room.archived[2], room.archived[8]}


def test_deletion(room: Room) -> None:
    call_id = room.archived[-1]
    assert room.ask("calls/{call_id}/record", method="DELETE", call_id=call_id).status == 204
    assert room.ask("calls/{call_id}/journal", call_id=call_id).status == 404
    room.archived.pop()


def test_whoever_is_no_operator(room: Room) -> None:
    call_id = room.archived[1]
    refused = [
        room.ask("calls", who="ada"),
        room.ask("usage", who="ada"),
        room.ask("export", who="ada", caller="aad:ada"),
        room.ask("calls/{call_id}/journal", who="ada", call_id=call_id),
        room.ask("calls/{call_id}/record", who="ada", method="DELETE", call_id=call_id),
    ]
    assert [(answer.status, json.loads(answer.body)["code"]) for answer in refused] == [(403, "operators_only")] * 5
