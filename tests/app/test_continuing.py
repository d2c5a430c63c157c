"""Tests calls that continue earlier ones: the model remembers, and limits count them as one."""

import json
from pathlib import Path
from typing import Any

from tests.app.test_signalling import problem
from tests.emulator import Emulator
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
        wait_for(lambda: gateway.status(caller, first)["continued_by"] == second, "the records name each other")
        assert [line["text"] for line in found["transcript"]] == [QUESTION, "Before this you said: My name is Ada."]


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
