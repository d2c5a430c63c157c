"""Tests how the settings of the realtime service are read: endpoints, key, session and protocol."""

import json
from typing import Any

import pytest

from tests.examples import settings
from tests.unit.environment.faults import faults


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
