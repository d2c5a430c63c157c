"""Tests that settings have defaults, that every fault is reported at once, and that no secret is shown."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.environment import read_settings
from switchboard.errors import SettingsError
from tests.examples import ENVIRON, OF_THE_MACHINE, settings
from tests.strategies import ENVIRONMENTS
from tests.unit.environment.faults import faults

ROOT = Path(__file__).resolve().parents[3]


def test_defaults() -> None:
    """Four settings are enough; the others have defaults that a team can start with."""
    found = settings()

    assert found.realtime_endpoints == ("https://contoso.openai.azure.com",)
    assert found.realtime_token_scope == "https://ai.azure.com/.default"
    assert found.realtime_webrtc_filter is True
    assert found.signalling == "proxy"
    assert (found.max_call_seconds, found.max_idle_seconds, found.max_calls_per_caller) == (1800, 300, 2)
    assert found.require_sign_in is False
    assert found.archive_transcripts is True


def test_nothing_at_all() -> None:
    """With an empty environment, one error names every setting that is missing."""
    with pytest.raises(SettingsError) as caught:
        read_settings({})

    assert [fault.split()[0] for fault in caught.value.faults] == [
        "REALTIME_ENDPOINT",
        "REALTIME_DEPLOYMENT",
        "AzureWebJobsStorage",
    ]
    assert "REALTIME_DEPLOYMENT is missing" in str(caught.value)


def test_every_fault_is_named_at_once() -> None:
    """Whoever deploys learns every fault in one round."""
    found = faults(
        CLIENT_SECRET_SECONDS="9",
        MAX_CALL_SECONDS="an hour",
        SIGNALLING="carrier pigeon",
        REALTIME_WEBRTC_FILTER="yes",
        SESSION_CONFIG="[1]",
        ALLOWED_ORIGINS="https://example.com/page",
        ARCHIVE_CONTAINER="Archive_1",
    )

    assert {fault.split()[0] for fault in found} == {
        "CLIENT_SECRET_SECONDS",
        "MAX_CALL_SECONDS",
        "SIGNALLING",
        "REALTIME_WEBRTC_FILTER",
        "SESSION_CONFIG",
        "ALLOWED_ORIGINS",
        "ARCHIVE_CONTAINER",
    }


def test_secrets_are_not_shown() -> None:
    """Neither the settings' repr nor an error contains a key."""
    found = settings(AzureWebJobsStorage="DefaultEndpointsProtocol=https;AccountKey=c2VjcmV0")

    assert "a-key-of-the-resource" not in repr(found)
    assert "c2VjcmV0" not in repr(found)
    assert found.realtime_api_key is not None
    assert str(found.realtime_api_key) == "Secret(***)"


def test_prices() -> None:
    """The prices as a whole and each single one are optional; a misspelt one is a fault."""
    found = settings(PRICES='{"currency": "EUR", "audio_input": 32, "audio_output": 64}')

    assert found.prices is not None
    assert found.prices.currency == "EUR"
    assert found.prices.text_input is None
    assert faults(PRICES='{"audio": 1}')[0].startswith("PRICES")


def test_example_file_has_every_setting_and_works() -> None:
    """local.settings.example.json has every setting that the code reads, with values that work on a laptop."""
    values = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    asked: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            asked.add(name)
            return super().get(name, default)

    read_settings(Watched(values))

    # These are set only on Azure: storage by identity, the app's own identity, and the app's name.
    only_on_azure = {name for name in asked if "__" in name}
    only_on_azure |= {"AZURE_CLIENT_ID", "WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"}
    only_on_azure |= {"APPLICATIONINSIGHTS_CONNECTION_STRING"}
    assert asked - only_on_azure - OF_THE_MACHINE == values.keys() - {"FUNCTIONS_WORKER_RUNTIME"}


def test_environment_is_an_argument() -> None:
    """Only the mapping is read: two mappings give two settings."""
    other = read_settings({**ENVIRON, "MAX_CALL_SECONDS": "60"})

    assert (settings().max_call_seconds, other.max_call_seconds) == (1800, 60)


@given(ENVIRONMENTS, st.sampled_from([{}, {"REALTIME_PROTOCOL": "preview", "REALTIME_REGION": "eastus2"}]))
def test_any_environment(environ: dict[str, str], protocol: dict[str, str]) -> None:
    """Whatever an operator sets, the settings are read, or refused with all faults; no fault shows a secret."""
    said = ""
    try:
        read_settings({**ENVIRON, **protocol, **environ})
    except SettingsError as error:
        said = str(error)

    assert "a-key-of-the-resource" not in said
