"""Tests assistants that are files of the app: who may call them, what their calls are like, and what limits them."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import requests

from tests.app.test_about import signed_in
from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, running_gateway, visitor
from tests.processes import ROOT, Azurite
from tests.unit.assistants.files import write
from tests.wait import wait_for

ADA, STAFF, OPERATOR = signed_in("ada"), signed_in("grace", "staff"), signed_in("olga", "operator")
SDP = {"Content-Type": "application/sdp"}
SECRETS = "v1/realtime/client_secrets"
TOOLS = (ROOT / "docs/tools.md").read_text()


def app_with(folder: Path) -> Path:
    """Return a folder with the composition root and no assistants; the gateway's package is the project's own."""
    for name in ("function_app.py", "host.json"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("switchboard", "knowledge"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "assistants").mkdir()
    return folder


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an app with an assistant for everybody who has signed in, one with narrow limits, and one for a role."""
    app = app_with(tmp_path_factory.mktemp("app"))
    write(app / "assistants", "default", "title: Assistant", "You are the default one.")
    write(
        app / "assistants",
        "help",
        "title: Help desk\ndescription: Answers questions.\nvoice: cedar\nlanguage: es\nlimits: {max_call_seconds: 3}",
        "You answer questions about orders.",
    )
    shutil.copy(ROOT / "assistants/front-desk.md", app / "assistants")
    write(app / "assistants", "staff", "title: For the staff\ncallers: staff", "You know what only the staff knows.")
    for name, text in first_tool().items():
        (app / name).write_text(text)
    return app


def first_tool() -> dict[str, str]:
    """Return the files that docs/tools.md has a newcomer write, by name."""
    steps = re.findall(r"^\d\. Write `([\w./-]+)`.*?```\w+\n(.*?)^   ```$", TOOLS, re.DOTALL | re.MULTILINE)
    return {name: dedent(text) for name, text in steps}


@pytest.fixture(scope="module")
def running(emulator_url: str, storage: Azurite, logs: Path, app: Path) -> Iterator[Gateway]:
    log = logs / "assistants.log"
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, log, app=app, REQUIRE_SIGN_IN="true", SIGNALLING="both"
    ) as gateway:
        yield gateway


@pytest.fixture
def gateway(running: Gateway) -> Gateway:
    running.emulator.reset()
    return running


def session_of(gateway: Gateway) -> dict[str, Any]:
    """Return the session for which the gateway has minted its last client secret."""
    session: dict[str, Any] = gateway.emulator.seen("/client_secrets")[-1]["json"]["session"]
    return session


def names(gateway: Gateway, headers: dict[str, str]) -> list[str]:
    return [assistant["name"] for assistant in gateway.request("GET", "config", headers=headers).json()["assistants"]]


def test_config_lists_those_that_the_visitor_may_call(gateway: Gateway) -> None:
    """The list has what a page shows, and never the instructions; it is shorter for whoever has no role."""
    answer = gateway.request("GET", "config", headers=ADA.headers)

    _, _, help_desk, _ = answer.json()["assistants"]
    assert (help_desk["title"], help_desk["description"]) == ("Help desk", "Answers questions.")
    assert help_desk["session"]["voice"] == "cedar"
    assert help_desk["limits"]["max_call_seconds"] == 3
    assert "orders" not in answer.text
    assert (
        names(gateway, ADA.headers) == names(gateway, visitor().headers) == [*("default", "front-desk", "help", "shop")]
    )
    assert names(gateway, STAFF.headers) == ["default", "front-desk", "help", "shop", "staff"]


def test_call_with_an_assistant(gateway: Gateway) -> None:
    """The session is the assistant's, its narrower limit ends the call, and the summary names it."""
    answer = gateway.connect(ADA, params={"assistant": "help"})

    assert answer.status_code == 201, answer.text
    session = session_of(gateway)
    assert session["instructions"] == "You answer questions about orders."
    assert session["audio"]["output"]["voice"] == "cedar"
    assert session["audio"]["input"]["transcription"]["language"] == "es"
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    assert gateway.status(ADA, call_id)["assistant"] == "help"
    summary = json.loads(gateway.archived(call_id))
    assert (summary["assistant"], summary["voice"], summary["end_reason"]) == ("help", "cedar", "max_call_seconds")


