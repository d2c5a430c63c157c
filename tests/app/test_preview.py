"""Tests REALTIME_PROTOCOL=preview: the routes and errors are the same, and records say what they are based on."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.app.test_about import signed_in
from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, running_gateway
from tests.processes import Azurite, running_azurite
from tests.wait import wait_for

ADA, OLGA = signed_in("ada"), signed_in("olga", "operator")
PREVIEW: dict[str, Any] = {
    "REALTIME_PROTOCOL": "preview",
    "REALTIME_REGION": "eastus2",
    "SESSION_VOICE": "",
    "SIGNALLING": "both",
    "REQUIRE_SIGN_IN": "true",
    "MAX_CALLS_PER_CALLER": "20",
}


@pytest.fixture(scope="module")
def own_storage(logs: Path) -> Iterator[Azurite]:
    """Run a storage apart from `storage`, which two tests here give to gateways of their own."""
    with running_azurite(logs / "preview-azurite.log") as azurite:
        yield azurite


@pytest.fixture(scope="module")
def preview_gateway(emulator_url: str, own_storage: Azurite, logs: Path) -> Iterator[Gateway]:
    log = logs / "preview.log"
    with running_gateway(Emulator(emulator_url), own_storage.connection_string, log, **PREVIEW) as gateway:
        yield gateway


@pytest.fixture
def gateway(preview_gateway: Gateway) -> Iterator[Gateway]:
    preview_gateway.emulator.reset()
    yield preview_gateway
    preview_gateway.emulator.reset()


def hang_up(gateway: Gateway, call_id: str) -> None:
    assert gateway.request("DELETE", f"calls/{call_id}", headers=ADA.headers).status_code == 204


def test_start(gateway: Gateway) -> None:
    """The page is told about the preview protocol, and so is the log, once."""
    config = gateway.request("GET", "config").json()

    assert (config["protocol"], config["webrtc_filter"]) == ("preview", False)
    assert config["session"]["voice"] == "alloy"
    assert not {"marin", "cedar"} & set(config["session"]["voices"])
    # The services are built in the background after the start.
    wait_for(lambda: "REALTIME_PROTOCOL=preview is deprecated" in gateway.log.read_text())
    assert gateway.log.read_text().count("REALTIME_PROTOCOL=preview is deprecated") == 1


def test_from_connect_to_archive(gateway: Gateway) -> None:
    """A call is live from its answer on, the page hangs it up, and the archive says that nobody observed it."""
    call_id = gateway.call(ADA)
    live = gateway.status(ADA, call_id)
    report = {"first_audio_ms": 400}
    assert gateway.request("POST", f"calls/{call_id}/report", json=report, headers=ADA.headers).status_code == 202
    hang_up(gateway, call_id)
    summary = json.loads(gateway.archived(call_id))

    assert call_id.startswith("rtc_preview_")
    assert (live["state"], live["limits"]["idle_seconds_left"]) == ("live", None)
    assert (summary["protocol"], summary["observed"]) == ("preview", False)
    assert summary["end_reason"] == "hung_up_by_caller"
    assert (summary["transcript"], summary["turns"]) == ([], [])
    assert summary["reports"][0]["figures"] == report
    assert {**summary, "state": "ended", "limits": None} == gateway.status(ADA, call_id)
    hang_up(gateway, call_id)


def test_choices_reach_the_service_in_its_own_fields(gateway: Gateway) -> None:
    answer = gateway.connect(ADA, params={"voice": "verse", "language": "tr"})
    assert answer.status_code == 201

    (minting,) = gateway.emulator.seen("/sessions")
    assert minting["json"]["voice"] == "verse"
    assert minting["json"]["input_audio_transcription"]["language"] == "tr"
    problem(gateway.connect(ADA, params={"voice": "marin"}), 400, "override_invalid")
    hang_up(gateway, answer.headers["Location"].rsplit("/", 1)[-1])


def test_routes_that_openais_clients_know(gateway: Gateway) -> None:
    """These clients cannot speak the preview protocol, so they are refused at the token and without one."""
    found = problem(
        gateway.request("POST", "v1/realtime/client_secrets", headers=ADA.headers), 403, "openai_clients_off"
    )
    assert "REALTIME_PROTOCOL" in found["hint"]
    headers = {"Content-Type": "application/sdp", **ADA.headers}
    problem(gateway.request("POST", "v1/realtime/calls", data=OFFER, headers=headers), 403, "openai_clients_off")


def test_page_of_the_first_how_to(gateway: Gateway) -> None:
    """A page that makes a session with POST finds its id and its client secret where the service had them."""
    body = {"model": "another-deployment", "voice": "verse"}
    problem(gateway.request("POST", "token", json=body, headers=ADA.headers), 400, "field_not_allowed")
    body["model"] = gateway.request("GET", "config").json()["deployment"]
    data = gateway.request("POST", "token", json=body, headers=ADA.headers).json()

    assert data["id"].startswith("sess_")
    assert (data["client_secret"]["value"], data["client_secret"]["expires_at"]) == (data["token"], data["expires_at"])
    headers = {"Authorization": f"Bearer {data['client_secret']['value']}", "Content-Type": "application/sdp"}
    assert requests.post(data["calls_url"], data=OFFER, headers=headers, timeout=10).status_code == 201
    (minting,) = gateway.emulator.seen("/sessions")
    assert minting["json"]["voice"] == "verse"
    body_less = gateway.request("POST", "token", headers=ADA.headers)
    assert body_less.json()["client_secret"]["value"]


def test_token_signalling(gateway: Gateway) -> None:
    """The page sends its offer to the region, and registers the call under the id that came with its token."""
    token = gateway.request("GET", "token", headers=ADA.headers).json()
    headers = {"Authorization": f"Bearer {token['token']}", "Content-Type": "application/sdp"}
    answer = requests.post(token["calls_url"], data=OFFER, headers=headers, timeout=10)
    body = {"call_id": token["call_id"], "endpoint": token["endpoint"]}
    registered = [gateway.request("POST", "calls", json=body, headers=ADA.headers) for _ in range(2)]

    assert token["protocol"] == "preview"
    assert (answer.status_code, answer.text[:3]) == (201, "v=0")
    assert [one.status_code for one in registered] == [202, 202]
    assert gateway.status(ADA, token["call_id"])["state"] == "live"
    hang_up(gateway, token["call_id"])
    assert json.loads(gateway.archived(token["call_id"]))["signalling"] == "token"


@pytest.mark.parametrize(
    ("on", "fault", "status", "code"),
    [
        ("client_secrets", "401", 502, "upstream_unauthorized"),
        ("client_secrets", "404", 502, "deployment_not_found"),
        ("client_secrets", "garbage", 502, "upstream_failed"),
        ("calls", "429", 503, "upstream_throttled"),
        ("calls", "500", 502, "upstream_failed"),
        ("calls", "garbage", 502, "upstream_failed"),
    ],
)
def test_faults_of_the_service(gateway: Gateway, on: str, fault: str, status: int, code: str) -> None:
    """A fault of the service has the same code as with the GA protocol."""
    gateway.emulator.fault(on, fault, retry_after=7)

    problem(gateway.connect(ADA), status, code)


def test_no_hand_on_a_call(gateway: Gateway) -> None:
    """Without a sideband nobody can steer the call, but an operator can still end its record."""
    call_id = gateway.call(ADA)
    event = {"type": "response.create"}
    answer = gateway.request("POST", f"calls/{call_id}/events", json=event, headers=OLGA.headers)

    problem(answer, 409, "steering_unavailable")
    assert gateway.request("DELETE", f"calls/{call_id}", headers=OLGA.headers).status_code == 204
    assert json.loads(gateway.archived(call_id))["end_reason"] == "hung_up_by_operator"


def test_killed_in_mid_call(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """When the host is killed, the page hangs up at the next one, whose sweep finds the call and closes its record."""
    log, emulator = logs / "preview-killed.log", Emulator(emulator_url)
    settings = {**PREVIEW, "ARCHIVE_CONTAINER": "archive-preview-killed"}
    with running_gateway(emulator, storage.connection_string, log, **settings) as first:
        call_id = first.call(ADA)
        wait_for(lambda: first.status(ADA, call_id)["state"] == "live", "the journal has begun")
        os.killpg(first.process.pid, signal.SIGKILL)
        first.process.wait(10)
    with running_gateway(emulator, storage.connection_string, log, **settings) as second:
        hang_up(second, call_id)
        summary = json.loads(second.archived(call_id, seconds=60))

    assert (summary["observed"], summary["end_reason"]) == (False, "hung_up_by_caller")


def test_settings_that_cannot_work(emulator_url: str, storage: Azurite, logs: Path) -> None:
    """A missing region, a voice that preview lacks and a token scope beside a key are named together."""
    settings: dict[str, Any] = {
        **PREVIEW,
        "REALTIME_REGION": "",
        "SESSION_VOICE": "marin",
        "REALTIME_TOKEN_SCOPE": "https://ai.azure.com/.default",
    }
    try:
        with running_gateway(
            Emulator(emulator_url), storage.connection_string, logs / "preview-faults.log", **settings
        ):
            raise AssertionError("the gateway must not start")
    except RuntimeError as error:
        for name in ("REALTIME_REGION must be", "SESSION_VOICE is marin", "REALTIME_TOKEN_SCOPE is set beside"):
            assert name in str(error)  # noqa: PT017  a context manager raised it
