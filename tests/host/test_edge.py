"""Tests the program between the Static Web Apps CLI and the Functions host, with the real CLI before it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.host.conftest import FOREIGN_HOST
from tests.infra.servers import Asked, Said, Server, serving
from tests.processes import PYTHON, ROOT, free_port, running

PREFLIGHT = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
pytestmark = pytest.mark.skipif(FOREIGN_HOST is not None, reason="This is about our own stand-ins.")


def _gateway(asked: Asked) -> Said:
    """Answer a preflight as generously as can be, and anything else with what was sent."""
    if asked.method == "OPTIONS":
        return Said(204, headers={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "*"})
    headers = {
        "Content-Type": "application/sdp",
        "Location": "/api/calls/rtc_1",
        "X-Seen": asked.headers.get("x-me", ""),
    }
    return Said(201, asked.body.decode() or asked.path, headers)


@pytest.fixture
def gateway() -> Iterator[Server]:
    with serving(_gateway) as server:
        yield server


@contextlib.contextmanager
def _edge(gateway: Server, logs: Path) -> Iterator[str]:
    port = free_port()
    command = [PYTHON, "-m", "local.edge", "--port", str(port), "--gateway", gateway.url]
    with running(command, port, log=logs / "edge.log"):
        yield f"http://127.0.0.1:{port}"


def test_a_preflight_ends_at_the_edge(gateway: Server, tmp_path: Path) -> None:
    """The gateway never hears of a preflight, and the browser is not told that the request is allowed."""
    with _edge(gateway, tmp_path) as edge:
        answer = requests.options(f"{edge}/api/connect", headers=PREFLIGHT, timeout=10)

    assert answer.status_code == 405
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
    assert gateway.asked == []


def test_everything_else_passes_unchanged(gateway: Server, tmp_path: Path) -> None:
    with _edge(gateway, tmp_path) as edge:
        answer = requests.post(f"{edge}/api/connect?a=b%20c", data=b"v=0", headers={"X-Me": "here"}, timeout=10)
        listing = requests.get(f"{edge}/admin/functions", timeout=10)

    assert (answer.status_code, answer.text, answer.headers["X-Seen"]) == (201, "v=0", "here")
    assert answer.headers["Location"] == "/api/calls/rtc_1"
    assert listing.text == "/admin/functions"
    assert [asked.path for asked in gateway.asked] == ["/api/connect?a=b%20c", "/admin/functions"]


def test_a_gateway_that_is_down(tmp_path: Path) -> None:
    """The answer is the one of a proxy whose backend is away, which the page tells from a fault of the gateway."""
    nobody = Server(f"http://127.0.0.1:{free_port()}", [])
    with _edge(nobody, tmp_path) as url:
        assert requests.get(f"{url}/api/config", timeout=10).status_code == 502


def test_so_it_is_behind_the_cli(gateway: Server, tmp_path: Path) -> None:
    """Alone the CLI would pass the preflight on, and hide what Static Web Apps does."""
    port = free_port()
    with _edge(gateway, tmp_path) as edge:
        command = [
            str(ROOT / "node_modules/.bin/swa"),
            *("start", str(ROOT / "web"), "--host", "127.0.0.1", "--port", str(port)),
            *("--swa-config-location", str(ROOT / "web"), "--api-devserver-url", edge),
        ]
        with running(command, port, log=tmp_path / "swa.log", env={"NO_UPDATE_NOTIFIER": "1"}):
            refused = requests.options(f"http://127.0.0.1:{port}/api/connect", headers=PREFLIGHT, timeout=10)
            passed = requests.post(f"http://127.0.0.1:{port}/api/connect", data=b"v=0", timeout=10)

    assert refused.status_code == 405
    assert passed.status_code == 201
    assert "OPTIONS" not in {asked.method for asked in gateway.asked if asked.path.startswith("/api/")}


def test_make_run_and_the_browser_tests_have_it() -> None:
    procfile = (ROOT / "Procfile").read_text()
    (port,) = [line.split("--port ")[1].split()[0] for line in procfile.splitlines() if line.startswith("edge: ")]
    assert f"--api-devserver-url http://127.0.0.1:{port}" in procfile
    assert '"local.edge"' in (ROOT / "tests/browser/stack.py").read_text()
