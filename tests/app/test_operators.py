"""Tests the operators' room behind a host: who sees what, of live calls and of archived ones."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.storage.blob import ContainerClient

from tests.app.test_about import signed_in
from tests.app.test_calls import talk
from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, running_gateway, visitor
from tests.processes import Azurite
from tests.wait import wait_for

ADA, BOB, OLGA = signed_in("ada"), signed_in("bob"), signed_in("olga", "operator")
PRICES = '{"currency": "EUR", "text_output": 16, "audio_output": 64}'


@pytest.fixture(scope="module")
def guarded(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    """Return a gateway that requires sign-in, and so knows who is an operator."""
    emulator = Emulator(emulator_url)
    emulator.reset()
    settings: dict[str, Any] = {"REQUIRE_SIGN_IN": "true", "MAX_CALLS_PER_CALLER": "20", "PRICES": PRICES}
    with running_gateway(emulator, storage.connection_string, logs / "operators.log", **settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def archived(guarded: Gateway) -> str:
    """Return the id of a call of Ada's that is archived."""
    call_id = guarded.call(ADA)
    guarded.wait_until(ADA, call_id, "live")
    talk(guarded, ADA, call_id, "Where is my parcel?", "On its way.")
    guarded.request("DELETE", f"calls/{call_id}", headers=ADA.headers)
    wait_for(lambda: call_id in ids(ask(guarded, "calls?state=ended")), "the call is in the list")
    return call_id


def ask(gateway: Gateway, path: str, caller: Visitor = OLGA) -> requests.Response:
    return gateway.request("GET", path, headers=caller.headers)


def ids(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["call_id"] for row in answer.json()["calls"]]


def test_the_list(guarded: Gateway, archived: str) -> None:
    """An operator finds live and archived calls by what is known of them."""
    up = guarded.call(BOB)
    rows = {row["call_id"]: row for row in ask(guarded, "calls").json()["calls"]}

    assert list(rows)[:2] == [up, archived]
    assert (rows[archived]["caller"]["id"], rows[archived]["turns"]) == ("aad:ada", 1)
    assert rows[archived]["cost"] > 0
    assert 0 < rows[up]["seconds_left"] <= 1800
    for query in ("state=ended", "caller=aad%3Aada", "reason=hung_up_by_caller", "words=PARCEL"):
        assert ids(ask(guarded, f"calls?{query}")) == [archived], query
    for query in ("words=swordfish", "reason=peer_left", "assistant=nobody", "caller=aad%3Abob&state=ended"):
        assert ids(ask(guarded, f"calls?{query}")) == [], query
    assert up in ids(ask(guarded, "calls?state=live"))
    first = ask(guarded, "calls?limit=1").json()
    assert ids(ask(guarded, f"calls?limit=1&after={first['next']}")) == [archived]
    guarded.request("DELETE", f"calls/{up}", headers=BOB.headers)


def test_a_call_that_is_handed_over(guarded: Gateway) -> None:
    """The list says so with the model's reason as soon as the tool has run, and no later than who speaks."""
    answer = guarded.request(
        "POST", "connect?assistant=guide", data=OFFER, headers={**BOB.headers, "Content-Type": "application/sdp"}
    )
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    # The assistant speaks first, and does one thing at a time.
    wait_for(lambda: "playback.stopped" in ask(guarded, f"calls/{call_id}/journal").text, "the greeting is over")
    words = 'call hand_over with {"reason": "The caller wants a refund."}'
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}
    for event in ({"type": "conversation.item.create", "item": item}, {"type": "response.create"}):
        steered = guarded.request("POST", f"calls/{call_id}/events", headers=OLGA.headers, json=event)
        assert steered.status_code == 200, steered.text

    def row() -> dict[str, Any]:
        (found,) = [row for row in ask(guarded, "calls?state=live").json()["calls"] if row["call_id"] == call_id]
        return dict(found)

    wait_for(lambda: row()["handed_over"], "the list says that the call is handed over")
    assert row()["hand_over_reason"] == "The caller wants a refund."
    guarded.emulator.turn(call_id, "And now?", "One moment, please.", 8000)
    wait_for(lambda: row()["speaking"] == "caller", "the list says who speaks")
    guarded.request("DELETE", f"calls/{call_id}", headers=BOB.headers)


