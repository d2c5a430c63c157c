"""Chooses where traces and figures go, and imports OpenTelemetry only if they go anywhere."""

from collections.abc import Callable
from typing import Any

from switchboard.settings import TelemetrySettings
from switchboard.telemetry.port import OFF, Telemetry


def telemetry_for(settings: TelemetrySettings, credential: Callable[[], Any]) -> Telemetry:
    """Return the telemetry that the settings ask for. `credential` returns the gateway's identity for azure-core.

    Nothing is sent before the first span or figure has been recorded.
    """
    if settings.target == "off":
        return OFF
    # Importing the SDK and an exporter takes a tenth of a second or more. A start without telemetry must not pay it.
    from switchboard.telemetry.exporting import exporting

    return exporting(settings, credential)
