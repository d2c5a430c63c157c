"""Tests the hooks that run after provisioning and after deployment, against servers that answer as Azure does."""

import json
import os
from pathlib import Path

import pytest
from arm import azd_token
from postdeploy import OFFER, smoke
from postprovision import FROM_OUTPUTS, write_local_settings
from roles import WIDER_ROLE, wait_for_roles

from switchboard.sdp import check_offer
from tests.infra.bicep import INFRA, MAIN
from tests.infra.servers import Asked, Said, Server, serving

ROOT = INFRA.parent
HOOKS = INFRA / "hooks"
EXAMPLE = ROOT / "local.settings.example.json"
OUTPUTS = {
    "GATEWAY_ENDPOINTS": "https://cog-x.openai.azure.com",
    "GATEWAY_PROTOCOL": "ga",
    "AZURE_OPENAI_DEPLOYMENT": "gpt-realtime-2.1",
    "AZURE_OPENAI_REGION": "swedencentral",
    "AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT": "gpt-realtime-whisper",
}


# ---- local.settings.json --------------------------------------------------------------------------------------------


def test_a_laptop_is_pointed_at_the_model_and_keeps_its_own_storage(tmp_path: Path) -> None:
    target = tmp_path / "local.settings.json"
    write_local_settings(EXAMPLE, target, OUTPUTS)
    values = json.loads(target.read_text())["Values"]
    assert values["REALTIME_ENDPOINT"] == "https://cog-x.openai.azure.com"
    assert values["REALTIME_DEPLOYMENT"] == "gpt-realtime-2.1"
    assert values["REALTIME_API_KEY"] == "", "the emulator's key would be sent to Azure"
    assert values["AzureWebJobsStorage"] == "UseDevelopmentStorage=true"
    assert values.keys() == json.loads(EXAMPLE.read_text())["Values"].keys()


def test_what_a_developer_wrote_stays(tmp_path: Path) -> None:
    target = tmp_path / "local.settings.json"
    own = json.loads(EXAMPLE.read_text())
    own["Values"] |= {"SESSION_VOICE": "cedar", "MINE": "yes"}
    target.write_text(json.dumps(own))
    write_local_settings(EXAMPLE, target, OUTPUTS)
    values = json.loads(target.read_text())["Values"]
    assert (values["SESSION_VOICE"], values["MINE"]) == ("cedar", "yes")
    assert values["REALTIME_REGION"] == "swedencentral"


def test_it_reads_outputs_that_the_template_has() -> None:
    assert set(FROM_OUTPUTS.values()) <= MAIN.of("output").keys()


# ---- Roles ----------------------------------------------------------------------------------------------------------


def _wait(url: str, seconds: float = 20, **env: str) -> bool:
    outputs = {
        "AZURE_STORAGE_BLOB_ENDPOINT": f"{url}/",
        "AZURE_OPENAI_ENDPOINT": url,
        "AZURE_OPENAI_DEPLOYMENT": "voice",
    }
    return wait_for_roles({**outputs, **env}, token=lambda scope: f"token for {scope}", seconds=seconds, pause=0.01)


def _refusal(code: str) -> Said:
    return Said(403, f"<Error><Code>{code}</Code></Error>")


def test_it_waits_until_the_role_is_in_force() -> None:
    answers = iter([_refusal("AuthorizationPermissionMismatch")] * 3)
    with serving(lambda asked: next(answers, Said(200)) if "comp=list" in asked.path else Said(200)) as azure:
        assert _wait(azure.url)
    asked = [(asked.method, asked.path) for asked in azure.asked]
    assert asked == [("GET", "/?comp=list&maxresults=1")] * 4 + [("POST", "/openai/v1/realtime/client_secrets")]
    assert azure.asked[0].headers["authorization"] == "Bearer token for https://storage.azure.com/.default"


def test_the_model_accounts_refusal_is_waited_out_too() -> None:
    body = '{"error":{"code":"PermissionDenied","message":"The principal lacks the required data action"}}'
    answers = iter([Said(401, body)])
    with serving(lambda asked: next(answers, Said(200)) if "secrets" in asked.path else Said(200)) as azure:
        assert _wait(azure.url)


def test_the_model_is_asked_for_what_the_gateway_needs_of_it() -> None:
    """A client secret with the gateway's own audience: that a list of models may be read proves nothing about calls."""
    with serving(lambda _: Said(200, '{"value": "ek_thrown_away"}')) as azure:
        assert _wait(azure.url)
    (asked,) = [one for one in azure.asked if one.method == "POST"]
    assert asked.headers["authorization"] == "Bearer token for https://ai.azure.com/.default"
    body = json.loads(asked.body)
    assert body == {
        "expires_after": {"anchor": "created_at", "seconds": 10},
        "session": {"type": "realtime", "model": "voice"},
    }
    proven = json.loads((INFRA / "roles.json").read_text())["cognitiveServicesOpenAIUser"]["proven_by"]
    assert "client_secrets" in proven