def test_whoever_is_no_operator_sees_their_own_calls(guarded: Gateway, archived: str) -> None:
    """The list of others' calls, journals, figures, deletion and export are for operators, whatever is guessed."""
    assert ids(ask(guarded, "calls?mine=true", ADA)) == [archived]
    assert ids(ask(guarded, "calls?mine=true&caller=aad%3Aada", BOB)) != [archived]
    for path in (
        "calls",
        "calls?mine=false",
        f"calls/{archived}/journal",
        "usage",
        "export?caller=aad%3Aada",
        "export",
    ):
        problem(ask(guarded, path, ADA), 403, "operators_only")
    for call_id in (archived, "rtc_unknown"):
        delete = guarded.request("DELETE", f"calls/{call_id}/record", headers=ADA.headers)
        problem(delete, 403, "operators_only")
        problem(ask(guarded, f"calls/{call_id}/journal", BOB), 403, "operators_only")


@pytest.mark.parametrize(
    "path", ["calls?limit=0", "calls?limit=ten", "calls?from=yesterday", "calls?after=x", "calls?state=busy", "export"]
)
def test_queries_at_fault(guarded: Gateway, path: str) -> None:
    problem(ask(guarded, path), 400, "query_invalid")


def test_too_many_days(guarded: Gateway) -> None:
    problem(ask(guarded, "usage?from=2026-01-01&to=2026-11-21"), 400, "query_invalid")


def test_the_journal(guarded: Gateway, archived: str) -> None:
    answer = ask(guarded, f"calls/{archived}/journal")
    lines = [json.loads(line) for line in answer.text.splitlines()]

    assert lines[0]["type"] == "call.created"
    assert "Where is my parcel?" in [line.get("text") for line in lines]
    problem(ask(guarded, "calls/rtc_unknown/journal"), 404, "call_not_found")


def test_the_figures(guarded: Gateway, archived: str) -> None:
    found = ask(guarded, "usage?by=caller").json()
    (row,) = [row for row in found["rows"] if row["key"] == "aad:ada"]

    assert (row["calls"], row["turns"], found["currency"], found["by"]) == (1, 1, "EUR", "caller")
    assert row["latency_p50_ms"] > 0
    assert row["usage"]["output"]["audio"] > 0
    assert row["cost"] > 0
    assert len(ask(guarded, "usage").json()["rows"]) == 7


def test_export_and_deletion(guarded: Gateway, archived: str) -> None:
    """The export holds what is stored; after the deletion no blob of the container names the call."""
    answer = ask(guarded, "export?caller=aad%3Aada")
    assert answer.headers["X-Next"] == "none"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert json.loads(file.read(f"calls/{archived}/summary.json"))["call_id"] == archived

    up = guarded.call(ADA)
    problem(guarded.request("DELETE", f"calls/{up}/record", headers=OLGA.headers), 409, "call_not_archived")
    guarded.request("DELETE", f"calls/{up}", headers=OLGA.headers)
    assert guarded.request("DELETE", f"calls/{archived}/record", headers=OLGA.headers).status_code == 204
    wait_for(lambda: up in ids(ask(guarded, "calls?state=ended")), "the other call is archived")

    with ContainerClient.from_connection_string(guarded.connection_string, guarded.container) as container:
        blobs: dict[str, Any] = {name: container.download_blob(name).readall() for name in container.list_blob_names()}
    assert [name for name, blob in blobs.items() if archived in name or archived.encode() in blob] == []
    problem(ask(guarded, f"calls/{archived}"), 404, "call_not_found")
    assert archived not in ids(ask(guarded, "calls"))


def test_without_words_and_without_sign_in(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """Without sign-in nobody is an operator, and a visitor without a name of their own has no list."""
    with running_gateway(Emulator(emulator_url), storage.connection_string, logs / "anonymous.log") as gateway:
        caller = visitor()
        call_id = gateway.call(caller)
        assert ids(ask(gateway, "calls?mine=true", caller)) == [call_id]
        assert ids(ask(gateway, "calls?mine=true", visitor())) == []
        problem(gateway.request("GET", "calls?mine=true"), 401, "sign_in_required")
        problem(ask(gateway, "calls", caller), 403, "operators_only")
        forged = signed_in("olga", "operator").headers
        problem(gateway.request("GET", "calls", headers=forged), 403, "operators_only")
        gateway.request("DELETE", f"calls/{call_id}", headers=caller.headers)
