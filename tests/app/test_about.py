"""Tests config, health, sign-in, pages of other origins, and what the log must not contain."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from tests.app.test_calls import talk
from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, running_gateway, visitor
from tests.processes import Azurite, running
from tests.service.test_storage_standin import Standin
from tests.wait import wait_for


def test_health(gateway: Gateway) -> None:
    """Health asks nothing of the service."""
    answer = gateway.request("GET", "health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": "0.1.0"})
    assert gateway.emulator.seen() == []


def test_config(gateway: Gateway) -> None:
    """The configuration tells a page what it must know, but nothing of the instructions."""
    answer = gateway.request("GET", "config")

    found = answer.json()
    assert found["signalling"] == "both"
    assert found["limits"] == {"max_call_seconds": 1800, "max_idle_seconds": 300, "max_calls_per_caller": 2}
    assert found["firewall"] == {"port": 3478, "protocols": ["udp", "tcp"], "service_tag": "AzureCloud.eastus2"}
    assert found["archive"] == {"transcripts": True, "retention_days": 30, "notice": None}
    assert "marin" in found["session"]["voices"]
    assert found["session"]["turn_detection"] == "server_vad"
    assert "assistant on a website" not in answer.text


def test_what_is_left_is_asked_seldom(emulator_url: str, logs: Path) -> None:
    """The first page hears what storage says, and a crowd of pages costs storage a few questions.

    While storage is silent, config and health are answered all the same: here it stays silent until they are.
    """
    standin = Standin()
    with (
        running(standin.command(), standin.control_port, log=logs / "about-storage.log"),
        running_gateway(Emulator(emulator_url), standin.connection_string, logs / "about.log") as gateway,
        ThreadPoolExecutor(20) as threads,
    ):

        def left(_: object) -> Any:
            return gateway.request("GET", "config").json()["left"]["calls"]

        assert wait_for(lambda: left(None)) == 100
        requests.delete(f"{standin.control}/counts", timeout=5).raise_for_status()
        assert set(threads.map(left, range(200))) == {100}
        # The sweep lists blobs, too.
        assert requests.get(f"{standin.control}/counts", timeout=5).json().get("list_blobs", 0) < 20

        standin.fault(fault="silent")
        for path in ("config", "health") * 20:
            assert gateway.request("GET", path).status_code == 200
        requests.delete(f"{standin.control}/faults", timeout=5).raise_for_status()


def signed_in(user: str, *roles: str) -> Visitor:
    principal = {
        "identityProvider": "aad",
        "userId": user,
        "userDetails": f"{user}@example.com",
        "userRoles": ["anonymous", "authenticated", *roles],
    }
    return Visitor({"x-ms-client-principal": base64.b64encode(json.dumps(principal).encode()).decode()})


def test_sign_in(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """Without a principal nobody may call; callers see their own calls, and an operator sees and ends all."""
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "sign-in.log", REQUIRE_SIGN_IN="true"
    ) as gateway:
        problem(gateway.connect(visitor()), 401, "sign_in_required")
        problem(gateway.request("GET", "calls/rtc_1"), 401, "sign_in_required")
        assert gateway.request("GET", "config").json()["sign_in_required"] is True
        call_id = gateway.call(signed_in("ada"))
        problem(gateway.request("DELETE", f"calls/{call_id}", headers=signed_in("grace").headers), 403, "not_your_call")
        operator = signed_in("olga", "operator")
        assert gateway.status(operator, call_id)["caller"] == {"id": "aad:ada", "name": "ada@example.com"}
        assert gateway.request("DELETE", f"calls/{call_id}", headers=operator.headers).status_code == 204

        assert json.loads(gateway.archived(call_id))["end_reason"] == "hung_up_by_operator"


def test_pages_of_another_origin(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """An allowed origin gets CORS headers in answers, errors and preflights; any other gets 403."""
    shop = "https://shop.example.com"
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "cors.log", ALLOWED_ORIGINS=shop
    ) as gateway:
        browser = {"Origin": shop, "Sec-Fetch-Site": "cross-site"}
        caller = Visitor({**visitor().headers, **browser})
        answer = gateway.connect(caller)
        assert answer.status_code == 201
        assert answer.headers["Access-Control-Allow-Origin"] == shop
        assert "Location" in answer.headers["Access-Control-Expose-Headers"]
        assert answer.headers["Vary"] == "Origin"

        refused = gateway.request("POST", "connect", data=b"x", headers={"Content-Type": "application/sdp", **browser})
        problem(refused, 400, "offer_invalid")
        assert refused.headers["Access-Control-Allow-Origin"] == shop

        preflight = gateway.request("OPTIONS", "connect", headers={**browser, "Access-Control-Request-Method": "POST"})
        assert preflight.status_code == 204
        assert "x-switchboard-caller" in preflight.headers["Access-Control-Allow-Headers"]

        evil = gateway.request("OPTIONS", "connect", headers={"Origin": "https://evil.example.net"})
        problem(evil, 403, "cross_site_request")
        assert "Access-Control-Allow-Origin" not in evil.headers


def test_the_log_says_nothing_secret(gateway: Gateway) -> None:
    """After calls, tokens, turns and errors, the log contains no key, no secret, no SDP and no word of a call."""
    caller = visitor()
    call_id = gateway.call(caller)
    gateway.wait_until(caller, call_id, "live")
    talk(gateway, caller, call_id, "Swordfish", "Marmalade")
    gateway.request("GET", "token", headers=caller.headers)
    gateway.emulator.fault("calls", "400", times=1)
    gateway.connect(caller)
    gateway.request("POST", "connect", data=OFFER[:300], headers={"Content-Type": "application/sdp"})
    gateway.request("DELETE", f"calls/{call_id}", headers=caller.headers)
    assert b"Swordfish" in gateway.archived(call_id)

    log = gateway.log.read_text()
    assert f"call {call_id} created" in log
    for secret in (
        "ek_",
        "Swordfish",
        "Marmalade",
        "ice-pwd",
        "x9cml",
        "AccountKey",
        caller.headers["x-switchboard-caller"],
    ):
        assert secret not in log, secret


def test_settings_that_cannot_work(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """The host does not start, and its output names every fault."""
    log = logs / "faults.log"
    settings: dict[str, Any] = {"REALTIME_DEPLOYMENT": "", "MAX_CALL_SECONDS": "forever"}
    try:
        with running_gateway(Emulator(emulator_url), storage.connection_string, log, **settings):
            raise AssertionError("the gateway must not start")
    except RuntimeError as error:
        assert "REALTIME_DEPLOYMENT is missing" in str(error)  # noqa: PT017  a context manager raised it
        assert "MAX_CALL_SECONDS cannot be read" in str(error)  # noqa: PT017
