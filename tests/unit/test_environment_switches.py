"""Tests the settings that are switches, and the one that only some of the others allow."""

import pytest

from switchboard.errors import SettingsError
from tests.examples import settings


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("on", True), ("ON", True), ("false", False), ("off", False), ("", False)]
)
def test_switch(text: str, value: bool) -> None:
    """True and on mean the same, in any letters; an empty text is the default."""
    assert settings(REQUIRE_SIGN_IN=text).require_sign_in is value


@pytest.mark.parametrize("text", ["yes", "1", "enabled"])
def test_what_is_no_switch(text: str) -> None:
    """Anything else is a fault, because guessing would be dangerous."""
    with pytest.raises(SettingsError) as caught:
        settings(REQUIRE_SIGN_IN=text)

    assert caught.value.faults == ("REQUIRE_SIGN_IN is a switch: true or false (on and off mean the same)",)


@pytest.mark.parametrize(
    ("environ", "clients"),
    [
        ({}, "off"),
        ({"OPENAI_CLIENTS": "full"}, "full"),
        ({"REALTIME_WEBRTC_FILTER": "false"}, "off"),
        ({"DIRECT_GATEWAY": "true"}, "filtered"),
        ({"DIRECT_GATEWAY": "true", "OPENAI_CLIENTS": "off", "REALTIME_WEBRTC_FILTER": "false"}, "full"),
        ({"DIRECT_GATEWAY": "true", "OPENAI_CLIENTS": "full"}, "full"),
    ],
)
def test_openai_clients(environ: dict[str, str], clients: str) -> None:
    """They are off by default. The direct gateway serves nobody else, so there they are as the filter says."""
    assert settings(**environ).openai_clients == clients


def test_openai_clients_at_fault() -> None:
    """Any other value is a fault."""
    with pytest.raises(SettingsError) as caught:
        settings(OPENAI_CLIENTS="on")

    assert [fault.split()[0] for fault in caught.value.faults] == ["OPENAI_CLIENTS"]


@pytest.mark.parametrize(
    "others", [{"SIGNALLING": "token"}, {"REALTIME_PROTOCOL": "preview", "REALTIME_REGION": "eastus2"}]
)
def test_direct_gateway(others: dict[str, str]) -> None:
    """A gateway without a site in front of it relays offers, and only the GA protocol has them in that form."""
    assert settings(DIRECT_GATEWAY="true").direct_gateway
    with pytest.raises(SettingsError) as caught:
        settings(DIRECT_GATEWAY="true", **others)

    assert [fault.split()[0] for fault in caught.value.faults] == ["DIRECT_GATEWAY"]
