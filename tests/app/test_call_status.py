"""Tests the status that pages ask for again and again, in a Functions host."""

import msgspec
import requests

from switchboard.credentials import Identity
from switchboard.observing.live import LiveCalls
from switchboard.observing.standing import Dues, Standing
from switchboard.settings import Secret, StorageSettings
from switchboard.storage import Storage
from tests.app.test_signalling import problem
from tests.examples import NETWORK
from tests.gateway import Gateway, Visitor, visitor


def live_calls(gateway: Gateway) -> LiveCalls:
    settings = StorageSettings(connection_string=Secret(gateway.connection_string))
    return LiveCalls(Storage(settings, Identity("", NETWORK), gateway.container, NETWORK))


def ask(gateway: Gateway, caller: Visitor, call_id: str, tag: str = "") -> requests.Response:
    headers = {**caller.headers, **({"If-None-Match": tag} if tag else {})}
    return gateway.request("GET", f"calls/{call_id}/status", headers=headers)


def test_the_status_of_a_call(gateway: Gateway) -> None:
    """It says of a call what its record says, without the words, from the 201 to the end."""
    caller = visitor()
    call_id = gateway.call(caller)
    record = gateway.wait_until(caller, call_id, "live")
    live = ask(gateway, caller, call_id).json()
    assert {name: live[name] for name in ("state", "started", "usage")} == {
        name: record[name] for name in ("state", "started", "usage")
    }
    assert 0 < live["limits"]["seconds_left"] <= record["limits"]["seconds_left"]
    assert "transcript" not in live
    problem(ask(gateway, visitor(), call_id), 403, "not_your_call")
    problem(ask(gateway, caller, "rtc_0"), 404, "call_not_found")

    gateway.request("DELETE", f"calls/{call_id}", headers=caller.headers)
    gateway.archived(call_id)
    ended = ask(gateway, caller, call_id).json()
    assert (ended["state"], ended["end_reason"], ended["limits"]) == ("ended", "hung_up_by_caller", None)
    assert ended["ask_again_seconds"] is None


def test_nothing_has_happened(gateway: Gateway) -> None:
    """With the version of the last answer, the next one is 304 until the observer's heartbeat says something else."""
    caller, live = visitor(), live_calls(gateway)
    made = live.find(gateway.call(caller))
    assert made is not None
    # A call that only the test observes, so that nothing happens in it by itself.
    quiet = msgspec.structs.replace(made, call_id="rtc_quiet")
    hold = live.take(quiet, "test")
    assert hold is not None
    until = made.at + 1800
    hold = live.beat(hold, standing=Standing(attached=True, dues=Dues(until, until - 1500)))
    assert hold is not None

    first = ask(gateway, caller, "rtc_quiet")
    same = ask(gateway, caller, "rtc_quiet", first.headers["ETag"])
    assert (first.status_code, first.json()["state"], first.json()["ask_again_seconds"]) == (200, "live", 30)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", first.headers["ETag"])

    assert live.beat(hold, standing=Standing(attached=True, dues=Dues(until - 1750, None))) is not None
    other = ask(gateway, caller, "rtc_quiet", first.headers["ETag"])
    assert (other.status_code, other.json()["ask_again_seconds"]) == (200, 10)
    live.end("rtc_quiet")
