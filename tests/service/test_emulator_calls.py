"""These tests are about the emulator's calls: who may place one, what the answer looks like, and hanging up."""

import re
import time
from itertools import zip_longest
from pathlib import Path

import pytest
import requests

from local.realtime.service.credentials import issue_token
from tests.emulator import Emulator
from tests.processes import PYTHON, free_port, running
from tests.service import recorded
from tests.service.realtime import KEY, OFFER, Service, call_id

EPHEMERAL = "This operation requires ephemeral tokens for authentication"


@pytest.fixture
def service(emulator: Emulator) -> Service:
    return Service(emulator.url)


def test_the_answer_has_the_recorded_headers(service: Service) -> None:
    """The answer is 201 and text/plain, has a relative Location without /openai, and any page may read it."""
    answer = service.post_call()
    headers = {name.lower(): value for name, value in answer.headers.items()}

    assert answer.status_code == 201
    assert {name: headers.get(name) for name in recorded.CALL_HEADERS} == recorded.CALL_HEADERS
    assert headers.keys() >= recorded.EVERY_ANSWER_HEADERS
    assert re.fullmatch(recorded.LOCATION, headers["location"])


def test_the_sdp_answer_has_the_recorded_lines(service: Service) -> None:
    """All lines are as recorded, except that the candidates are this peer's own; some are UDP on 127.0.0.1."""
    lines = service.post_call().text.split("\r\n")
    candidates = [line for line in lines if line.startswith("a=candidate")]
    others = [line for line in lines if not line.startswith("a=candidate")]
    expected = [pattern for pattern in recorded.ANSWER_LINES if not pattern.startswith("*")]
    (candidate,) = [pattern[1:] for pattern in recorded.ANSWER_LINES if pattern.startswith("*")]

    assert others.pop() == ""
    for line, pattern in zip_longest(others, expected, fillvalue=""):
        assert re.fullmatch(pattern, line), (pattern, line)
    assert candidates
    assert all(re.fullmatch(candidate, line) for line in candidates)
    assert any(" 127.0.0.1 " in line for line in candidates)


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        KEY,
        {"Authorization": "Bearer ek_unknown"},
        {"Authorization": f"Bearer {issue_token('https://ai.azure.com', 4102444800)}"},
    ],
)
def test_only_client_secrets_place_calls(service: Service, credentials: dict[str, str]) -> None:
    """Neither the key nor an Entra token places a call, and a page may read the refusal."""
    answer = service.post_call(headers={**credentials, "Content-Type": "application/sdp"})

    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == EPHEMERAL
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_multipart_offer_is_refused(service: Service) -> None:
    """Azure accepts an offer only as the raw body of a request."""
    headers = {"Authorization": f"Bearer {service.mint()}"}
    answer = requests.post(f"{service.base}/calls", files={"sdp": OFFER}, headers=headers, timeout=5)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unsupported_content_type")


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        '{"type": "offer"}',
        b"\xff\xfe\x00",
        "v=0\r\n",
        OFFER.replace("ice-pwd", "ice-pw"),
        OFFER.replace("a=fingerprint", "a=finger"),
        OFFER.replace("m=audio", "m=video").replace("opus/48000/2", "VP8/90000"),
        "m=application".join(
            ["v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", OFFER.partition("m=application")[2]]
        ),
        OFFER.replace("a=rtpmap:96 opus/48000/2\r\n", ""),
    ],
    ids=["empty", "words", "json", "bytes", "bare", "no ice", "no fingerprint", "video", "no audio", "no opus"],
)
def test_what_is_no_offer_is_refused(service: Service, emulator: Emulator, offer: str | bytes) -> None:
    """Text that is not an offer gets 400 and leaves no call behind."""
    before = len(emulator.calls())
    answer = service.post_call(offer)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_offer")
    assert len(emulator.calls()) == before


def test_pages_may_ask_first(service: Service) -> None:
    """A page's CORS preflight succeeds, also with the header of the Agents SDK."""
    asked = {
        "Origin": "http://127.0.0.1:4280",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-openai-agents-sdk",
    }
    answer = requests.options(f"{service.base}/calls", headers=asked, timeout=5)
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert set(allowed) >= {"authorization", "content-type", "x-openai-agents-sdk"}


def test_hanging_up(service: Service, emulator: Emulator) -> None:
    """A hang-up gets 200 without a body. A second one gets 404, as does one for a call that never existed."""
    call = service.call()
    first, second, unknown = service.hang_up(call), service.hang_up(call), service.hang_up("rtc_0")

    assert (first.status_code, first.content) == (200, b"")
    assert [answer.status_code for answer in (second, unknown)] == [404, 404]
    assert second.json()["error"]["code"] == unknown.json()["error"]["code"] == "call_id_not_found"
    assert emulator.calls()[call]["state"] == "ended"
    assert emulator.calls()[call]["ended_by"] == "hangup"


def test_hanging_up_needs_the_resources_credentials(service: Service) -> None:
    call, secret = service.call(), service.mint()

    assert service.hang_up(call, {"Authorization": f"Bearer {secret}"}).status_code == 401
    assert service.hang_up(call, {}).status_code == 401


def test_a_call_outlives_the_wait_for_its_peer(logs: Path) -> None:
    """When no browser connects, the sockets are closed, and the call remains until it is hung up."""
    port = free_port()
    command = [PYTHON, "-m", "local.realtime", "--port", str(port), "--connect-seconds", "0.3"]
    with running(command, port, log=logs / "impatient.log"):
        emulator = Emulator(f"http://127.0.0.1:{port}")
        service = Service(emulator.url)
        call = service.call()
        assert emulator.calls()[call]["peer"] == "connecting"
        deadline = time.monotonic() + 5
        while emulator.calls()[call]["peer"] != "none" and time.monotonic() < deadline:
            time.sleep(0.02)

        assert emulator.calls()[call]["peer"] == "none"
        assert emulator.calls()[call]["state"] == "live"
        assert service.hang_up(call).status_code == 200
        assert call_id(service.post_call()) != call