def test_front_desk(gateway: Gateway) -> None:
    """The front desk greets, hands a message over, and hangs up after its goodbye, when the model calls its tools."""
    answer = gateway.connect(ADA, params={"assistant": "front-desk"})
    assert answer.status_code == 201, answer.text
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    wait_for(lambda: gateway.status(ADA, call_id)["transcript"], "the front desk has greeted the caller")

    typed(gateway, call_id, 'call hand_over with {"reason": "Ada wants an offer by Friday."}')
    wait_for(lambda: gateway.status(ADA, call_id)["hand_overs"], "the message has been handed over")
    typed(gateway, call_id, "call end_call")

    summary = json.loads(gateway.archived(call_id))
    assert [hand_over["reason"] for hand_over in summary["hand_overs"]] == ["Ada wants an offer by Friday."]
    assert [(use["name"], use["outcome"]) for use in summary["tools"]] == [
        ("hand_over", "completed"),
        ("end_call", "completed"),
    ]
    assert (summary["assistant"], summary["end_reason"]) == ("front-desk", "ended_by_assistant")


def test_the_first_tool(gateway: Gateway) -> None:
    """What docs/tools.md has a newcomer write and type works as it says."""
    assert list(first_tool()) == ["tools/opening_hours.py", "assistants/shop.md"]
    (command, result) = re.findall(r"Type `(call [^`]+)`. .*?the emulator says \"([^\"]+)\"", TOOLS, re.DOTALL)[0]
    answer = gateway.connect(ADA, params={"assistant": "shop"})
    assert answer.status_code == 201, answer.text
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]

    # A function call that the observer does not hear, because it came before it, is never answered.
    wait_for(lambda: gateway.status(ADA, call_id)["state"] == "live", "the call is observed")
    typed(gateway, call_id, command)
    expected = " ".join(result.split())
    wait_for(
        lambda: expected in [said["text"] for said in gateway.status(ADA, call_id)["transcript"]], "the tool answers"
    )
    typed(gateway, call_id, re.findall(r"Type `(call [^`]+)` to see", TOOLS)[0])
    wait_for(lambda: "invalid_arguments" in str(gateway.status(ADA, call_id)["transcript"]), "the model is told")
    assert gateway.request("DELETE", f"calls/{call_id}", headers=ADA.headers).status_code == 204


def typed(gateway: Gateway, call_id: str, text: str) -> None:
    """Type this in the call, and have it answered, by the hand of an operator."""
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}

    def taken(event: dict[str, Any]) -> bool:
        return gateway.request("POST", f"calls/{call_id}/events", json=event, headers=OPERATOR.headers).ok

    assert taken({"type": "conversation.item.create", "item": item})
    # The service refuses a second response until the one before it is finished.
    wait_for(lambda: taken({"type": "response.create"}), "the service takes the request for a response")


def test_call_with_a_form(gateway: Gateway) -> None:
    """A form names the assistant in a field. Without a name the default one answers."""
    for fields, instructions in ({"assistant": (None, "staff")}, "You know what"), ({}, "You are the default"):
        form = {"sdp": (None, OFFER), "voice": (None, "verse"), **fields}
        answer = gateway.request("POST", "connect", files=form, headers=STAFF.headers)
        assert answer.status_code == 201, answer.text
        assert session_of(gateway)["instructions"].startswith(instructions)
        assert gateway.request("DELETE", answer.headers["Location"].removeprefix("/api/"), headers=STAFF.headers).ok


