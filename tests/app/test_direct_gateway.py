"""Tests the gateway that OpenAI's clients reach directly, as it is behind App Service Authentication.

The platform is not here: the tests send the header that it adds, and show that the gateway believes it nowhere else.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from openai import OpenAI

from tests.app.test_openai_routes import CALLS, SECRETS, call_with, openai_problem, take
from tests.app.test_signalling import SDP
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, running_gateway
from tests.processes import Azurite
from tests.wait import wait_for

SHOP = "https://shop.example.com"
CLAIMS = [{"typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": "server-1"}]
PRINCIPAL = base64.b64encode(json.dumps({"auth_typ": "aad", "claims": CLAIMS}).encode()).decode()
SERVER = Visitor({"x-ms-client-principal": PRINCIPAL, "x-switchboard-caller": "visitor-of-the-customer"})


@pytest.fixture(scope="module")
def site(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    """Run the app behind the site, which observes and archives for both."""
    with running_gateway(Emulator(emulator_url), storage.connection_string, logs / "behind-site.log") as gateway:
        yield gateway


@pytest.fixture(scope="module")
def direct(site: Gateway, emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    """Run the direct gateway on the same storage."""
    with running_gateway(
        Emulator(emulator_url),
        storage.connection_string,
        logs / "direct.log",
        ARCHIVE_CONTAINER=site.container,
        DIRECT_GATEWAY="true",
        REQUIRE_SIGN_IN="true",
        ALLOWED_ORIGINS=SHOP,
    ) as gateway:
        yield gateway


def test_it_has_the_routes_of_openais_clients_and_health_only(direct: Gateway) -> None:
    assert direct.request("GET", "health").status_code == 200
    for method, path in (("GET", "config"), ("GET", "token"), ("POST", "connect"), ("POST", "calls")):
        assert requests.request(method, f"{direct.url}/api/{path}", timeout=10).status_code == 404, path
    log = direct.log.read_text()
    assert "observe_call" not in log
    assert "archive" not in log


def test_a_call_of_a_customers_visitor_from_token_to_archive(direct: Gateway, site: Gateway) -> None:
    """The app behind the site observes and archives the call that was made here."""
    token = take(direct, SERVER)["value"]
    answer = call_with(direct, token)
    assert answer.status_code == 201
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    hung_up = direct.request("POST", f"{CALLS}/{call_id}/hangup", headers={"Authorization": f"Bearer {token}"})
    assert hung_up.status_code == 200
    summary = json.loads(wait_for(lambda: site.archived(call_id)))
    assert summary["caller"]["id"].startswith("aad:server-1:")


def test_the_openai_package_takes_a_token_with_the_servers_own(direct: Gateway) -> None:
    client = OpenAI(base_url=f"{direct.url}/api/v1", api_key="an Entra token, which the platform has checked")
    token = client.realtime.client_secrets.create(session={"type": "realtime"}, extra_headers=SERVER.headers)
    assert token.value.startswith("ek_")


def test_an_application_sends_a_whole_session(direct: Gateway, site: Gateway) -> None:
    """The session of an application that the platform has checked reaches the service; a visitor's still may not."""
    session = {
        "type": "realtime",
        "instructions": "Sell umbrellas.",
        "tools": [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}],
        "output_modalities": ["text"],
        "audio": {"output": {"voice": "sage"}},
    }
    direct.emulator.reset()
    token = take(direct, SERVER, {"session": session})["value"]
    form = {"sdp": (None, OFFER, "application/sdp"), "session": (None, '{"output_modalities": ["text"]}')}
    answer = call_with(direct, token, data=None, files=form)
    assert answer.status_code == 201

    (minting,) = direct.emulator.seen("/client_secrets")
    sent = minting["json"]["session"]
    assert sent["instructions"] == "Sell umbrellas."
    assert (sent["tools"], sent["output_modalities"]) == (session["tools"], ["text"])
    assert sent["audio"]["output"]["voice"] == "sage"
    assert sent["audio"]["input"]["transcription"], "the settings fill what the application leaves out"
    form["session"] = (None, '{"instructions": "Be rude."}')
    openai_problem(call_with(direct, token, data=None, files=form), 400, "field_not_allowed")
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    direct.request("POST", f"{CALLS}/{call_id}/hangup", headers={"Authorization": f"Bearer {token}"})
    summary = json.loads(wait_for(lambda: site.archived(call_id)))
    assert summary["voice"] == "sage"


def test_whole_sessions_at_fault(direct: Gateway) -> None:
    """A session may be 64 KB long and must have the gateway's model."""
    for session, status, code in (
        ({"model": "gpt-4o"}, 400, "field_not_allowed"),
        ({"voice": "ash"}, 400, "field_not_allowed"),
        ({"instructions": "x" * 65_536}, 413, "body_too_large"),
    ):
        answer = direct.request("POST", SECRETS, json={"session": session}, headers=SERVER.headers)
        openai_problem(answer, status, code)
    assert take(direct, SERVER, {"session": {"instructions": "x" * 60_000}})["value"]


@pytest.mark.parametrize("headers", [{}, {"x-ms-client-principal": "e30="}, {"Authorization": "Bearer eyJ0eXAi.e30.x"}])
def test_no_token_without_the_platforms_principal(direct: Gateway, headers: dict[str, str]) -> None:
    openai_problem(direct.request("POST", SECRETS, headers=headers), 401, "sign_in_required")


@pytest.mark.parametrize("path", [CALLS, f"{CALLS}/rtc_1/hangup"])
@pytest.mark.parametrize("headers", [{}, SERVER.headers, {"Authorization": "Bearer eyJ0eXAi.e30.x", **SERVER.headers}])
def test_no_call_without_a_token_of_the_gateway(direct: Gateway, path: str, headers: dict[str, str]) -> None:
    """The platform lets these paths pass, so a principal on them could be anyone's invention."""
    answer = direct.request("POST", path, data=OFFER, headers={**SDP, **headers})
    openai_problem(answer, 401, "token_invalid")


def test_pages_of_other_origins_need_a_preflight_and_get_one(direct: Gateway) -> None:
    """Through the site they would not: its edge refuses every preflight."""
    asked = {
        "Origin": SHOP,
        "Sec-Fetch-Site": "cross-site",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = direct.request("OPTIONS", CALLS, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == SHOP
    token = take(direct, SERVER)["value"]
    page = {"Origin": SHOP, "Sec-Fetch-Site": "cross-site", "Authorization": f"Bearer {token}", **SDP}
    answer = direct.request("POST", CALLS, data=OFFER, headers=page)
    assert answer.status_code == 201
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    evil = direct.request("OPTIONS", CALLS, headers={**asked, "Origin": "https://evil.example.net"})
    openai_problem(evil, 403, "cross_site_request")