def test_a_role_that_is_too_narrow_is_told_with_the_command_for_the_wider_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refusal = Said(401, '{"error": {"code": "PermissionDenied", "message": "lacks the required data action"}}')
    with serving(lambda asked: refusal if asked.method == "POST" else Said(200)) as azure:
        assert not _wait(azure.url, seconds=0.1)
    assert WIDER_ROLE in capsys.readouterr().out
    assert "AZURE_OPENAI_ROLE" in WIDER_ROLE


def test_who_was_given_no_role_does_not_wait_for_it() -> None:
    """A pipeline's principal gets none."""
    with serving(lambda _: _refusal("AuthorizationPermissionMismatch")) as azure:
        assert not _wait(azure.url, DEVELOPER_HAS_ACCESS="false")
    assert azure.asked == []


def test_with_the_preview_protocol_storage_alone_is_asked() -> None:
    with serving(lambda _: Said(200)) as azure:
        assert _wait(azure.url, GATEWAY_PROTOCOL="preview")
    assert {asked.method for asked in azure.asked} == {"GET"}


def test_where_it_cannot_be_seen_it_does_not_wait() -> None:
    """The hook does not wait for storage behind private endpoints, which refuses everybody from outside in any case."""
    with serving(lambda _: _refusal("AuthorizationFailure")) as azure:
        assert not _wait(azure.url)
    assert len(azure.asked) == 2


def test_it_gives_up_in_time_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda _: _refusal("AuthorizationPermissionMismatch")) as azure:
        assert not _wait(azure.url, seconds=0.1)
    assert "azd deploy" in capsys.readouterr().out


def test_a_token_comes_from_azd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azd = tmp_path / "azd"
    azd.write_text('#!/bin/sh\nprintf \'{"token":"%s","expiresOn":"2026-11-21T00:00:00Z"}\' "$*"\n')
    azd.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert azd_token("https://storage.azure.com/.default") == (
        "auth token --output json --scope https://storage.azure.com/.default"
    )


def test_without_azd_provisioning_does_not_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not wait_for_roles({"AZURE_STORAGE_BLOB_ENDPOINT": "http://127.0.0.1:9/"}, seconds=0.1, pause=0.01)


# ---- Smoke test -----------------------------------------------------------------------------------------------------


def _site(asked: Asked) -> Said:
    """Answer as a site with the gateway behind it does after a good deployment."""
    problem = {"Content-Type": "application/problem+json"}
    match asked.method, asked.path:
        case "GET", "/":
            return Said(200, "<!doctype html>", {"Content-Security-Policy": "default-src 'none'"})
        case "GET", "/api/health":
            return Said(200, '{"status": "ok"}')
        case "GET", "/api/config":
            return Said(200, '{"sign_in_required": false}')
        case "GET", "/api/calls":
            return Said(401)
        case "POST", "/api/connect":
            return Said(201, "v=0", {"Location": "/api/calls/rtc_1"})
        case "DELETE", "/api/calls/rtc_1":
            return Said(204)
    return Said(404, '{"code": "not_found"}', problem)


def _smoke(site: Server, gateway: Server, **env: str) -> bool:
    outputs = {"SERVICE_WEB_URI": site.url, "SERVICE_API_URI": gateway.url, "GATEWAY_REQUIRE_SIGN_IN": "false"}
    return smoke({**outputs, **env}, seconds=0.2, pause=0.01)


def test_a_good_deployment_passes_and_nothing_is_minted() -> None:
    with serving(_site) as site, serving(lambda _: Said(401)) as gateway:
        assert _smoke(site, gateway)
    assert {asked.method for asked in site.asked} == {"GET"}
    assert not [asked.path for asked in site.asked if "token" in asked.path]


def test_it_has_patience_with_a_cold_start() -> None:
    early = iter([Said(503), Said(500, "Backend call failure")])
    with (
        serving(lambda asked: next(early, None) or _site(asked) if "health" in asked.path else _site(asked)) as site,
        serving(lambda _: Said(401)) as gateway,
    ):
        assert _smoke(site, gateway)


def test_an_open_back_door_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """The smoke test fails if the function app answers without the site, because anyone could forge a principal."""
    with serving(_site) as site, serving(lambda _: Said(200, '{"status": "ok"}')) as gateway:
        assert not _smoke(site, gateway)
    assert "FAILED  the gateway refuses who does not come through the site" in capsys.readouterr().out


