"""The hook before provisioning: variables, the live catalogue of models, and the day on which the budget began."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import catalogue
import pytest
from arm import arm_list
from preprovision import budget_start

from tests.infra.bicep import INFRA
from tests.infra.servers import Asked, Said, serving

MODELS: dict[str, Any] = json.loads((INFRA / "models.json").read_text())
TODAY = date(2026, 11, 21)
ENV = {"AZURE_ENV_NAME": "dev", "AZURE_LOCATION": "eastus2", "AZURE_SUBSCRIPTION_ID": "sub"}
BUDGET = {**ENV, "MONTHLY_BUDGET": "100", "ALERT_EMAIL": "team@example.com"}


def _entry(
    name: str, version: str, *, sku: str = "GlobalStandard", retires: str = "2027-06-25T00:00:00Z"
) -> dict[str, Any]:
    """Return one entry as the Resource Manager lists it."""
    limits = [
        {"key": "request", "renewalPeriod": 60, "count": 20},
        {"key": "token", "renewalPeriod": 60, "count": 10000},
    ]
    skus = [{"name": sku, "deprecationDate": retires, "rateLimits": limits, "capacity": {"default": 10}}]
    return {"kind": "AIServices", "model": {"format": "OpenAI", "name": name, "version": version, "skus": skus}}


CATALOGUE = [_entry("gpt-realtime-2.1", "2026-07-07"), _entry("gpt-realtime-whisper", "2026-05-06")]


def _check(entries: list[dict[str, Any]], **env: str) -> catalogue.Verdict:
    return catalogue.check({**ENV, **env}, MODELS, TODAY, lambda _: entries)


def _offline(_: str) -> list[dict[str, Any]]:
    raise OSError


# ---- The catalogue ---------------------------------------------------------------------------------------------------


def test_what_the_region_has_is_deployed_and_its_units_are_explained() -> None:
    verdict = _check(CATALOGUE)
    assert verdict.faults == []
    assert "5 units of gpt-realtime-2.1 are 100 requests and 50,000 tokens a minute." in verdict.notes


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (CATALOGUE[1:], "eastus2 has no gpt-realtime-2.1"),
        ([_entry("gpt-realtime-2.1", "2027-01-01"), CATALOGUE[1]], "in 2027-01-01 only, not in 2026-07-07"),
        ([_entry("gpt-realtime-2.1", "2026-07-07", sku="Standard"), CATALOGUE[1]], "as GlobalStandard"),
    ],
)
def test_what_the_region_does_not_have_stops_the_deployment(entries: list[dict[str, Any]], said: str) -> None:
    verdict = _check(entries)
    assert said in verdict.faults[0]
    assert _check(entries, SKIP_MODEL_CHECK="true").faults == [], "there is a way round it"


def test_a_version_of_ones_own_is_looked_up() -> None:
    newer = [_entry("gpt-realtime-2.1", "2027-01-01"), CATALOGUE[1]]
    assert _check(newer, REALTIME_MODEL_VERSION="2027-01-01").faults == []


@pytest.mark.parametrize(("retires", "warned"), [("2027-01-20", True), ("2027-01-21", False), ("2026-11-01", True)])
def test_sixty_days_before_retirement_it_warns(retires: str, warned: bool) -> None:
    verdict = _check([_entry("gpt-realtime-2.1", "2026-07-07", retires=retires), CATALOGUE[1]])
    assert verdict.faults == []
    assert any(retires in note for note in verdict.notes) is warned


def test_where_the_catalogue_cannot_be_asked_it_says_so_and_knows_dates_of_its_own() -> None:
    env = {**ENV, "REALTIME_MODEL": "gpt-realtime-mini"}
    verdict = catalogue.check(env, MODELS, TODAY, _offline)
    assert verdict.faults == []
    assert "was not asked" in verdict.notes[0]
    assert "gpt-realtime-mini 2025-12-15 retires on 2026-12-15, in 24 days" in verdict.notes[1]


def test_before_region_and_subscription_are_known_it_says_so() -> None:
    verdict = catalogue.check({}, MODELS, TODAY, lambda _: CATALOGUE)
    assert "not known yet" in verdict.notes[0]


def test_an_account_of_ones_own_is_its_owners_affair() -> None:
    assert catalogue.check({**ENV, "AZURE_OPENAI_ACCOUNT_ID": "/x"}, MODELS, TODAY, _offline) == catalogue.Verdict(
        [], []
    )


def test_the_models_own_region_is_asked() -> None:
    path = catalogue.catalogue_path({**ENV, "AZURE_OPENAI_LOCATION": "Sweden Central"})
    assert path.startswith("/subscriptions/sub/providers/Microsoft.CognitiveServices/locations/swedencentral/models?")


@pytest.mark.parametrize("model", MODELS["transcription"])
def test_the_transcription_models_capacity_is_its_own(model: str) -> None:
    _, words = catalogue.wanted({**ENV, "TRANSCRIPTION_MODEL": model}, MODELS)
    assert words.capacity == MODELS["transcription"][model]["capacity"]
    _, words = catalogue.wanted({**ENV, "TRANSCRIPTION_MODEL": model, "TRANSCRIPTION_CAPACITY": "7"}, MODELS)
    assert words.capacity == 7


def test_lists_of_the_resource_manager_are_read_to_the_end() -> None:
    with serving(lambda asked: pages(asked)) as azure:

        def pages(asked: Asked) -> Said:
            more = {"nextLink": f"{azure.url}/second"} if asked.path == "/first" else {}
            return Said(200, json.dumps({"value": [{"page": asked.path}], **more}))

        assert arm_list("/first", token=lambda scope: f"for {scope}", base=azure.url) == [
            {"page": "/first"},
            {"page": "/second"},
        ]
    assert {asked.headers["authorization"] for asked in azure.asked} == {
        "Bearer for https://management.azure.com/.default"
    }


# ---- The budget ------------------------------------------------------------------------------------------------------


def test_a_new_budget_begins_this_month() -> None:
    assert budget_start(BUDGET, TODAY, lambda _: []) == "2026-11-01"


def test_a_budget_that_exists_keeps_its_day() -> None:
    """A pipeline has a fresh environment each time, and Azure refuses another day."""
    asked: list[str] = []

    def budgets(path: str) -> list[dict[str, Any]]:
        asked.append(path)
        start = {"timePeriod": {"startDate": "2026-07-01T00:00:00Z"}}
        return [{"name": "somebody-elses", "properties": {}}, {"name": "budget-abc", "properties": start}]

    assert budget_start(BUDGET, TODAY, budgets) == "2026-07-01"
    assert asked[0].startswith("/subscriptions/sub/resourceGroups/rg-dev/providers/Microsoft.Consumption/budgets?")
    assert budget_start({**BUDGET, "RESOURCE_GROUP_NAME": "ours"}, TODAY, budgets)
    assert "/resourceGroups/ours/" in asked[1]


def test_a_day_that_is_written_down_stays() -> None:
    assert budget_start({**BUDGET, "BUDGET_START_DATE": "2026-07-01"}, TODAY, _offline) is None


def test_without_a_budget_nothing_is_asked_and_nothing_written() -> None:
    for env in (ENV, {**ENV, "MONTHLY_BUDGET": "0"}, {**ENV, "MONTHLY_BUDGET": "5"}):
        assert budget_start(env, TODAY, _offline) is None


def test_where_it_cannot_be_asked_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert budget_start(BUDGET, TODAY, _offline) == "2026-11-01"
    assert "could not be asked" in capsys.readouterr().out


# ---- As azd runs it --------------------------------------------------------------------------------------------------


@pytest.fixture
def azd(tmp_path: Path) -> Path:
    """Make an azd that writes its arguments down and has no tokens."""
    program = tmp_path / "azd"
    program.write_text(f'#!/bin/sh\n[ "$1" = auth ] && exit 1\necho "$@" >> {tmp_path}/said\n')
    program.chmod(0o755)
    return tmp_path


def _hook(azd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    own = {"PATH": f"{azd}:{os.environ['PATH']}", **ENV, **env}
    command = [sys.executable, str(INFRA / "hooks" / "preprovision.py")]
    return subprocess.run(command, env=own, capture_output=True, text=True, check=False)


def test_a_fault_stops_azd_with_all_sentences_at_once(azd: Path) -> None:
    done = _hook(azd, REQUIRE_SIGN_IN="yes", MAX_CALL_SECONDS="an hour", SESSION_CONFIG="{")
    assert done.returncode == 1
    for name in ("REQUIRE_SIGN_IN", "MAX_CALL_SECONDS", "SESSION_CONFIG"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_the_day_is_written_into_the_environment_once(azd: Path) -> None:
    assert _hook(azd, MONTHLY_BUDGET="100", ALERT_EMAIL="a@example.com").returncode == 0
    (said,) = (azd / "said").read_text().splitlines()
    assert said.startswith("env set BUDGET_START_DATE 20")
    assert said.endswith("-01")
    again = _hook(azd, MONTHLY_BUDGET="100", ALERT_EMAIL="a@example.com", BUDGET_START_DATE="2026-07-01")
    assert again.returncode == 0
    assert len((azd / "said").read_text().splitlines()) == 1


def test_without_a_sign_in_provisioning_is_not_stopped(azd: Path) -> None:
    done = _hook(azd)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The catalogue of models was not asked" in done.stdout
