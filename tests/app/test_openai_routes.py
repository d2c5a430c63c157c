"""Tests the routes for OpenAI's clients over a real socket: what they answer, to whom, and what they refuse."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.app.test_about import signed_in
from tests.app.test_signalling import SDP, problem
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, running_gateway, visitor
from tests.processes import Azurite, free_port
from tests.wait import wait_for

SECRETS, CALLS = "v1/realtime/client_secrets", "v1/realtime/calls"
# No other test of this gateway makes this choice. The gateway keeps a client secret for each choice.
CHOSEN = {"audio": {"output": {"voice": "sage"}, "input": {"transcription": {"language": "it"}}}}


def take(gateway: Gateway, caller: Visitor, body: Any = None) -> dict[str, Any]:
    answer = gateway.request("POST", SECRETS, json=body, headers=caller.headers)
    assert answer.status_code == 200, answer.text
    token: dict[str, Any] = answer.json()
    return token


def call_with(gateway: Gateway, token: str, **options: Any) -> requests.Response:
    options = {"data": OFFER, **options}
    headers = {"Authorization": f"Bearer {token}", **(SDP if "files" not in options else {})}
    return gateway.request("POST", CALLS, headers=headers, **options)


def openai_problem(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is the usual problem, with the same error in the form that OpenAI's clients read."""
    found = problem(answer, status, code)
    assert found["error"]["code"] == code
    assert found["hint"] in found["error"]["message"]
    return found


def id_of(answer: requests.Response) -> str:
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].rsplit("/", 1)[-1]


def test_token_in_the_apis_form(gateway: Gateway) -> None:
    """The answer has the token, its expiry, and a session that shows only the client's own choices."""
    answer = gateway.request("POST", SECRETS, json={"session": CHOSEN, "expires_after": {"seconds": 60}})

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    token = answer.json()
    assert token["value"].startswith("ek_")
    assert 50 < token["expires_at"] - time.time() <= 60
    assert token["session"].pop("id").startswith("sess_")
    session = {"type": "realtime", "object": "realtime.session", "model": "gpt-realtime"}
    assert token["session"] == {**session, **CHOSEN}
    # Nothing was asked of the service, which did not issue this token and would refuse it.
    assert gateway.emulator.seen() == []
    there = f"{gateway.emulator.url}/openai/v1/realtime/calls"
    bearer = {"Authorization": f"Bearer {token['value']}", **SDP}
    assert requests.post(there, data=OFFER, headers=bearer, timeout=10).status_code == 401


@pytest.mark.parametrize("options", [{}, {"json": {}}, {"json": {"session": None, "expires_after": None}}])
def test_token_without_a_wish(gateway: Gateway, options: dict[str, Any]) -> None:
    """Without a body, the token has the configured voice and lives for CLIENT_SECRET_SECONDS."""
    token = gateway.request("POST", SECRETS, **options).json()

    assert token["session"]["audio"] == {"output": {"voice": "marin"}}
    assert 590 < token["expires_at"] - time.time() <= 600


def test_call_with_a_token(gateway: Gateway) -> None:
    """Calls with a token belong to the caller who took it, have its choice, and count against the places."""
    caller = visitor()
    token = take(gateway, caller, {"session": CHOSEN})["value"]
    answer = call_with(gateway, token)

    call_id = id_of(answer)
    assert answer.headers["Content-Type"] == "application/sdp"
    assert answer.headers["Location"] == f"/api/v1/realtime/calls/{call_id}"
    assert answer.text.startswith("v=0")
    status = gateway.wait_until(caller, call_id, "live")
    assert (status["voice"], status["language"]) == ("sage", "it")
    assert status["signalling"] == "proxy"
    assert call_with(gateway, token).status_code == 201
    refused = call_with(gateway, token)
    openai_problem(refused, 429, "too_many_calls")
    assert int(refused.headers["Retry-After"]) > 0


def test_hang_up_with_a_token(gateway: Gateway) -> None:
    """A token hangs up its caller's calls, repeatedly, but no others, and the call is archived as usual."""
    caller = visitor()
    token = take(gateway, caller)["value"]
    call_id = id_of(call_with(gateway, token))
    path = f"{CALLS}/{call_id}/hangup"
    other = take(gateway, visitor())["value"]
    openai_problem(gateway.request("POST", path, headers={"Authorization": f"Bearer {other}"}), 403, "not_your_call")
    openai_problem(gateway.request("POST", path), 403, "not_your_call")
    for _ in range(2):
        answer = gateway.request("POST", path, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.content) == (200, b"")

    assert json.loads(gateway.archived(call_id))["end_reason"] == "hung_up_by_caller"