@pytest.mark.parametrize("name", ["staff", "nobody", "../default", "x" * 5000])
def test_an_assistant_for_others(gateway: Gateway, name: str) -> None:
    """An assistant that is for others looks like one that does not exist, on every route that takes a name."""
    asked = {"params": {"assistant": name}, "headers": ADA.headers}
    refusals = [
        gateway.connect(ADA, params={"assistant": name}),
        gateway.request("GET", "token", **asked),
        gateway.request("POST", SECRETS, **asked),
        gateway.request("POST", "v1/realtime/calls", data=OFFER, **{**asked, "headers": {**ADA.headers, **SDP}}),
    ]

    assert {problem(answer, 404, "assistant_not_found")["detail"] for answer in refusals} == {
        "There is no such assistant"
    }
    assert gateway.emulator.seen("/client_secrets") == []


def test_token_for_an_assistant(gateway: Gateway) -> None:
    """An ephemeral token is for one assistant, and whoever has it can choose no other."""
    issued = gateway.request("POST", SECRETS, params={"assistant": "staff"}, headers=STAFF.headers)
    assert issued.status_code == 200, issued.text
    bearer = {"Authorization": f"Bearer {issued.json()['value']}", **SDP}
    other = {"params": {"assistant": "help"}, "headers": bearer, "data": OFFER}
    problem(gateway.request("POST", "v1/realtime/calls", **other), 404, "assistant_not_found")

    answer = gateway.request("POST", "v1/realtime/calls", headers=bearer, data=OFFER)

    assert answer.status_code == 201, answer.text
    assert session_of(gateway)["instructions"] == "You know what only the staff knows."
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    assert gateway.status(STAFF, call_id)["assistant"] == "staff"
    assert gateway.request("DELETE", f"calls/{call_id}", headers=STAFF.headers).status_code == 204


def test_call_that_the_page_sets_up(gateway: Gateway) -> None:
    """A page takes a client secret for an assistant and says so when it registers the call, whose limit then binds."""
    given = gateway.request("GET", "token", params={"assistant": "help"}, headers=ADA.headers).json()
    assert session_of(gateway)["instructions"] == "You answer questions about orders."
    secret = {"Authorization": f"Bearer {given['token']}", **SDP}
    created = requests.post(given["calls_url"], data=OFFER, headers=secret, timeout=30)
    call_id = created.headers["Location"].rsplit("/", 1)[-1]
    body = {"call_id": call_id, "endpoint": given["endpoint"]}
    refused = gateway.request("POST", "calls", json={**body, "assistant": "staff"}, headers=ADA.headers)
    problem(refused, 404, "assistant_not_found")

    registered = gateway.request("POST", "calls", json={**body, "assistant": "help"}, headers=ADA.headers)

    assert registered.status_code == 202, registered.text
    assert json.loads(gateway.archived(call_id))["end_reason"] == "max_call_seconds"


def test_a_changed_file(gateway: Gateway, app: Path) -> None:
    """A change of a file counts from the next call on, without a restart; so does a new file."""
    write(app / "assistants", "default", "title: Assistant", "You have changed.")
    write(app / "assistants", "new", "title: New", "You are new.")

    for name, instructions in ("default", "You have changed."), ("new", "You are new."):
        call_id = gateway.connect(ADA, params={"assistant": name}).headers["Location"].rsplit("/", 1)[-1]
        assert session_of(gateway)["instructions"] == instructions
        assert gateway.request("DELETE", f"calls/{call_id}", headers=ADA.headers).status_code == 204
    assert names(gateway, ADA.headers) == ["default", "front-desk", "help", "new", "shop"]


def test_files_with_faults(emulator_url: str, storage: Azurite, logs: Path, tmp_path: Path) -> None:
    """The app does not start, and its log names every fault of every file."""
    app = app_with(tmp_path)
    write(app / "assistants", "default", "title: 1")
    write(app / "assistants", "help", "title: Help\nlimits:\n  max_call_seconds: 1801")
    log = logs / "assistants-faults.log"

    with (
        pytest.raises(RuntimeError),
        running_gateway(Emulator(emulator_url), storage.connection_string, log, app=app),
    ):
        pass
    said = log.read_text()
    assert "- assistants/default.md:2 'title' cannot be read" in said
    assert "- assistants/help.md:3 'limits' has max_call_seconds 1801, which is wider" in said
