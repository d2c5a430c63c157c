"""Tests calls from connect to the archived summary, in a Functions host with real queues."""

import base64
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.gateway import Gateway, Visitor, running_gateway, visitor
from tests.processes import Azurite
from tests.wait import wait_for


def said(status: dict[str, Any]) -> list[str]:
    return [line["text"] for line in status["transcript"]]


def talk(gateway: Gateway, caller: Visitor, call_id: str, transcript: str, answer: str) -> None:
    gateway.emulator.turn(call_id, transcript, answer)
    wait_for(lambda: {transcript, answer} <= set(said(gateway.status(caller, call_id))), f"{answer!r} is journaled")


def test_from_connect_to_archive(gateway: Gateway) -> None:
    """A call connects, is live, is hung up by its caller and is archived with a correct summary."""
    caller = visitor()
    call_id = gateway.call(caller)
    live = gateway.wait_until(caller, call_id, "live")
    assert 0 < live["limits"]["seconds_left"] <= 1800
    talk(gateway, caller, call_id, "Is anybody there?", "Yes, I am.")
    assert gateway.request("DELETE", f"calls/{call_id}", headers=caller.headers).status_code == 204

    summary = json.loads(gateway.archived(call_id))
    assert said(summary) == ["Is anybody there?", "Yes, I am."]
    assert (summary["call_id"], summary["deployment"]) == (call_id, "gpt-realtime")
    assert summary["caller"]["id"].startswith("anonymous:")
    assert summary["end_reason"] == "hung_up_by_caller"
    assert summary["usage"]["responses"] == 1
    assert summary["turns"][0]["response_latency_ms"] > 0
    assert summary["gaps"] == []
    ended = gateway.status(caller, call_id)
    assert ended["state"] == "ended"
    assert {**summary, "state": "ended", "limits": None} == ended
    assert gateway.request("DELETE", f"calls/{call_id}", headers=caller.headers).status_code == 204


def test_the_observer_attaches_within_a_second(gateway: Gateway) -> None:
    """By the journal's own times, there is no noted gap between the 201 and the first observed moment."""
    caller = visitor()
    call_id = gateway.call(caller)

    assert gateway.wait_until(caller, call_id, "live")["gaps"] == []


def test_whose_call(gateway: Gateway) -> None:
    """Another visitor can neither see nor end the call, and an unknown call is not found."""
    call_id = gateway.call(visitor())
    for method, path in (("GET", f"calls/{call_id}"), ("DELETE", f"calls/{call_id}")):
        problem(gateway.request(method, path, headers=visitor().headers), 403, "not_your_call")
        problem(gateway.request(method, path.replace("rtc_", "rtc_0")), 404, "call_not_found")
    problem(gateway.request("POST", f"calls/{call_id}/report", json={}), 403, "not_your_call")

    assert gateway.emulator.calls()[call_id]["state"] == "live"


def test_report_during_and_after_the_call(gateway: Gateway) -> None:
    """The browser's figures reach the summary, marked as the browser's, even if they arrive after it was written."""
    caller = visitor()
    call_id = gateway.call(caller)
    gateway.wait_until(caller, call_id, "live")
    first = gateway.request("POST", f"calls/{call_id}/report", json={"rtt_ms": 21}, headers=caller.headers)
    gateway.emulator.leave(call_id)
    assert json.loads(gateway.archived(call_id))["reports"][0]["figures"] == {"rtt_ms": 21}
    second = gateway.request("POST", f"calls/{call_id}/report", json={"rtt_ms": 22}, headers=caller.headers)

    assert (first.status_code, second.status_code) == (202, 202)
    reports = wait_for(
        lambda: found if len(found := json.loads(gateway.archived(call_id))["reports"]) == 2 else None, "both reports"
    )
    assert [report["reported_by"] for report in reports] == ["browser", "browser"]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"data": b"[1]", "headers": {"Content-Type": "application/json"}}, 400, "body_invalid"),
        ({"json": {"x": "y" * 17_000}}, 413, "body_too_large"),
        ({"data": b"rtt=1", "headers": {"Content-Type": "text/plain"}}, 415, "unsupported_media_type"),
    ],
)
def test_reports_at_fault(gateway: Gateway, options: dict[str, Any], status: int, code: str) -> None:
    """Only a JSON object of at most 16 KB is accepted as a report."""
    caller = visitor()
    call_id = gateway.call(caller)
    options["headers"] = {**options.get("headers", {}), **caller.headers}

    problem(gateway.request("POST", f"calls/{call_id}/report", **options), status, code)


