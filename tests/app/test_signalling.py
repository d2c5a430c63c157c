"""Tests connect and token over a real socket: a call, and every error of the table."""

import random
import string
from typing import Any

import pytest
import requests

from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, running_gateway, visitor
from tests.processes import Azurite, free_port

SDP = {"Content-Type": "application/sdp"}


def problem(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is this problem, complete, and that it shows nothing secret."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    found: dict[str, Any] = answer.json()
    assert found["code"] == code
    assert found["status"] == status
    assert found["hint"]
    assert found["request_id"] == answer.headers["X-Request-Id"]
    assert not {"ek_", "ice-pwd", "emulator"} & set(answer.text.split())
    return found


def test_connect(gateway: Gateway) -> None:
    """The answer is a 201 with the SDP answer and the call's Location."""
    answer = gateway.connect(visitor())

    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/sdp"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Location"].startswith("/api/calls/rtc_")
    assert answer.text.startswith("v=0")
    assert "ek_" not in answer.text


def test_connect_with_a_form(gateway: Gateway) -> None:
    """The offer may be the field `sdp` of a form; the form's choices reach the service."""
    # No other test asks for this language. Otherwise the gateway would use a client secret that it has kept.
    form = {"sdp": (None, OFFER), "voice": (None, "cedar"), "language": (None, "eo")}
    answer = gateway.request("POST", "connect", files=form, headers=visitor().headers)

    assert answer.status_code == 201, answer.text
    audio = gateway.emulator.seen("/client_secrets")[-1]["json"]["session"]["audio"]
    assert audio["output"]["voice"] == "cedar"
    assert audio["input"]["transcription"]["language"] == "eo"


def test_choice_in_the_query(gateway: Gateway) -> None:
    """The choices of a raw offer are in the URL, because there is no form."""
    caller = visitor()
    answer = gateway.connect(caller, params={"voice": "verse", "language": "tr"})
    status = gateway.status(caller, answer.headers["Location"].rsplit("/", 1)[-1])

    assert (status["voice"], status["language"]) == ("verse", "tr")


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"headers": SDP, "data": b""}, 400, "offer_missing"),
        ({"files": {"voice": (None, "ash")}}, 400, "offer_missing"),
        ({"headers": SDP, "data": b"hello"}, 400, "offer_invalid"),
        ({"headers": SDP, "data": OFFER.replace(b"m=audio", b"m=video")}, 400, "offer_invalid"),
        ({"headers": SDP, "data": OFFER + b"a=x\r\n" * 20_000}, 413, "offer_too_large"),
        ({"files": {"sdp": (None, OFFER * 120)}}, 413, "offer_too_large"),
        ({"headers": {"Content-Type": "application/json"}, "data": b"{}"}, 415, "unsupported_media_type"),
        ({"headers": SDP, "data": OFFER, "params": {"voice": "hal"}}, 400, "override_invalid"),
        ({"files": {"sdp": (None, OFFER), "session": (None, "{}")}}, 400, "field_not_allowed"),
        ({"headers": {"Content-Type": "multipart/form-data"}, "data": OFFER}, 400, "body_invalid"),
        ({"headers": {**SDP, "Sec-Fetch-Site": "cross-site"}, "data": OFFER}, 403, "cross_site_request"),
        ({"headers": {**SDP, "Origin": "https://evil.example.net"}, "data": OFFER}, 403, "cross_site_request"),
    ],
)
def test_requests_at_fault(gateway: Gateway, request_: dict[str, Any], status: int, code: str) -> None:
    """A faulty request is refused before anything is asked of the service."""
    problem(gateway.request("POST", "connect", **request_), status, code)

    assert gateway.emulator.seen("/calls") == []