def test_form_with_a_session(gateway: Gateway) -> None:
    """The form's session overrides the token's choice where both choose; the rest of the token's choice stays."""
    caller = visitor()
    token = take(gateway, caller, {"session": CHOSEN})["value"]
    session = {"type": "realtime", "model": "gpt-realtime", "audio": {"output": {"voice": "ash"}}}
    form = {"sdp": (None, OFFER, "application/sdp"), "session": (None, json.dumps(session), "application/json")}
    status = gateway.status(caller, id_of(call_with(gateway, token, data=None, files=form)))

    assert (status["voice"], status["language"]) == ("ash", "it")


def test_call_without_a_token(gateway: Gateway) -> None:
    """Without a token the route works like POST /api/connect, whatever the platform puts into Authorization."""
    caller = visitor()
    headers = {**caller.headers, **SDP, "Authorization": "Bearer eyJ0eXAi.put.there"}
    call_id = id_of(gateway.request("POST", CALLS, data=OFFER, headers=headers))

    assert gateway.wait_until(caller, call_id, "live")["voice"] == "marin"
    answer = gateway.request("POST", f"{CALLS}/{call_id}/hangup", headers=caller.headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("options", "status", "code", "says"),
    [
        ({"json": {"session": {"instructions": "Be rude."}}}, 400, "field_not_allowed", "session.instructions"),
        ({"json": {"session": {"model": "gpt-4o"}}}, 400, "field_not_allowed", "session.model"),
        ({"json": {"session": {"tool_choice": "none"}}}, 400, "field_not_allowed", "session.tool_choice"),
        ({"json": {"session": {"audio": {"output": {"voice": "hal"}}}}}, 400, "override_invalid", "voice"),
        ({"json": {"expires_after": {"seconds": 9}}}, 400, "body_invalid", "$.expires_after.seconds"),
        ({"json": {"expires_after": {"seconds": 7201}}}, 400, "body_invalid", "$.expires_after.seconds"),
        ({"json": {"expires_after": {"anchor": "now", "seconds": 60}}}, 400, "body_invalid", "$.expires_after.anchor"),
        ({"json": {"model": "gpt-realtime"}}, 400, "body_invalid", "model"),
        ({"json": {"session": []}}, 400, "body_invalid", "$.session"),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400, "body_invalid", ""),
        ({"data": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "unsupported_media_type", "text/plain"),
        ({"json": {"session": {"x": "y" * 17_000}}}, 413, "body_too_large", ""),
        ({"headers": {"Origin": "https://evil.example.net"}}, 403, "cross_site_request", ""),
    ],
)
def test_tokens_at_fault(gateway: Gateway, options: dict[str, Any], status: int, code: str, says: str) -> None:
    """Each refusal names what it is about, in both forms of an error."""
    found = openai_problem(gateway.request("POST", SECRETS, **options), status, code)

    assert says in found["detail"]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"data": b""}, 400, "offer_missing"),
        ({"data": b"hello"}, 400, "offer_invalid"),
        ({"data": OFFER + b"a=x\r\n" * 20_000}, 413, "offer_too_large"),
        ({"data": None, "files": {"session": (None, "{}")}}, 400, "offer_missing"),
        ({"data": None, "files": {"sdp": (None, OFFER), "voice": (None, "ash")}}, 400, "field_not_allowed"),
        ({"data": None, "files": {"sdp": (None, OFFER), "session": (None, "{")}}, 400, "body_invalid"),
        ({"data": None, "files": {"sdp": (None, OFFER), "session": (None, "[]")}}, 400, "body_invalid"),
        ({"data": None, "files": {"sdp": (None, OFFER), "session": (None, '{"tools":[1]}')}}, 400, "field_not_allowed"),
        ({"data": None, "json": {}}, 415, "unsupported_media_type"),
    ],
)
def test_calls_at_fault(gateway: Gateway, options: dict[str, Any], status: int, code: str) -> None:
    """A faulty offer or form is refused even with a valid token."""
    token = take(gateway, visitor())["value"]
    if "json" in options:
        answer = gateway.request("POST", CALLS, headers={"Authorization": f"Bearer {token}"}, json=options["json"])
    else:
        answer = call_with(gateway, token, **options)

    openai_problem(answer, status, code)
    assert gateway.emulator.seen("/calls") == []


def test_unknown_token(gateway: Gateway) -> None:
    """An unknown token is refused, and so is a client secret of the service, which is valid only there."""
    own = gateway.request("GET", "token", headers=visitor().headers).json()["token"]
    for token in ("ek_unknown", own):
        openai_problem(call_with(gateway, token), 401, "token_invalid")
    headers = {"Authorization": "Bearer ek_unknown"}
    openai_problem(gateway.request("POST", f"{CALLS}/rtc_1/hangup", headers=headers), 401, "token_invalid")
    openai_problem(gateway.request("POST", f"{CALLS}/rtc_1/hangup"), 404, "call_id_not_found")


