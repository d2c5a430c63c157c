"""These tests provoke each of the emulator's faults over a real socket, and use the rest of its control plane."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidStatus

from tests.emulator import Emulator
from tests.processes import PYTHON, free_port, running
from tests.service.realtime import KEY, Service

CAP_REASON = "Your session hit the maximum duration of 60 minutes."
STATUSES = ["400", "401", "403", "404", "429", "500"]


@pytest.fixture
def service(emulator: Emulator) -> Service:
    return Service(emulator.url)


def ask(service: Service, endpoint: str) -> requests.Response:
    """Send a correct request to one of the three endpoints."""
    if endpoint == "client_secrets":
        return service.post_secret()
    if endpoint == "calls":
        return service.post_call()
    return service.hang_up(service.call())


@pytest.mark.parametrize("endpoint", ["client_secrets", "calls", "hangup"])
@pytest.mark.parametrize("fault", STATUSES)
def test_refusals(service: Service, emulator: Emulator, endpoint: str, fault: str) -> None:
    """A fault refuses one request in the form of the service, and the next request succeeds."""
    emulator.fault(endpoint, fault, times=1)
    refused, served = ask(service, endpoint), ask(service, endpoint)

    assert refused.status_code == int(fault)
    assert set(refused.json()) == {"error"}
    assert set(refused.json()["error"]) >= {"code", "message"}
    assert served.status_code in (200, 201)


@pytest.mark.parametrize("endpoint", ["client_secrets", "calls", "hangup"])
def test_throttling_says_when_to_come_back(service: Service, emulator: Emulator, endpoint: str) -> None:
    emulator.fault(endpoint, "429", times=1, retry_after=7)

    assert ask(service, endpoint).headers["Retry-After"] == "7"


@pytest.mark.parametrize("endpoint", ["client_secrets", "calls", "hangup"])
def test_resets(service: Service, emulator: Emulator, endpoint: str) -> None:
    """The connection breaks without an answer."""
    emulator.fault(endpoint, "reset", times=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        ask(service, endpoint)

    assert ask(service, endpoint).status_code in (200, 201)


@pytest.mark.parametrize("endpoint", ["client_secrets", "calls", "hangup"])
def test_slowness(service: Service, emulator: Emulator, endpoint: str) -> None:
    """The answer takes its time and is then as usual."""
    emulator.fault(endpoint, "slow", times=1, seconds=0.4)
    began = time.monotonic()

    assert ask(service, endpoint).status_code in (200, 201)
    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize(("endpoint", "status"), [("client_secrets", 200), ("calls", 201), ("hangup", 200)])
def test_garbage(service: Service, emulator: Emulator, endpoint: str, status: int) -> None:
    """The answer has the right status and a useless body."""
    emulator.fault(endpoint, "garbage", times=1)
    answer = ask(service, endpoint)

    assert answer.status_code == status
    assert answer.text.startswith("<html>")


def test_no_location(service: Service, emulator: Emulator) -> None:
    """The call exists, although nobody learns its id."""
    before = set(emulator.calls())
    emulator.fault("calls", "no_location", times=1)
    answer = service.post_call()

    assert answer.status_code == 201
    assert answer.text.startswith("v=0")
    assert "Location" not in answer.headers
    assert len(set(emulator.calls()) - before) == 1


def test_faults_last_as_long_as_was_said(service: Service, emulator: Emulator) -> None:
    """A fault strikes the number of times that was asked for, or until it is cleared."""
    emulator.fault("client_secrets", "500", times=2)
    assert [service.post_secret().status_code for _ in range(3)] == [500, 500, 200]

    emulator.fault("client_secrets", "403")
    assert [service.post_secret().status_code for _ in range(3)] == [403, 403, 403]
    emulator.clear_faults()
    assert service.post_secret().status_code == 200


@pytest.mark.parametrize("fault", ["401", "404", "500"])
async def test_the_handshake_is_refused(service: Service, emulator: Emulator, fault: str) -> None:
    call = service.call()
    emulator.fault("sideband", fault, times=1)
    with pytest.raises(InvalidStatus) as refused:
        async with service.sideband(call):
            pass

    assert refused.value.response.status_code == int(fault)
    async with service.sideband(call):
        pass


async def test_a_dropped_sideband(service: Service, emulator: Emulator) -> None:
    """The sideband breaks without a close frame, and the call goes on, so that a new sideband can attach."""
    call = service.call()
    async with service.sideband(call) as sideband:
        emulator.fault("sideband", "drop", times=1)
        code, _ = await sideband.wait_closed()

        assert code == 1006
    assert emulator.calls()[call]["state"] == "live"
    async with service.sideband(call) as again:
        await again.say("Hello")


async def test_dropping_the_next_one(service: Service, emulator: Emulator) -> None:
    """With no sideband attached, the fault strikes the next ones, as many times as was asked for."""
    call = service.call()
    emulator.fault("sideband", "drop", times=2)
    for _ in range(2):
        async with service.sideband(call) as sideband:
            assert (await sideband.wait_closed())[0] == 1006
    async with service.sideband(call) as sideband:
        await sideband.say("Hello")


async def test_a_fault_for_one_call_only(service: Service, emulator: Emulator) -> None:
    """With `call_id`, the fault spares all other calls."""
    struck, spared = service.call(), service.call()
    async with service.sideband(struck) as first, service.sideband(spared) as second:
        emulator.fault("sideband", "drop", times=1, call_id=struck)

        assert (await first.wait_closed())[0] == 1006
        await second.say("Hello")


async def test_a_sideband_closed_while_the_call_goes_on(service: Service, emulator: Emulator) -> None:
    """A clean close is ambiguous: only attaching again tells whether the call has ended."""
    call = service.call()
    async with service.sideband(call) as sideband:
        emulator.fault("sideband", "close", times=1)

        assert await sideband.wait_closed() == (1000, "")
    assert emulator.calls()[call]["state"] == "live"
    async with service.sideband(call):
        pass


async def test_the_cap(service: Service, emulator: Emulator) -> None:
    """The sideband receives session_expired and closes with 1001 and the service's reason, and the call has ended."""
    call = service.call()
    async with service.sideband(call) as sideband:
        emulator.fault("sideband", "cap", times=1)

        assert await sideband.wait_closed() == (1001, CAP_REASON)
        assert sideband.types == ["error"]
        assert sideband.events[0]["error"]["code"] == "session_expired"
    assert emulator.calls()[call]["ended_by"] == "max_duration"
    assert service.hang_up(call).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"on": "calls"}, {"on": "calls", "fault": "drop"}, {"on": "tea", "fault": "500"}, []]
)
def test_faults_there_are_not(emulator: Emulator, body: Any) -> None:
    """An unknown fault gets 400 and a text that lists the known ones."""
    answer = requests.post(f"{emulator.url}/emulator/faults", json=body, timeout=5)

    assert answer.status_code == 400


