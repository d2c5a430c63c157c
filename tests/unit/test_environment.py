"""Tests that settings have defaults, that every fault is reported at once, and that no secret is shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.environment import read_settings
from switchboard.errors import SettingsError
from tests.examples import ENVIRON, OF_THE_MACHINE, settings
from tests.strategies import ENVIRONMENTS

ROOT = Path(__file__).resolve().parents[2]


def faults(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings(**environ)
    return caught.value.faults


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


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("http://contoso.openai.azure.com", "https"),
        ("https://contoso.services.ai.azure.com/api/projects/one", "without a path"),
        ("contoso.openai.azure.com", "https"),
        (" , ", "missing"),
        ("https://contoso.openai.azure.com?x=1", "without a path"),
        ("https://contoso.openai.azure.com#x", "without a path"),
        ("https://", "without a path"),
        ("https://[", "not a URL"),
        ("https://contoso.openai.azure.com:0", "not a URL"),
        ("https://contoso.openai.azure.com:99999", "not a URL"),
    ],
)
def test_endpoint_that_cannot_work(endpoint: str, why: str) -> None:
    """An endpoint with a project's path, or without https, is refused at start and not at the first call."""
    (fault,) = faults(REALTIME_ENDPOINT=endpoint)

    assert why in fault


def test_several_endpoints() -> None:
    """Endpoints are tried in the order in which they are written, and a final slash is removed."""
    found = settings(REALTIME_ENDPOINT="https://one.openai.azure.com/, https://two.openai.azure.com")

    assert found.realtime_endpoints == ("https://one.openai.azure.com", "https://two.openai.azure.com")


def test_loopback_needs_no_https() -> None:
    """An emulator on this machine may use plain HTTP."""
    assert settings(REALTIME_ENDPOINT="http://127.0.0.1:8181").realtime_endpoints == ("http://127.0.0.1:8181",)


def test_secrets_are_not_shown() -> None:
    """Neither the settings' repr nor an error contains a key."""
    found = settings(AzureWebJobsStorage="DefaultEndpointsProtocol=https;AccountKey=c2VjcmV0")

    assert "a-key-of-the-resource" not in repr(found)
    assert "c2VjcmV0" not in repr(found)
    assert found.realtime_api_key is not None
    assert str(found.realtime_api_key) == "Secret(***)"


def test_key_vault_reference_that_was_not_resolved() -> None:
    """A Key Vault reference instead of a key is refused: the platform passes it on if it may not read the vault."""
    (fault,) = faults(REALTIME_API_KEY="@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)")

    assert "not resolved" in fault


@pytest.mark.parametrize("field", ["voice", "modalities", "turn_detection", "temperature"])
def test_session_config_of_the_preview_protocol(field: str) -> None:
    """The preview protocol's fields are refused at start, because the GA service would refuse every call."""
    (fault,) = faults(SESSION_CONFIG=json.dumps({field: None}))

    assert field in fault


@pytest.mark.parametrize("field", ["type", "model"])
def test_session_config_may_not_choose_what_the_server_owns(field: str) -> None:
    """SESSION_CONFIG may not name the deployment, which has a setting of its own."""
    (fault,) = faults(SESSION_CONFIG=json.dumps({field: "x"}))

    assert field in fault


def test_identity_based_storage() -> None:
    """Without a connection string, the URIs of the services or the account's name are used."""
    found = settings(AzureWebJobsStorage="", AzureWebJobsStorage__accountName="contoso")

    assert found.storage.connection_string is None
    assert found.storage.blob_uri == "https://contoso.blob.core.windows.net"
    assert found.storage.queue_uri == "https://contoso.queue.core.windows.net"


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


PREVIEW = {"REALTIME_PROTOCOL": "preview", "REALTIME_REGION": "eastus2"}


def test_preview_protocol() -> None:
    """The preview protocol requires a region."""
    found = settings(**PREVIEW)

    assert (settings().realtime_protocol, found.realtime_protocol) == ("ga", "preview")