def test_faults_of_the_service(gateway: Gateway) -> None:
    """A fault of the service comes back with the gateway's code, in the form that the clients read."""
    gateway.emulator.fault("calls", "429", retry_after=7)
    answer = call_with(gateway, take(gateway, visitor())["value"])

    openai_problem(answer, 503, "upstream_throttled")
    assert answer.headers["Retry-After"] == "7"


def test_sign_in_and_expiry(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """Only a signed-in visitor gets a token; its holder calls for them until it expires and hangs up even later."""
    with running_gateway(
        Emulator(emulator_url),
        storage.connection_string,
        logs / "tokens.log",
        REQUIRE_SIGN_IN="true",
        CLIENT_SECRET_SECONDS="10",
    ) as gateway:
        openai_problem(gateway.request("POST", SECRETS, headers=visitor().headers), 401, "sign_in_required")
        openai_problem(gateway.request("POST", CALLS, data=OFFER, headers=SDP), 401, "sign_in_required")
        ada = signed_in("ada", "operator")
        token = take(gateway, ada, {"expires_after": {"seconds": 7200}})
        assert token["expires_at"] - time.time() <= 10
        call_id = id_of(call_with(gateway, token["value"]))
        assert gateway.status(ada, call_id)["caller"] == {"id": "aad:ada", "name": "ada@example.com"}
        grace = gateway.call(signed_in("grace"))
        bearer = {"Authorization": f"Bearer {token['value']}"}
        # An operator's token does not give an operator's rights.
        openai_problem(gateway.request("POST", f"{CALLS}/{grace}/hangup", headers=bearer), 403, "not_your_call")

        wait_for(lambda: call_with(gateway, token["value"], data=b"").status_code == 401, "the token has expired")
        openai_problem(call_with(gateway, token["value"]), 401, "token_invalid")
        assert gateway.request("POST", f"{CALLS}/{call_id}/hangup", headers=bearer).status_code == 200
        assert json.loads(gateway.archived(call_id))["end_reason"] == "hung_up_by_caller"
        log = gateway.log.read_text()

    assert "ephemeral token given" in log
    assert "ek_" not in log


def test_gateway_that_relays_no_offers(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """With SIGNALLING=token the gateway issues no tokens and makes no calls."""
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "no-relay.log", SIGNALLING="token"
    ) as gateway:
        openai_problem(gateway.request("POST", SECRETS), 403, "signalling_disabled")
        openai_problem(gateway.request("POST", CALLS, data=OFFER, headers=SDP), 403, "signalling_disabled")


def test_storage_that_is_down(emulator_url: str, logs: Path) -> None:
    """With storage down a token can be neither kept nor checked: the answer is 503 and not 401."""
    nowhere = f"http://127.0.0.1:{free_port()}/devstoreaccount1"
    connection = f"AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint={nowhere};QueueEndpoint={nowhere};"
    with running_gateway(Emulator(emulator_url), connection, logs / "no-tokens.log") as gateway:
        openai_problem(gateway.request("POST", SECRETS), 503, "storage_unavailable")
        openai_problem(call_with(gateway, "ek_x"), 503, "storage_unavailable")


def test_pages_of_another_origin(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """The preflight allows the headers of OpenAI's clients, and the page may read the call's Location."""
    shop = "https://shop.example.com"
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "openai-cors.log", ALLOWED_ORIGINS=shop
    ) as gateway:
        asked = {"Origin": shop, "Access-Control-Request-Method": "POST", "Sec-Fetch-Site": "cross-site"}
        for path in (SECRETS, CALLS, f"{CALLS}/rtc_1/hangup"):
            preflight = gateway.request("OPTIONS", path, headers=asked)
            assert preflight.status_code == 204
            allowed = preflight.headers["Access-Control-Allow-Headers"].split(", ")
            assert {"authorization", "content-type", "x-openai-agents-sdk", "x-stainless-lang"} <= set(allowed)
            assert preflight.headers["Access-Control-Allow-Origin"] == shop
        refused = gateway.request("POST", CALLS, headers={"Origin": shop, "Authorization": "Bearer ek_x"})
        openai_problem(refused, 401, "token_invalid")
        assert refused.headers["Access-Control-Allow-Origin"] == shop
        assert "Location" in refused.headers["Access-Control-Expose-Headers"]
        evil = gateway.request("OPTIONS", CALLS, headers={**asked, "Origin": "https://evil.example.net"})
        openai_problem(evil, 403, "cross_site_request")
