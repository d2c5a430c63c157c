"""Tests calls that continue earlier ones: the model remembers, and limits count them as one."""

import json
from pathlib import Path
from typing import Any

import requests

from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, running_gateway, visitor
from tests.processes import Azurite
from tests.wait import wait_for

QUESTION = "What did I say?"


def answers(gateway: Gateway, call_id: str, caller: Visitor) -> list[str]:
    found = gateway.status(caller, call_id)["transcript"]
    return [line["text"] for line in found if line["role"] == "assistant"]


def test_the_model_remembers(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """The new call takes the only place of the one that is still up, and the records name each other."""
    settings: Any = {"MAX_CALLS_PER_CALLER": "1", "DAILY_SECONDS_PER_CALLER": "1830"}
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "continuing.log", **settings
    ) as gateway:
        caller = visitor()
        first = gateway.call(caller)
        gateway.wait_until(caller, first, "live")
        gateway.emulator.turn(first, "My name is Ada.", "Hello, Ada.")
        wait_for(lambda: answers(gateway, first, caller), "the first answer is in the record")

        problem(gateway.connect(visitor(), params={"continues": first}), 403, "not_your_call")
        problem(gateway.connect(caller, params={"continues": "rtc_unknown"}), 404, "call_not_found")
        problem(gateway.connect(caller, params={"continues": "../x"}), 404, "call_not_found")
        answer = gateway.connect(caller, params={"continues": first})
        assert answer.status_code == 201, answer.text
        second = answer.headers["Location"].rsplit("/", 1)[-1]
        gateway.wait_until(caller, second, "live")
        gateway.emulator.turn(second, QUESTION, "")
        wait_for(lambda: answers(gateway, second, caller), "the model has answered")

        assert answers(gateway, second, caller) == ["Before this you said: My name is Ada."]
        earlier = json.loads(gateway.archived(first))
        assert earlier["end_reason"] == "hung_up_by_caller"
        found = gateway.status(caller, second)
        assert found["continues"] == first
        assert found["limits"]["seconds_left"] <= 1800 - earlier["duration_seconds"], "the two have the time of one"
        wait_for(lambda: gateway.status(caller, first)["continued_by"] == second, "the records name each other")
        assert [line["text"] for line in found["transcript"]] == [QUESTION, "Before this you said: My name is Ada."]


def by_token(gateway: Gateway, caller: Visitor, continues: str) -> str:
    """Make a call as a page with a token does, which continues another one, and return its id."""
    token = gateway.request("GET", "token", headers=caller.headers, params={"continues": continues})
    assert token.status_code == 200, token.text
    bearer = {"Authorization": f"Bearer {token.json()['token']}", "Content-Type": "application/sdp"}
    created = requests.post(token.json()["calls_url"], data=OFFER, headers=bearer, timeout=10)
    call_id = created.headers["Location"].rsplit("/", 1)[-1]
    body = {"call_id": call_id, "endpoint": token.json()["endpoint"], "continues": continues}
    for _ in range(2):
        registered = gateway.request("POST", "calls", headers=caller.headers, json=body)
        assert registered.status_code == 202, registered.text
    return call_id


def test_a_chain_of_calls(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """Each call remembers all before it, in both ways of signalling, and the chain takes one place.

    Whoever continues a call that has been continued already begins another chain, for which there has to be a place.
    """
    settings: Any = {"MAX_CALLS_PER_CALLER": "1", "SIGNALLING": "both"}
    with running_gateway(Emulator(emulator_url), storage.connection_string, logs / "chain.log", **settings) as gateway:
        caller = visitor()
        first = gateway.call(caller)
        gateway.wait_until(caller, first, "live")
        gateway.emulator.turn(first, "My name is Ada.", "Hello, Ada.")
        wait_for(lambda: answers(gateway, first, caller), "the first answer is in the record")
        refused = gateway.request("GET", "token", headers=visitor().headers, params={"continues": first})
        problem(refused, 403, "not_your_call")
        body = {"call_id": "rtc_1", "continues": "rtc_1"}
        problem(gateway.request("POST", "calls", headers=caller.headers, json=body), 400, "body_invalid")

        second = by_token(gateway, caller, first)
        gateway.wait_until(caller, second, "live")
        gateway.emulator.turn(second, "I live in Oslo.", "How nice.")
        wait_for(lambda: answers(gateway, second, caller), "the second answer is in the record")
        problem(gateway.connect(caller, params={"continues": first}), 429, "too_many_calls")

        answer = gateway.connect(caller, params={"continues": second})
        assert answer.status_code == 201, answer.text
        third = answer.headers["Location"].rsplit("/", 1)[-1]
        gateway.wait_until(caller, third, "live")
        gateway.emulator.turn(third, QUESTION, "")
        wait_for(lambda: answers(gateway, third, caller), "the model has answered")
        assert answers(gateway, third, caller) == ["Before this you said: My name is Ada. / I live in Oslo."]
        chain = [gateway.status(caller, call_id) for call_id in (first, second, third)]
        assert [one["continues"] for one in chain] == [None, first, second]
        wait_for(lambda: gateway.status(caller, second)["continued_by"] == third, "the records name each other")
        assert chain[0]["continued_by"] == second

        gateway.request("DELETE", f"calls/{third}", headers=caller.headers)
        fourth = gateway.connect(caller, params={"continues": first})
        assert fourth.status_code == 201, fourth.text
        again = fourth.headers["Location"].rsplit("/", 1)[-1]
        wait_for(lambda: gateway.status(caller, first)["continued_by"] == again, "the latest one is named")


def test_what_cannot_be_continued(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """Without words in the record there is nothing to remember, and the answer says why."""
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "no-words.log", ARCHIVE_TRANSCRIPTS="false"
    ) as gateway:
        caller = visitor()
        call_id = gateway.call(caller)
        found = problem(gateway.connect(caller, params={"continues": call_id}), 409, "continuing_unavailable")
        assert "ARCHIVE_TRANSCRIPTS" in found["detail"]
        assert gateway.request("GET", "config").json()["continue_seconds"] == 0
