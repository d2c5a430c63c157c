"""Tests that requests which no browser would send are refused, and that a busy gateway still tells how it is."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_about import signed_in
from tests.app.test_signalling import problem
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, running_gateway, visitor
from tests.processes import Azurite

DEEP = b'{"figures": ' + b"[" * 7_000 + b"]" * 7_000 + b"}"


def send(gateway: Gateway, method: str, path: str, headers: Mapping[str, str | bytes]) -> tuple[int, dict[str, Any]]:
    """Send a request whose path and headers go out byte for byte, as no client library would send them."""
    connection = HTTPConnection(gateway.url.removeprefix("http://"), timeout=30)
    try:
        connection.putrequest(method, f"/api/{path}", skip_host="host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value if isinstance(value, bytes) else value.encode())
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else {}
    finally:
        connection.close()


NO_URLS = ["http://[", "http://\u2102\u2100", "https://]x"]


@pytest.mark.parametrize("path", ["token", "calls/rtc_1", "v1/realtime/calls/rtc_1/hangup"])
@pytest.mark.parametrize("origin", NO_URLS)
def test_origin_that_is_not_a_url(gateway: Gateway, path: str, origin: str) -> None:
    """A page whose origin cannot be read is a page of another site, on every guarded route."""
    method = "POST" if path.endswith("hangup") else "GET"
    status, found = send(gateway, method, path, {"Origin": origin})

    assert (status, found["code"]) == (403, "cross_site_request")


@pytest.mark.parametrize("header", ["x-ms-original-url", "x-forwarded-host"])
@pytest.mark.parametrize("made_up", NO_URLS)
def test_host_that_is_not_a_url(gateway: Gateway, header: str, made_up: str) -> None:
    """A header that cannot be read names no host of ours."""
    status, found = send(gateway, "GET", "token", {"Origin": "https://a.example.com", header: made_up})

    assert (status, found["code"]) == (403, "cross_site_request")


@pytest.mark.parametrize("call_id", ["%00", "rtc_1%00", "%2e%2e", "rtc_%C3%A9", "%ff%fe", "r" * 4000])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_call_ids_in_paths(gateway: Gateway, method: str, call_id: str) -> None:
    """A path that holds no call id holds no call."""
    status, found = send(gateway, method, f"calls/{call_id}", {})

    assert (status, found["code"]) == (404, "call_not_found")


@pytest.mark.parametrize("token", ["ek_\u00e9", b"ek_\xff\xfe", "ek_" + "a" * 20_000, "ek_", "ek_../places", "ek_a b"])
def test_tokens_that_were_never_issued(gateway: Gateway, token: str | bytes) -> None:
    """A text that cannot be a token is refused like one that has never been issued."""
    value = b"Bearer " + (token if isinstance(token, bytes) else token.encode())
    status, found = send(gateway, "POST", "v1/realtime/calls", {"Authorization": value})

    assert (status, found["code"]) == (401, "token_invalid")


@pytest.mark.parametrize(
    "media_type", [b"text/\xff\xfe", "\u2102", "x" * 9_000, ";" * 9_000, "multipart/form-data; boundary=\u00e9"]
)
def test_media_types(gateway: Gateway, media_type: str | bytes) -> None:
    """A media type that does not exist is refused, and so is a form that cannot be taken apart."""
    connection = HTTPConnection(gateway.url.removeprefix("http://"), timeout=30)
    value = media_type if isinstance(media_type, bytes) else media_type.encode()
    connection.request("POST", "/api/connect", OFFER, {"Content-Type": value})
    answer = connection.getresponse()
    found = json.loads(answer.read())
    connection.close()

    assert (answer.status, found["code"]) in ((415, "unsupported_media_type"), (400, "body_invalid"))


def test_deep_json(gateway: Gateway) -> None:
    """JSON that is nested very deep is refused on every route that reads JSON, in a form too."""
    caller = visitor()
    call_id = gateway.call(caller)
    headers = {"Content-Type": "application/json", **caller.headers}
    for path in ("calls", f"calls/{call_id}/report", "v1/realtime/client_secrets"):
        refused = problem(gateway.request("POST", path, data=DEEP, headers=headers), 400, "body_invalid")
        assert "32" in refused["hint"]
    form = {"sdp": (None, OFFER), "session": (None, DEEP)}
    answer = gateway.request("POST", "v1/realtime/calls", files=form, headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "body_invalid")


@pytest.fixture(scope="module")
def busy(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    """Start a gateway with two threads, where callers sign in."""
    emulator = Emulator(emulator_url)
    emulator.reset()
    environ: dict[str, Any] = {
        "PYTHON_THREADPOOL_THREAD_COUNT": "2",
        "REQUIRE_SIGN_IN": "true",
        "MAX_CALLS_PER_CALLER": "20",
    }
    with running_gateway(emulator, storage.connection_string, logs / "busy.log", **environ) as gateway:
        yield gateway
    emulator.reset()


@pytest.mark.parametrize(
    "principal",
    [
        "\u00e9",
        b"\xff\xfe",
        base64.b64encode(b"[" * 10_500 + b"]" * 10_500),
        base64.b64encode(b'{"userId": "x", "claims": ' + b"[" * 10_500),
        base64.b64encode(b'{"userId": "\\ud800", "userRoles": ["authenticated"]}'),
    ],
)
def test_principals_that_cannot_be_read(busy: Gateway, principal: str | bytes) -> None:
    """A principal that cannot be read is nobody."""
    status, found = send(busy, "GET", "calls/rtc_1", {"x-ms-client-principal": principal})

    assert (status, found["code"]) == (401, "sign_in_required")


def test_health_while_every_thread_waits(busy: Gateway) -> None:
    """Routes that ask nobody for anything are answered at once, even while every thread waits for the service."""
    busy.request("GET", "openapi.json")  # The first request has the document made, which is work and not waiting.
    busy.emulator.fault("client_secrets", "slow", seconds=5)
    headers = {"Content-Type": "application/sdp", **signed_in("ada").headers}
    with ThreadPoolExecutor(6) as callers:
        connecting = [callers.submit(busy.request, "POST", "connect", data=OFFER, headers=headers) for _ in range(6)]
        while len(busy.emulator.seen("/client_secrets")) < 2:
            time.sleep(0.02)
        statuses = [busy.request("GET", path).status_code for path in ("health", "config", "openapi.json")]
        answered = [future.done() for future in connecting]
        busy.emulator.reset()

    assert statuses == [200, 200, 200]
    assert not any(answered), "the answers came while every thread was waiting"
    assert {future.result().status_code for future in connecting} == {201}