@pytest.mark.parametrize("region", ["", "East US 2", "eastus2.example.com/"])
def test_preview_protocol_without_a_region(region: str) -> None:
    """A region that is missing or malformed is refused, because a client secret is sent to an address made of it."""
    (fault,) = faults(**{**PREVIEW, "REALTIME_REGION": region})

    assert fault.startswith("REALTIME_REGION must be")
    assert settings(REALTIME_REGION=region).realtime_region == region, "GA makes no address of it"


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"truncation": "disabled"}, "truncation"),
        ({"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}}}, "idle_timeout_ms"),
        ({"audio": {"output": {"voice": "cedar"}}}, "audio.output.voice"),
        ({"voice": "ash"}, "voice"),
    ],
)
def test_session_that_the_preview_protocol_cannot_have(config: dict[str, Any], path: str) -> None:
    """What the preview protocol cannot express is refused at start, under its GA name, and not at every call."""
    (fault,) = faults(**PREVIEW, SESSION_CONFIG=json.dumps(config))

    assert path in fault


def test_voice_that_the_preview_protocol_does_not_have() -> None:
    """The fault lists the voices that the preview protocol has."""
    (fault,) = faults(**PREVIEW, SESSION_VOICE="marin")

    assert fault.startswith("SESSION_VOICE is marin")
    assert "shimmer" in fault


def test_key_and_token_scope() -> None:
    """A key beside a token scope is a fault, because one of them would silently be ignored."""
    (fault,) = faults(REALTIME_TOKEN_SCOPE="https://cognitiveservices.azure.com/.default")

    assert fault.startswith("REALTIME_TOKEN_SCOPE is set beside REALTIME_API_KEY")
    scope = "https://cognitiveservices.azure.com/.default"
    assert settings(REALTIME_API_KEY="", REALTIME_TOKEN_SCOPE=scope).realtime_token_scope == scope


def test_neither_key_nor_identity_on_azure() -> None:
    """An app on Azure with neither a key nor an identity is refused at start.

    A laptop is not checked, because there is no telling how its user may be signed in.
    """
    on_azure = {"WEBSITE_SITE_NAME": "func-api", "REALTIME_API_KEY": ""}
    (fault,) = faults(**on_azure)

    assert fault.startswith("REALTIME_API_KEY is missing")
    assert settings(REALTIME_API_KEY="").realtime_api_key is None
    for sign in ({"IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi/token"}, {"AZURE_CLIENT_ID": "id"}):
        assert settings(**on_azure, **sign).realtime_api_key is None


@pytest.mark.parametrize("origin", ["https://example.com/page", "ftp://example.com", "example.com", "https://["])
def test_origin_that_is_none(origin: str) -> None:
    """The fault quotes what is not an origin; the other ones are not its fault."""
    (fault,) = faults(ALLOWED_ORIGINS=f"https://www.example.com,{origin}")

    assert fault.endswith(f": {origin}")


def test_origins() -> None:
    """A final slash, white space and a comma too many are nobody's mistake."""
    found = settings(ALLOWED_ORIGINS=" https://shop.example.com/, http://127.0.0.1:8000,")

    assert found.allowed_origins == {"https://shop.example.com", "http://127.0.0.1:8000"}


@pytest.mark.parametrize("name", ["ab", "a" * 64, "a--b", "-ab", "ab-", "Archive"])
def test_container(name: str) -> None:
    """The naming rule of Blob containers is checked before any container is made."""
    assert faults(ARCHIVE_CONTAINER=name) == (f"ARCHIVE_CONTAINER is not a valid name for a Blob container: {name}",)
    assert settings(ARCHIVE_CONTAINER="abc").archive_container == "abc"
    assert settings(ARCHIVE_CONTAINER="a" * 63).archive_container == "a" * 63


def test_storage_by_addresses() -> None:
    """Each service may have an address of its own; one of the two alone is not enough."""
    blob = {"AzureWebJobsStorage": "", "AzureWebJobsStorage__blobServiceUri": "https://b.example.net"}
    (fault,) = faults(**blob)
    queue = {"AzureWebJobsStorage__queueServiceUri": "https://q.example.net", "AzureWebJobsStorage__clientId": "id"}
    found = settings(**blob, **queue, AzureWebJobsStorage__accountName="contoso").storage

    assert fault.startswith("AzureWebJobsStorage is missing")
    assert (found.blob_uri, found.queue_uri) == ("https://b.example.net", "https://q.example.net")
    assert found.client_id == "id"


@given(ENVIRONMENTS, st.sampled_from([{}, {"REALTIME_PROTOCOL": "preview", "REALTIME_REGION": "eastus2"}]))
def test_any_environment(environ: dict[str, str], protocol: dict[str, str]) -> None:
    """Whatever an operator sets, the settings are read, or refused with all faults; no fault shows a secret."""
    said = ""
    try:
        read_settings({**ENVIRON, **protocol, **environ})
    except SettingsError as error:
        said = str(error)

    assert "a-key-of-the-resource" not in said