@pytest.mark.parametrize(
    ("on", "fault", "status", "code"),
    [
        ("client_secrets", "401", 502, "upstream_unauthorized"),
        ("client_secrets", "403", 502, "upstream_forbidden"),
        ("client_secrets", "404", 502, "deployment_not_found"),
        ("client_secrets", "500", 502, "upstream_failed"),
        ("client_secrets", "reset", 502, "upstream_failed"),
        ("client_secrets", "garbage", 502, "upstream_failed"),
        ("client_secrets", "429", 503, "upstream_throttled"),
        ("calls", "401", 502, "upstream_unauthorized"),
        ("calls", "403", 502, "upstream_forbidden"),
        ("calls", "429", 503, "upstream_throttled"),
        ("calls", "500", 502, "upstream_failed"),
        ("calls", "reset", 502, "upstream_failed"),
        ("calls", "garbage", 502, "upstream_failed"),
        ("calls", "no_location", 502, "upstream_failed"),
    ],
)
def test_faults_of_the_service(gateway: Gateway, on: str, fault: str, status: int, code: str) -> None:
    """Each fault of the service has a code of its own, and the caller gets the place back."""
    caller = visitor()
    gateway.emulator.fault(on, fault, retry_after=7)
    # Each case makes a choice of its own, because a kept client secret would hide a fault of minting.
    params = {"language": "".join(random.choices(string.ascii_lowercase, k=3))}
    for _ in range(3):
        answer = gateway.connect(caller, params=params)
        problem(answer, status, code)
    if fault == "429":
        assert answer.headers["Retry-After"] == "7"

    gateway.emulator.clear_faults()
    assert gateway.connect(caller).status_code == 201


def test_service_that_is_slow(gateway: Gateway) -> None:
    """The gateway gives up on a slow service before the platform's 45 s have passed."""
    gateway.emulator.fault("client_secrets", "slow", seconds=12)

    problem(gateway.connect(visitor(), params={"language": "zz"}), 504, "upstream_timeout")


def test_garbage_answer_hangs_the_call_up(gateway: Gateway) -> None:
    """A call whose SDP answer cannot be used is hung up."""
    gateway.emulator.fault("calls", "garbage", times=1)
    problem(gateway.connect(visitor()), 502, "upstream_failed")

    assert [call["state"] for call in gateway.emulator.calls().values()][-1] == "ended"


@pytest.mark.parametrize(
    ("deployment", "code"), [("gpt-4o", "deployment_not_realtime"), ("GPT-realtime", "deployment_not_found")]
)
def test_deployments(emulator_url: str, storage: Azurite, logs: Any, deployment: str, code: str) -> None:
    """A deployment that does not exist and one of another kind of model have codes of their own."""
    emulator = Emulator(emulator_url)
    with running_gateway(
        emulator, storage.connection_string, logs / f"{deployment}.log", REALTIME_DEPLOYMENT=deployment
    ) as gateway:
        problem(gateway.connect(visitor()), 502, code)


def test_places(gateway: Gateway) -> None:
    """A third call is refused; hanging one up makes room for another."""
    caller = visitor()
    first = gateway.call(caller)
    gateway.call(caller)
    refused = gateway.connect(caller)
    problem(refused, 429, "too_many_calls")
    assert 0 < int(refused.headers["Retry-After"]) <= 1860
    gateway.call(visitor())

    gateway.request("DELETE", f"calls/{first}", headers=caller.headers)
    gateway.wait_until(caller, first, "ended")
    gateway.archived(first)
    assert gateway.connect(caller).status_code == 201


def test_storage_that_is_down(emulator_url: str, logs: Any) -> None:
    """With storage down no place can be counted: the answer is 503, and no call is made."""
    emulator = Emulator(emulator_url)
    emulator.reset()
    nowhere = f"http://127.0.0.1:{free_port()}/devstoreaccount1"
    connection = f"AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint={nowhere};QueueEndpoint={nowhere};"
    with running_gateway(emulator, connection, logs / "no-storage.log") as gateway:
        problem(gateway.connect(visitor()), 503, "storage_unavailable")
        assert gateway.request("GET", "health").status_code == 200

    assert emulator.seen("/calls") == []


