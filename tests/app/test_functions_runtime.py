"""Tests the gateway in azure-functions-runtime, which the platform itself runs for Python 3.13 and newer.

The library, the emulator and the storage are real; only the host at the other end of the worker's protocol is ours.
"""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from tests.app.runtime_worker import PYTHON, RuntimeWorker, indexed
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.host.test_startup import refused
from tests.processes import ROOT, Azurite
from tests.wait import wait_for

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="no .venv-runtime: `python -m tests.app.runtime_venv` found no Python 3.13 or newer, or has not been run",
)

SAMPLE_APP = ROOT / "tests/host/sample_app"


@pytest.fixture(scope="module")
def container() -> str:
    return f"archive-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def worker(emulator_url: str, storage: Azurite, container: str, logs: Path) -> Iterator[RuntimeWorker]:
    """Return the gateway, indexed by the library."""
    example: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    env = {
        **example,
        "AzureWebJobsStorage": storage.connection_string,
        "REALTIME_ENDPOINT": emulator_url,
        "ARCHIVE_CONTAINER": container,
        "SIGNALLING": "both",
    }
    Emulator(emulator_url).reset()
    with indexed(ROOT, logs / "runtime.log", env) as found:
        yield found


@pytest.fixture
def caller() -> dict[str, str]:
    return {"x-switchboard-caller": uuid.uuid4().hex}


def connected(worker: RuntimeWorker, caller: dict[str, str]) -> str:
    """Make a call by POST /api/connect with a raw offer, and return its id."""
    function = name_of(worker, "connect", "POST")
    outcome = worker.request(function, "POST", {**caller, "Content-Type": "application/sdp"}, OFFER)
    assert outcome.error is None
    assert outcome.status == 201
    headers = {name.lower(): value for name, value in outcome.headers.items()}
    assert headers["content-type"] == "application/sdp"
    assert outcome.body.startswith(b"v=0")
    return headers["location"].removeprefix("/api/calls/")


def name_of(worker: RuntimeWorker, route: str, method: str) -> str:
    """Return the name of the function behind a route."""
    return _name(worker, lambda b: b.get("route") == route and method in b["methods"])


def triggered_by(worker: RuntimeWorker, queue: str) -> str:
    """Return the name of the function that a queue triggers."""
    return _name(worker, lambda b: b["type"] == "queueTrigger" and b["queueName"] == queue)


def _name(worker: RuntimeWorker, has: Callable[[dict[str, Any]], bool]) -> str:
    names = [name for name, f in worker.functions.items() if any(has(json.loads(b)) for b in f["bindings"])]
    assert len(names) == 1
    return names[0]


def observe_message(storage: Azurite, call_id: str) -> str:
    """Take the message that asks for the call to be observed from the queue, and return it."""

    def found() -> str | None:
        with QueueClient.from_connection_string(storage.connection_string, "observe-calls") as queue:
            for message in queue.receive_messages(messages_per_page=32, visibility_timeout=1):
                text = base64.b64decode(message.content).decode()
                if call_id in text:
                    queue.delete_message(message)
                    return text
        return None

    return wait_for(found, f"call {call_id} is to be observed")


def test_the_library_indexes_every_function(worker: RuntimeWorker) -> None:
    triggers = [json.loads(b) for f in worker.functions.values() for b in f["bindings"] if "Trigger" in b]
    assert {"token", "connect", "calls", "calls/{call_id}", "config", "health"} <= {t.get("route") for t in triggers}
    assert {"observe-calls", "call-summaries", "observe-calls-poison"} <= {t.get("queueName") for t in triggers}


def test_token(worker: RuntimeWorker, caller: dict[str, str]) -> None:
    outcome = worker.request(name_of(worker, "token", "GET"), "GET", caller)
    assert (outcome.error, outcome.status) == (None, 200)
    assert json.loads(outcome.body)["token"].startswith("ek_")


