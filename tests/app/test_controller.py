"""Tests the controller: an operator sends client events into a live call, and the service answers them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.app.test_about import signed_in
from tests.app.test_calls import said
from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.gateway import Gateway, running_gateway
from tests.processes import Azurite
from tests.wait import wait_for

ADA, OLGA = signed_in("ada"), signed_in("olga", "operator")
HELLO = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Say hello."}]}


@pytest.fixture(scope="module")
def guarded(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    """Return a gateway that requires sign-in, and so knows who is an operator."""
    emulator = Emulator(emulator_url)
    emulator.reset()
    with running_gateway(
        emulator, storage.connection_string, logs / "controller.log", REQUIRE_SIGN_IN="true", MAX_CALLS_PER_CALLER="20"
    ) as gateway:
        yield gateway


@pytest.fixture
def call_id(guarded: Gateway) -> str:
    call_id = guarded.call(ADA)
    guarded.wait_until(ADA, call_id, "live")
    return call_id


def send(gateway: Gateway, call_id: str, event: Any, caller: Any = OLGA) -> requests.Response:
    return gateway.request("POST", f"calls/{call_id}/events", json=event, headers=caller.headers)


def answered(answer: requests.Response, kind: str) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    assert event["type"] == kind
    return event


def test_a_hand_on_a_call(guarded: Gateway, call_id: str) -> None:
    """An operator changes the session and adds, has answered and deletes an item; the record says who did it."""
    session = {"type": "realtime", "instructions": "Answer in one word.", "output_modalities": ["text"]}
    updated = answered(send(guarded, call_id, {"type": "session.update", "session": session}), "session.updated")
    assert updated["session"]["instructions"] == "Answer in one word."

    added = answered(
        send(guarded, call_id, {"type": "conversation.item.create", "item": HELLO}), "conversation.item.added"
    )
    created = answered(send(guarded, call_id, {"type": "response.create"}), "response.created")
    assert created["response"]["id"].startswith("resp_")
    wait_for(lambda: len(said(guarded.status(ADA, call_id))) == 2, "the model has answered")

    deleted = {"type": "conversation.item.delete", "item_id": added["item"]["id"]}
    answered(send(guarded, call_id, deleted), "conversation.item.deleted")
    guarded.request("DELETE", f"calls/{call_id}", headers=OLGA.headers)

    steering = guarded.wait_until(ADA, call_id, "ended")["steering"]
    assert [(step["operator"], step["event"], step["outcome"]) for step in steering] == [
        ("aad:olga", "session.update", "answered"),
        ("aad:olga", "conversation.item.create", "answered"),
        ("aad:olga", "response.create", "answered"),
        ("aad:olga", "conversation.item.delete", "answered"),
    ]


def test_stopping_the_model(guarded: Gateway, call_id: str) -> None:
    """An operator cancels an answer, clears its audio and truncates its item to what was heard."""
    guarded.emulator.turn(call_id, "Tell me a story.", "Once upon a time there was a very long answer. " * 8)
    turn = wait_for(
        lambda: next((turn for turn in guarded.status(ADA, call_id)["turns"] if turn["audio_started"]), None),
        "it speaks",
    )
    answered(send(guarded, call_id, {"type": "output_audio_buffer.clear"}), "output_audio_buffer.cleared")

    status = wait_for(
        lambda: found if (found := guarded.status(ADA, call_id))["turns"][0]["interrupted"] else None, "it was cut"
    )
    assert status["turns"][0]["response_id"] == turn["response_id"]


def test_what_the_service_refuses(guarded: Gateway, call_id: str) -> None:
    """The service's error comes back with its own code, and the record shows the refusal."""
    refused = problem(send(guarded, call_id, {"type": "response.cancel"}), 422, "event_refused")
    assert refused["error"]["code"] == "response_cancel_not_active"

    gone = {"type": "conversation.item.delete", "item_id": "item_nowhere"}
    assert problem(send(guarded, call_id, gone), 422, "event_refused")["error"]["type"]
    assert [step["outcome"] for step in guarded.status(ADA, call_id)["steering"]] == ["refused", "refused"]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "input_audio_buffer.append", "audio": ""},
        {"type": "session.update"},
        {"type": "session.update", "session": {"type": "realtime", "model": "gpt-4o"}},
        {"type": "session.update", "session": {"type": "transcription"}},
        {"type": "conversation.item.truncate", "item_id": "item_1", "audio_end_ms": "soon"},
        {"type": "conversation.item.create", "item": "hello"},
        {"type": "response.create", "colour": "blue"},
        {"type": "response.create", "response": {"metadata": "x"}},
        {},
        [],
    ],
)
def test_events_that_are_not_allowed(guarded: Gateway, event: Any) -> None:
    """An event that is not allowed is refused before anything is dialled; the hint lists the others."""
    refused = problem(send(guarded, "rtc_1", event), 400, "event_not_allowed")

    assert "response.create" in refused["hint"]


def test_who_may(guarded: Gateway, call_id: str) -> None:
    """Only an operator may steer, not even the call's own caller, and only a call that exists and is up."""
    clear = {"type": "output_audio_buffer.clear"}
    problem(send(guarded, call_id, clear, ADA), 403, "operators_only")
    problem(send(guarded, "rtc_0", clear), 404, "call_not_found")
    guarded.emulator.leave(call_id)
    guarded.wait_until(ADA, call_id, "ended")
    problem(send(guarded, call_id, clear), 409, "call_ended")


def test_service_that_says_nothing(guarded: Gateway, call_id: str) -> None:
    """If the service does not answer an event (there is no audio to clear), the answer is 504 and is recorded."""
    problem(send(guarded, call_id, {"type": "output_audio_buffer.clear"}), 504, "steering_timeout")

    assert guarded.status(ADA, call_id)["steering"][0]["outcome"] == "unanswered"


@pytest.mark.parametrize("fault", ["401", "500"])
def test_sideband_that_cannot_be_opened(guarded: Gateway, call_id: str, fault: str) -> None:
    """If the service refuses the sideband the answer is a 502 that names its status, and it is written down."""
    guarded.emulator.fault("sideband", fault, times=1)
    refused = problem(send(guarded, call_id, {"type": "response.create"}), 502, "sideband_failed")

    assert fault in refused["detail"]
    assert guarded.status(ADA, call_id)["steering"][0]["outcome"] == "unanswered"