def test_a_deployment_without_the_gate_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def ungated(asked: Asked) -> Said:
        if asked.path == "/api/config":
            return Said(200, '{"sign_in_required": true}')
        return Said(200, '{"token": "secret"}') if asked.path == "/api/token" else _site(asked)

    with serving(ungated) as site, serving(lambda _: Said(401)) as gateway:
        assert not _smoke(site, gateway, GATEWAY_REQUIRE_SIGN_IN="true")
    said = capsys.readouterr().out
    assert "FAILED  nobody gets a client secret without signing in" in said
    assert "secret\n" not in said.replace("client secret", "")


def test_a_settings_fault_is_told_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    broken = Said(502, '{"code": "upstream_unauthorized"}', {"Content-Type": "application/problem+json"})
    with (
        serving(lambda asked: broken if "health" in asked.path else _site(asked)) as site,
        serving(lambda _: Said(401)) as gateway,
    ):
        assert not _smoke(site, gateway)
    assert "answered 502 upstream_unauthorized" in capsys.readouterr().out


def test_a_call_is_made_and_hung_up_when_asked_for() -> None:
    with serving(_site) as site, serving(lambda _: Said(401)) as gateway:
        assert _smoke(site, gateway, SMOKE_TEST_CALL="true")
    made = [(asked.method, asked.path) for asked in site.asked if asked.method != "GET"]
    assert made == [("POST", "/api/connect"), ("DELETE", "/api/calls/rtc_1")]
    (offer,) = [asked for asked in site.asked if asked.method == "POST"]
    assert offer.headers["content-type"] == "application/sdp"
    assert len({asked.headers["x-switchboard-caller"] for asked in site.asked}) == 1


def _direct(asked: Asked) -> Said:
    """Return a direct gateway with the platform's authentication before it."""
    if asked.path == "/api/health":
        return Said(200, '{"status": "ok"}')
    if asked.path.startswith("/api/v1/realtime/calls"):
        return Said(401, '{"code": "token_invalid"}', {"Content-Type": "application/problem+json"})
    return Said(404) if asked.path == "/api/config" else Said(401)


def test_a_direct_gateway_is_tried_with_a_made_up_principal() -> None:
    with serving(_site) as site, serving(lambda _: Said(401)) as gateway, serving(_direct) as direct:
        assert _smoke(site, gateway, SERVICE_DIRECT_URI=direct.url)
    forged = [asked.path for asked in direct.asked if "x-ms-client-principal" in asked.headers]
    assert forged == ["/api/v1/realtime/client_secrets", "/api/v1/realtime/calls"]


def test_a_platform_that_takes_our_tokens_for_bad_ones_of_its_own_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """Its 401 has no code: then the excluded paths do not work, and no client could call."""

    def strict(asked: Asked) -> Said:
        return Said(401) if "authorization" in asked.headers else _direct(asked)

    with serving(_site) as site, serving(lambda _: Said(401)) as gateway, serving(strict) as direct:
        assert not _smoke(site, gateway, SERVICE_DIRECT_URI=direct.url)
    assert "FAILED  the platform lets the gateway's own tokens pass" in capsys.readouterr().out


def test_a_direct_gateway_that_believes_a_header_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def believing(asked: Asked) -> Said:
        return Said(200, '{"value": "ek_1"}') if "x-ms-client-principal" in asked.headers else _direct(asked)

    with serving(_site) as site, serving(lambda _: Said(401)) as gateway, serving(believing) as direct:
        assert not _smoke(site, gateway, SERVICE_DIRECT_URI=direct.url)
    said = capsys.readouterr().out
    assert "FAILED  the direct gateway gives no token to who has no Entra token" in said
    assert "ek_1" not in said


def test_the_smoke_tests_offer_is_one_that_the_gateway_takes() -> None:
    assert check_offer(OFFER.encode()) == OFFER.encode()


# ---- The scripts themselves -----------------------------------------------------------------------------------------


def test_hooks_need_nothing_but_python() -> None:
    """The hooks import only the standard library, because they run before anything is installed."""
    allowed = {"__future__", "base64", "collections", "dataclasses", "datetime", "email", "json", "os", "pathlib", "re"}
    allowed |= {"shutil", "subprocess", "sys", "time", "typing", "urllib"}
    allowed |= {hook.stem for hook in HOOKS.glob("*.py")}
    for hook in HOOKS.glob("*.py"):
        lines = [line.split() for line in hook.read_text().splitlines() if line.startswith(("import ", "from "))]
        assert {line[1].partition(".")[0] for line in lines} <= allowed, hook.name
