"""Tests the hook before a deployment: the deployed site is gated as the environment says, and web/ is not changed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
from predeploy import build, gated

from tests.infra.bicep import INFRA
from tests.infra.servers import Said, serving
from tests.processes import free_port, running

ROOT = INFRA.parent
CONFIG = "staticwebapp.config.json"
WEB: dict[str, Any] = json.loads((ROOT / "web" / CONFIG).read_text())
# The schema that the Static Web Apps CLI checks with.
SCHEMA = json.loads((ROOT / "node_modules/@azure/static-web-apps-cli/schema" / CONFIG).read_text())
OPEN = {
    "GATEWAY_ENDPOINTS": "https://cog-x.openai.azure.com",
    "GATEWAY_REQUIRE_SIGN_IN": "false",
    "GATEWAY_SIGNALLING": "proxy",
    "GATEWAY_PROTOCOL": "ga",
    "GATEWAY_OPERATOR_ROLE": "operator",
    "AZURE_OPENAI_REGION": "eastus2",
}
CLOSED = {**OPEN, "GATEWAY_REQUIRE_SIGN_IN": "true"}


def _allowed(config: dict[str, Any], path: str, method: str = "GET") -> list[str]:
    """Return who may call, by the platform's rule: the first route that matches the path and the method."""
    for route in config["routes"]:
        pattern: str = route["route"]
        matches = path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
        if matches and method in route.get("methods", [method]):
            return route.get("allowedRoles", ["anonymous"])
    return ["anonymous"]


def _connect(config: dict[str, Any]) -> set[str]:
    policy: str = config["globalHeaders"]["Content-Security-Policy"]
    (directive,) = [one.split() for one in policy.split(";") if one.split()[:1] == ["connect-src"]]
    return set(directive[1:])


@pytest.mark.parametrize("env", [OPEN, CLOSED, {**CLOSED, "GATEWAY_SIGNALLING": "both"}])
def test_the_configuration_is_one_that_the_platform_reads(env: dict[str, str]) -> None:
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
    assert [error.message for error in validator.iter_errors(gated(WEB, env))] == []


def test_with_sign_in_all_that_costs_money_is_for_callers_only() -> None:
    config = gated(WEB, CLOSED)
    for method, path in [
        ("GET", "/api/token"),
        ("POST", "/api/connect"),
        ("POST", "/api/calls"),
        ("DELETE", "/api/calls/rtc_1"),
        ("POST", "/api/calls/rtc_1/report"),
        ("POST", "/api/v1/realtime/calls"),
    ]:
        assert "anonymous" not in _allowed(config, path, method), path
        assert "authenticated" in _allowed(config, path, method), path


def test_with_sign_in_a_page_still_learns_that_it_must_sign_in() -> None:
    config = gated(WEB, CLOSED)
    assert _allowed(config, "/api/config") == _allowed(config, "/api/health") == ["anonymous"]
    assert _allowed(config, "/") == ["anonymous"]


def test_without_sign_in_callers_are_let_through() -> None:
    config = gated(WEB, OPEN)
    assert _allowed(config, "/api/connect", "POST") == _allowed(config, "/api/calls", "POST") == ["anonymous"]


@pytest.mark.parametrize("env", [OPEN, CLOSED])
def test_the_list_of_calls_is_for_operators(env: dict[str, str]) -> None:
    assert _allowed(gated(WEB, {**env, "GATEWAY_OPERATOR_ROLE": "supervisor"}), "/api/calls") == ["supervisor"]


def test_a_role_may_be_asked_for_instead_of_any_account() -> None:
    allowed = _allowed(gated(WEB, {**CLOSED, "SIGN_IN_ROLE": "caller"}), "/api/connect", "POST")
    assert allowed == ["caller", "operator"]


def test_the_page_may_talk_to_the_service_only_where_it_signals_itself() -> None:
    assert _connect(gated(WEB, OPEN)) == _connect(WEB) == {"'self'"}
    several = "https://cog-x.openai.azure.com,https://cog-y.openai.azure.com"
    for way in ("token", "both"):
        config = gated(WEB, {**OPEN, "GATEWAY_SIGNALLING": way, "GATEWAY_ENDPOINTS": several})
        assert _connect(config) == {"'self'", *several.split(",")}


def test_the_preview_protocols_host_is_the_regions() -> None:
    config = gated(WEB, {**OPEN, "GATEWAY_SIGNALLING": "token", "GATEWAY_PROTOCOL": "preview"})
    assert _connect(config) == {"'self'", "https://eastus2.realtimeapi-preview.ai.azure.com"}


def test_a_policy_without_connect_src_stops_the_deployment() -> None:
    bare = {**WEB, "globalHeaders": {"Content-Security-Policy": "default-src 'self'"}}
    with pytest.raises(SystemExit, match="connect-src"):
        gated(bare, {**OPEN, "GATEWAY_SIGNALLING": "token"})


def test_the_rest_of_the_site_is_copied_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "site"
    (target / "left-over").mkdir(parents=True)
    build(ROOT / "web", target, CLOSED)
    for path in (ROOT / "web").rglob("*"):
        copy = target / path.relative_to(ROOT / "web")
        assert copy.exists()
        if path.is_file() and path.name != CONFIG:
            assert copy.read_bytes() == path.read_bytes()
    assert not (target / "left-over").exists()
    assert json.loads((ROOT / "web" / CONFIG).read_text()) == WEB


def _project(folder: Path) -> Path:
    shutil.copytree(INFRA / "hooks", folder / "infra" / "hooks")
    shutil.copytree(ROOT / "web", folder / "web")
    return folder


def _hook(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "infra/hooks/predeploy.py"]
    own = {"PATH": os.environ["PATH"], **env}
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)


def test_as_azd_runs_it(tmp_path: Path) -> None:
    folder = _project(tmp_path)
    done = _hook(folder, **CLOSED)
    assert (done.returncode, done.stderr) == (0, "")
    config = json.loads((folder / "dist" / "site" / CONFIG).read_text())
    assert _allowed(config, "/api/token") == ["authenticated", "operator"]


def test_without_the_outputs_nothing_is_deployed_ungated(tmp_path: Path) -> None:
    folder = _project(tmp_path)
    done = _hook(folder)
    assert done.returncode != 0
    assert "azd provision" in done.stderr
    assert not (folder / "dist").exists()


def test_the_gate_holds_in_the_static_web_apps_cli(tmp_path: Path) -> None:
    """The platform's own stand-in enforces the gate when it serves the site that the hook made."""
    build(ROOT / "web", tmp_path / "site", CLOSED)
    port = free_port()
    with serving(lambda _: Said(200, "{}", {"Content-Type": "application/json"})) as gateway:
        command = [
            str(ROOT / "node_modules/.bin/swa"),
            *("start", str(tmp_path / "site"), "--host", "127.0.0.1", "--port", str(port)),
            *("--swa-config-location", str(tmp_path / "site"), "--api-devserver-url", gateway.url),
        ]
        with running(command, port, log=tmp_path / "swa.log", env={"NO_UPDATE_NOTIFIER": "1"}):
            site = f"http://127.0.0.1:{port}"
            assert _status(f"{site}/api/config") == 200
            assert _status(f"{site}/api/token") == 401
            assert _status(f"{site}/api/connect", "POST") == 401
            assert _status(f"{site}/api/calls") == 401
            assert _status(f"{site}/") == 200
    assert {asked.path for asked in gateway.asked if asked.path.startswith("/api/")} == {"/api/config"}


def _status(url: str, method: str = "GET") -> int:
    return requests.request(method, url, timeout=10, allow_redirects=False).status_code