def test_delivered_twice(gateway: Gateway) -> None:
    """The same summary message again gives the same summary, byte for byte."""
    caller = visitor()
    call_id = gateway.call(caller)
    gateway.wait_until(caller, call_id, "live")
    talk(gateway, caller, call_id, "Twice?", "Once.")
    gateway.emulator.leave(call_id)
    once = gateway.archived(call_id)

    queue = QueueClient.from_connection_string(gateway.connection_string, "call-summaries")
    message = json.dumps({"call_id": call_id, "journal": f"journals/{call_id}.jsonl"})
    queue.send_message(base64.b64encode(message.encode()).decode())
    wait_for(lambda: queue.get_queue_properties().approximate_message_count == 0, "the message is taken")

    assert gateway.archived(call_id) == once


def test_killed_in_mid_call(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """If the host dies without a word, the sweep of the next one finds the call. No word in the journal is lost."""
    emulator, caller = Emulator(emulator_url), visitor()
    log = logs / "killed.log"
    settings: dict[str, Any] = {"ARCHIVE_CONTAINER": "archive-killed"}
    with running_gateway(emulator, storage.connection_string, log, **settings) as first:
        call_id = first.call(caller)
        first.wait_until(caller, call_id, "live")
        talk(first, caller, call_id, "Before", "You are heard.")
        os.killpg(first.process.pid, signal.SIGKILL)
        first.process.wait(10)
    with running_gateway(emulator, storage.connection_string, log, **settings) as second:
        wait_for(lambda: emulator.calls()[call_id]["sidebands"] == 1, "the second observer attaches", seconds=60)
        talk(second, caller, call_id, "After", "Still heard.")
        second.request("DELETE", f"calls/{call_id}", headers=caller.headers)
        summary = json.loads(second.archived(call_id))

    assert said(summary) == ["Before", "You are heard.", "After", "Still heard."]
    assert summary["end_reason"] == "hung_up_by_caller"
    (gap,) = summary["gaps"]
    assert gap["seconds"] < 60


def test_poison(gateway: Gateway) -> None:
    """A message that nobody can read is tried several times and then kept unchanged."""
    queue = QueueClient.from_connection_string(gateway.connection_string, "call-summaries-poison")
    queue.send_message(base64.b64encode(b"what is this?").decode())

    def kept() -> bytes | None:
        with ContainerClient.from_connection_string(gateway.connection_string, gateway.container) as archive:
            names = list(archive.list_blob_names(name_starts_with="poison/call-summaries/"))
            return archive.download_blob(names[0]).readall() if names else None

    assert wait_for(kept, "the poison message is kept") == b"what is this?"


def test_limits_end_a_call(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """The setting MAX_CALL_SECONDS ends a call, and ARCHIVE_TRANSCRIPTS=off keeps every word out of its record."""
    emulator, caller = Emulator(emulator_url), visitor()
    with running_gateway(
        emulator, storage.connection_string, logs / "limits.log", MAX_CALL_SECONDS="4", ARCHIVE_TRANSCRIPTS="off"
    ) as gateway:
        call_id = gateway.call(caller)
        gateway.wait_until(caller, call_id, "live")
        emulator.turn(call_id, "Swordfish", "Marmalade")
        archived = gateway.archived(call_id)

    assert json.loads(archived)["end_reason"] == "max_call_seconds"
    assert [line["text"] for line in json.loads(archived)["transcript"]] == [None, None]
    assert emulator.calls()[call_id]["state"] == "ended"
