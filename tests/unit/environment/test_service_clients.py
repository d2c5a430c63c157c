"""Tests the settings that say whether and how OpenAI's clients are served."""

import pytest

from tests.examples import settings
from tests.unit.environment.faults import faults


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
    assert [fault.split()[0] for fault in faults(OPENAI_CLIENTS="on")] == ["OPENAI_CLIENTS"]


@pytest.mark.parametrize(
    "others", [{"SIGNALLING": "token"}, {"REALTIME_PROTOCOL": "preview", "REALTIME_REGION": "eastus2"}]
)
def test_direct_gateway(others: dict[str, str]) -> None:
    """A gateway without a site in front of it relays offers, and only the GA protocol has them in that form."""
    assert settings(DIRECT_GATEWAY="true").direct_gateway
    (fault,) = faults(DIRECT_GATEWAY="true", **others)
    assert fault.startswith("DIRECT_GATEWAY relays offers")
