"""Tests that each setting arrives where it is read, and which value it has if nobody sets it."""

import json

import pytest

from switchboard.errors import SettingsError
from tests.examples import settings


def test_defaults() -> None:
    """The values that the page on settings promises."""
    found = settings()

    assert (found.client_secret_seconds, found.token_seconds) == (600, 10)
    assert (found.max_calls, found.max_tokens_per_minute) == (100, 30)
    assert (found.operator_role, found.archive_container) == ("operator", "archive")
    assert (found.realtime_protocol, found.signalling, found.archive_retention_days) == ("ga", "proxy", None)
    assert (found.session_config, found.prices, found.consent_notice) == ({}, None, "")
    assert found.allowed_origins == frozenset()


def test_secrets_arrive() -> None:
    """They are hidden from logs, and not from the clients that need them."""
    found = settings(REALTIME_API_KEY="a-key", AzureWebJobsStorage="AccountKey=c2VjcmV0")

    assert found.realtime_api_key is not None
    assert found.realtime_api_key.reveal() == "a-key"
    assert found.storage.connection_string is not None
    assert found.storage.connection_string.reveal() == "AccountKey=c2VjcmV0"
    assert settings(AZURE_CLIENT_ID="id").identity_client_id == "id"


@pytest.mark.parametrize("way", ["proxy", "token", "both"])
def test_ways_of_signalling(way: str) -> None:
    assert settings(SIGNALLING=way).signalling == way


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("REALTIME_ENDPOINT", "https://["),
        ("REALTIME_ENDPOINT", "http://example.com"),
        ("REALTIME_ENDPOINT", "https://example.com/x"),
        ("REALTIME_ENDPOINT", ","),
        ("REALTIME_API_KEY", "@Microsoft.KeyVault(SecretUri=x)"),
        ("SESSION_CONFIG", '{"voice": "ash"}'),
        ("SESSION_CONFIG", '{"model": "x"}'),
        ("ALLOWED_ORIGINS", "x"),
        ("MAX_CALL_SECONDS", "0"),
        ("MAX_CALL_SECONDS", "3601"),
        ("CLIENT_SECRET_SECONDS", "7201"),
        ("MAX_CALLS_PER_CALLER", "0"),
        ("PRICES", "{"),
    ],
)
def test_a_fault_begins_with_the_name(name: str, text: str) -> None:
    """Whoever reads the log learns which setting to change."""
    with pytest.raises(SettingsError) as caught:
        settings(**{name: text})

    assert [fault.split()[0] for fault in caught.value.faults] == [name]


def test_what_only_the_preview_protocol_cannot_express() -> None:
    """The GA protocol has these fields."""
    config = {"truncation": "auto", "audio": {"output": {"voice": "cedar"}}}

    assert settings(SESSION_CONFIG=json.dumps(config)).session_config == config