def test_an_error_is_a_problem_not_an_exception(worker: RuntimeWorker, caller: dict[str, str]) -> None:
    headers = {**caller, "Content-Type": "application/sdp"}
    outcome = worker.request(name_of(worker, "connect", "POST"), "POST", headers, b"not an offer")
    assert (outcome.error, outcome.status) == (None, 400)
    assert json.loads(outcome.body)["code"] == "offer_invalid"


def test_from_connect_to_archive(
    worker: RuntimeWorker, caller: dict[str, str], emulator_url: str, storage: Azurite, container: str
) -> None:
    """The async observer and the sync functions run side by side on the library's loop and thread pool."""
    emulator = Emulator(emulator_url)
    call_id = connected(worker, caller)
    observed = worker.message(triggered_by(worker, "observe-calls"), observe_message(storage, call_id))
    wait_for(lambda: emulator.calls()[call_id]["sidebands"], "the observer attaches")
    look = name_of(worker, "calls/{call_id}", "GET")
    status = worker.request(look, "GET", caller, call_id=call_id)
    assert (status.error, status.status) == (None, 200)
    emulator.turn(call_id, "Is anybody there?", "Yes, I am.")
    wait_for(lambda: b"Yes, I am." in worker.request(look, "GET", caller, call_id=call_id).body, "the answer")
    emulator.leave(call_id)

    ended = observed.result(20)
    assert ended.error is None
    archived = worker.message(triggered_by(worker, "call-summaries"), ended.outputs["summaries"].decode()).result(20)
    assert archived.error is None
    with ContainerClient.from_connection_string(storage.connection_string, container) as archive:
        (name,) = [name for name in archive.list_blob_names(name_starts_with="summaries/") if call_id in name]
        summary = json.loads(archive.download_blob(name).readall())
    assert [line["text"] for line in summary["transcript"]] == ["Is anybody there?", "Yes, I am."]
    assert summary["call_id"] == call_id


def test_a_poison_message_is_kept(worker: RuntimeWorker, storage: Azurite, container: str) -> None:
    outcome = worker.message(triggered_by(worker, "call-summaries-poison"), "no JSON at all").result(20)
    assert outcome.error is None
    with ContainerClient.from_connection_string(storage.connection_string, container) as archive:
        (name,) = archive.list_blob_names(name_starts_with="poison/call-summaries/")
        assert archive.download_blob(name).readall() == b"no JSON at all"


def test_the_sample_app_is_indexed_too(logs: Path) -> None:
    """The library also accepts the app that the local host serves in its own tests."""
    with indexed(SAMPLE_APP, logs / "runtime-sample.log", {}) as worker:
        assert worker.request("wrong", "GET", what="none").error is not None
        assert worker.request("echo", "PUT", body=b"hi", kind="a", number="1").status == 200


@pytest.mark.parametrize(
    "signature",
    [
        "(req: func.HttpRequest, out: func.Out[list[str]]) -> func.HttpResponse",
        "(req: func.HttpRequest, out: func.Out) -> func.HttpResponse",
        "(req: func.HttpRequest, out: func.Out[str], extra) -> func.HttpResponse",
        "(req: func.HttpRequest) -> func.HttpResponse",
        "(req: func.HttpRequest, out: func.Out[str]) -> None",
        "(req: func.QueueMessage, out: func.Out[str]) -> func.HttpResponse",
        "(req: func.HttpRequest, out: func.Out[str], context: int) -> func.HttpResponse",
    ],
)
def test_the_local_host_refuses_what_the_library_refuses(signature: str, tmp_path: Path) -> None:
    code = f"app = func.FunctionApp()\n@app.route('x')\n@app.queue_output('out', 'q-x', 'Y')\ndef x{signature}: ...\n"
    refused(tmp_path, code)
    with pytest.raises(RuntimeError, match="cannot load the x function"), indexed(tmp_path, tmp_path / "log", {}):
        pass
