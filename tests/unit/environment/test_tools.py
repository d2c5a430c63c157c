"""Tests the settings that are about tools."""

import pytest

from switchboard.environment import read_settings
from switchboard.errors import SettingsError
from switchboard.settings import ToolSettings
from tests.examples import ENVIRON


def tools(**environ: str) -> ToolSettings:
    return read_settings({**ENVIRON, **environ}).tools


def faults(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as error:
        tools(**environ)
    return error.value.faults


def test_defaults() -> None:
    """Tools may reach no host by themselves."""
    assert tools() == ToolSettings(20, 8, 100, frozenset(), {})


def test_every_setting() -> None:
    read = tools(
        TOOL_SECONDS="5",
        MAX_TOOL_ROUNDS="3",
        MAX_TOOL_CALLS="30",
        TOOL_HTTP_HOSTS=" api.example.com, Data.Example.org ",
        TOOL_HTTP_HEADERS='{"api.example.com": {"Authorization": "Bearer abc"}}',
    )

    assert (read.seconds, read.rounds, read.calls) == (5, 3, 30)
    assert read.http_hosts == {"api.example.com", "data.example.org"}
    assert read.http_headers["api.example.com"]["Authorization"].reveal() == "Bearer abc"
    assert "abc" not in repr(read)


@pytest.mark.parametrize(
    "host", ["https://api.example.com", "api.example.com:8443", "10.0.0.1", "localhost", "*.x.com"]
)
def test_hosts_are_names(host: str) -> None:
    """An address, a port or a wildcard is not the name of one host."""
    (fault,) = faults(TOOL_HTTP_HOSTS=host)
    assert fault.startswith("TOOL_HTTP_HOSTS has something that is not the name of a host")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ("Bearer s3cret", "must be JSON"),
        ('{"api.example.com": "Bearer s3cret"}', "must be JSON"),
        ("@Microsoft.KeyVault(SecretUri=s3cret)", "Key Vault reference that the platform has not resolved"),
        ('{"other.example.com": {"Authorization": "s3cret"}}', "which TOOL_HTTP_HOSTS does not have"),
        ('{"api.example.com": {"X-Key": "s3cret\\r\\nX-Other: 1"}}', "cannot be sent: X-Key"),
        ('{"api.example.com": {"X Key": "s3cret"}}', "cannot be sent: X Key"),
        ('{"api.example.com": {"Host": "s3cret"}}', "cannot be sent: Host"),
        ('{"api.example.com": {"content-length": "s3cret"}}', "cannot be sent: content-length"),
        ('{"api.example.com": {"X-Key": "s3crét"}}', "cannot be sent: X-Key"),
    ],
)
def test_headers_that_cannot_be_sent(headers: str, words: str) -> None:
    """The fault never shows the value."""
    (fault,) = faults(TOOL_HTTP_HOSTS="api.example.com", TOOL_HTTP_HEADERS=headers)
    assert words in fault
    assert "s3cr" not in fault


@pytest.mark.parametrize("name", ["TOOL_SECONDS", "MAX_TOOL_ROUNDS", "MAX_TOOL_CALLS"])
def test_ranges(name: str) -> None:
    (fault,) = faults(**{name: "0"})
    assert fault.startswith(f"{name} cannot be read")