def test_what_was_seen(service: Service, emulator: Emulator) -> None:
    """Method, path, query, kind of credential and size are kept; the credential itself is not."""
    secret = service.mint(instructions="Be brief.")
    service.post_call(secret=secret, filtered=True)
    service.post_secret(headers={})
    minted, called, refused = emulator.seen()

    assert minted["json"]["session"]["instructions"] == "Be brief."
    assert [seen["authorization"] for seen in (minted, called, refused)] == ["api-key", "client_secret", "none"]
    assert (called["method"], called["path"]) == ("POST", "/openai/v1/realtime/calls")
    assert called["query"] == {"webrtcfilter": "on"}
    assert called["content_type"] == "application/sdp"
    assert called["size"] > 100
    assert secret not in str(emulator.seen())
    assert KEY["api-key"] not in str(called.values())


def test_delays(service: Service, emulator: Emulator) -> None:
    """Delays are for measurements. A body without them removes them."""
    slow = {"client_secrets_ms": 200, "calls_ms": 300}
    assert requests.put(f"{emulator.url}/emulator/delays", json=slow, timeout=5).json() == slow
    began = time.monotonic()
    service.post_call()
    took = time.monotonic() - began
    requests.put(f"{emulator.url}/emulator/delays", json={}, timeout=5)
    began = time.monotonic()
    service.post_call()

    assert took >= 0.5
    assert time.monotonic() - began < 0.5


async def test_the_longest_call(logs: Path) -> None:
    """--max-call-seconds replaces the service's 60 minutes, and expires_at announces it."""
    port = free_port()
    command = [PYTHON, "-m", "local.realtime", "--port", str(port), "--max-call-seconds", "1.5"]
    with running(command, port, log=logs / "short.log"):
        service = Service(f"http://127.0.0.1:{port}")
        async with service.sideband(await asyncio.to_thread(service.call)) as sideband:
            await sideband.send("session.update", session={"type": "realtime"})
            expires = (await sideband.wait_for("session.updated"))["session"]["expires_at"]

            assert await sideband.wait_closed() == (1001, CAP_REASON)
            assert expires - time.time() < 2
            assert sideband.events[-1]["error"]["code"] == "session_expired"


async def test_a_stop_says_goodbye(logs: Path) -> None:
    """On SIGTERM, sidebands are closed, the process ends soon and with code 0, and it has printed no secret."""
    port, log = free_port(), logs / "stopped.log"
    command = [PYTHON, "-m", "local.realtime", "--port", str(port), "--verbose"]
    with running(command, port, log=log) as process:
        service = Service(f"http://127.0.0.1:{port}")
        secret = await asyncio.to_thread(service.mint)
        answer = await asyncio.to_thread(service.post_call, secret=secret)
        async with service.sideband(answer.headers["Location"].rpartition("/")[2]) as sideband:
            began = time.monotonic()
            process.terminate()

            assert (await sideband.wait_closed())[0] == 1001
        assert await asyncio.to_thread(process.wait, 5) == 0
        assert time.monotonic() - began < 3
    printed = log.read_text()
    assert f"Realtime emulator listening on http://127.0.0.1:{port}" in printed
    assert secret not in printed
    assert "Traceback" not in printed
