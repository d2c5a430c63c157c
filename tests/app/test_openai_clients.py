"""Tests which of OpenAI's clients the gateway serves, and what it says about routes that it does not have."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.test_openai_routes import CALLS, SECRETS, call_with, id_of, openai_problem, take
from tests.app.test_signalling import SDP
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, running_gateway, visitor
from tests.processes import Azurite


@pytest.mark.parametrize("session", [{"instructions": "", "tools": []}, {"output_modalities": ["audio"], "audio": {}}])
def test_fields_that_change_nothing(gateway: Gateway, session: dict[str, Any]) -> None:
    """Clients that always send such fields get a token, and the gateway's own session."""
    token = take(gateway, visitor(), {"session": session})["value"]

    assert call_with(gateway, token).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("POST", f"{CALLS}/rtc_1/accept", "telephone"),
        ("POST", f"{CALLS}/rtc_1/reject", "telephone"),
        ("POST", f"{CALLS}/rtc_1/refer", "telephone"),
        ("GET", "v1/realtime?model=gpt-realtime", "no WebSocket"),
        ("POST", "v1/realtime/sessions", "The beta API"),
        ("GET", "v1/models", "no other part"),
        ("POST", "v1/responses", "no other part"),
        ("POST", "v1/chat/completions", "no other part"),
        ("GET", SECRETS, "no other part"),
        ("DELETE", f"{CALLS}/rtc_1", "no other part"),
    ],
)
def test_routes_that_the_gateway_does_not_have(gateway: Gateway, method: str, path: str, says: str) -> None:
    """Such a request gets a problem that says what to do, and not an empty 404."""
    found = openai_problem(gateway.request(method, path), 404, "route_not_found")

    assert says in found["hint"]


def test_which_events_a_page_gets(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """OPENAI_CLIENTS decides about these clients' calls, and REALTIME_WEBRTC_FILTER about all others."""
    emulator = Emulator(emulator_url)
    for clients, own_filter in (("filtered", "false"), ("full", "true")):
        settings: Any = {"OPENAI_CLIENTS": clients, "REALTIME_WEBRTC_FILTER": own_filter}
        with running_gateway(emulator, storage.connection_string, logs / f"clients-{clients}.log", **settings) as one:
            theirs = id_of(call_with(one, take(one, visitor())["value"]))
            own = one.call(visitor())
            found = emulator.calls()
        assert (found[theirs]["filter"], found[own]["filter"]) == (clients == "filtered", own_filter == "true")


def test_clients_that_are_switched_off(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """By default nobody gets a token or a call here, and the answer says which setting changes it."""
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "clients-off.log", OPENAI_CLIENTS=""
    ) as gateway:
        calls: Any = {"data": OFFER, "headers": SDP}
        for path, options in ((SECRETS, {}), (CALLS, calls)):
            found = openai_problem(gateway.request("POST", path, **options), 403, "openai_clients_off")
            assert "OPENAI_CLIENTS" in found["hint"]
        # Whoever is in a call when the setting changes can still end it.
        caller = visitor()
        call_id = gateway.call(caller)
        assert gateway.request("POST", f"{CALLS}/{call_id}/hangup", headers=caller.headers).status_code == 200
