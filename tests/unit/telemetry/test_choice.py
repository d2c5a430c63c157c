"""Tests that telemetry is chosen by its settings."""

from switchboard.settings import TelemetrySettings
from switchboard.telemetry.choice import telemetry_for
from switchboard.telemetry.port import OFF


def refuse() -> object:
    raise AssertionError("nobody needs a credential here")


def test_off() -> None:
    """Without telemetry there is one object that does nothing."""
    assert telemetry_for(TelemetrySettings(), refuse) is OFF


def test_console() -> None:
    """With telemetry there is one that records, and it can be ended."""
    telemetry = telemetry_for(TelemetrySettings(target="console"), refuse)

    assert telemetry.on
    telemetry.close()