def test_queue_that_is_down(emulator_url: str, storage: Azurite, logs: Any) -> None:
    """A call that cannot be observed is hung up, and its caller is told."""
    emulator = Emulator(emulator_url)
    emulator.reset()
    queueless = storage.connection_string.replace(f":{storage.queue_port}/", f":{free_port()}/")
    with running_gateway(emulator, queueless, logs / "no-queue.log") as gateway:
        problem(gateway.connect(visitor()), 503, "storage_unavailable")

    (calling,) = emulator.seen("/calls")
    (hanging_up,) = emulator.seen("/hangup")
    assert calling
    assert emulator.calls()[hanging_up["path"].split("/")[-2]]["state"] == "ended"


def test_token(gateway: Gateway) -> None:
    """The page makes a call with a client secret of its own, and registers it."""
    caller = visitor()
    answer = gateway.request("GET", "token", headers=caller.headers)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    token = answer.json()
    assert token["token"].startswith("ek_")
    assert token["calls_url"] == f"{gateway.emulator.url}/openai/v1/realtime/calls?webrtcfilter=on"
    assert token["endpoint"] == gateway.emulator.url
    assert (token["deployment"], token["protocol"]) == ("gpt-realtime", "ga")

    bearer = {"Authorization": f"Bearer {token['token']}", "Content-Type": "application/sdp"}
    created = requests.post(token["calls_url"], data=OFFER, headers=bearer, timeout=10)
    call_id = created.headers["Location"].rsplit("/", 1)[-1]
    for _ in range(2):
        registered = gateway.request("POST", "calls", json={"call_id": call_id}, headers=caller.headers)
        assert registered.status_code == 202, registered.text
    assert gateway.wait_until(caller, call_id, "live")["signalling"] == "token"

    stolen = gateway.request("POST", "calls", json={"call_id": call_id}, headers=visitor().headers)
    problem(stolen, 403, "not_your_call")


def test_token_by_post(gateway: Gateway) -> None:
    """A page of the first how-to finds the names that it reads, `data.id` and `data.client_secret?.value`, here too."""
    caller = visitor()
    data = gateway.request("POST", "token", json={"voice": "verse"}, headers=caller.headers).json()

    assert data["id"]
    assert (data["client_secret"]["value"], data["client_secret"]["expires_at"]) == (data["token"], data["expires_at"])
    headers = {"Authorization": f"Bearer {data['client_secret']['value']}", **SDP}
    answer = requests.post(data["calls_url"], data=OFFER, headers=headers, timeout=10)
    assert (answer.status_code, answer.text[:3]) == (201, "v=0")


def test_each_token_is_another(gateway: Gateway) -> None:
    """A page's client secret is never one that the gateway or another page uses."""
    tokens = {gateway.request("GET", "token", headers=visitor().headers).json()["token"] for _ in range(2)}

    assert len(tokens) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"call_id": "../../secrets"}, "body_invalid"),
        ({"call_id": 7}, "body_invalid"),
        ({}, "body_invalid"),
        ({"call_id": "rtc_1", "endpoint": "https://evil.example.net"}, "body_invalid"),
    ],
)
def test_registrations_at_fault(gateway: Gateway, body: dict[str, Any], code: str) -> None:
    """A malformed id and an endpoint that is not the gateway's are refused."""
    problem(gateway.request("POST", "calls", json=body), 400, code)


@pytest.mark.parametrize(("way", "path"), [("proxy", "token"), ("token", "connect")])
def test_the_other_way_is_off(emulator_url: str, storage: Azurite, logs: Any, way: str, path: str) -> None:
    """SIGNALLING names the one way that is on, and the other is refused."""
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / f"{way}.log", SIGNALLING=way
    ) as gateway:
        method = "GET" if path == "token" else "POST"
        answer = gateway.request(method, path, headers=SDP, data=OFFER if path == "connect" else None)
        problem(answer, 403, "signalling_disabled")
