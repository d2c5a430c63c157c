"""Reads the settings that say where traces and figures go."""

from collections.abc import Callable
from typing import get_args, get_type_hints
from urllib.parse import unquote, urlsplit

from switchboard.settings import Secret, TelemetrySettings

TARGETS = get_args(get_type_hints(TelemetrySettings)["target"])


def read_telemetry(raw: Callable[[str], str], fault: Callable[[str, str], None]) -> TelemetrySettings:
    """Return the settings of telemetry.

    `raw` returns the text of a setting, and `fault` is told the name of a wrong setting and what is wrong with it. The
    names that begin with OTEL_ are those that every program with OpenTelemetry reads, the Functions host among them.
    """
    target = raw("TELEMETRY").lower() or "off"
    if target not in TARGETS:
        fault("TELEMETRY", f"must be one of {', '.join(TARGETS)}")
        return TelemetrySettings()
    endpoint, connection = raw("OTEL_EXPORTER_OTLP_ENDPOINT").rstrip("/"), raw("APPLICATIONINSIGHTS_CONNECTION_STRING")
    headers = _headers(raw("OTEL_EXPORTER_OTLP_HEADERS"), fault)
    if target == "otlp":
        if not endpoint:
            fault("OTEL_EXPORTER_OTLP_ENDPOINT", "is missing, and TELEMETRY=otlp needs it")
        elif urlsplit(endpoint).scheme not in ("http", "https"):
            fault("OTEL_EXPORTER_OTLP_ENDPOINT", f"must be a URL such as http://127.0.0.1:4318: {endpoint}")
        return TelemetrySettings(target="otlp", endpoint=endpoint, headers=headers)
    if target == "azure":
        if not connection:
            fault("APPLICATIONINSIGHTS_CONNECTION_STRING", "is missing, and TELEMETRY=azure needs it")
        return TelemetrySettings(target="azure", connection_string=Secret(connection))
    return TelemetrySettings(target="console" if target == "console" else "off")


def _headers(text: str, fault: Callable[[str, str], None]) -> tuple[tuple[str, Secret], ...]:
    """Return the headers in a text such as `api-key=a%20b,tenant=c`. A fault never shows it, because it holds keys."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(name.strip() and value.strip() and name.isascii() for name, _, value in pairs):
        fault("OTEL_EXPORTER_OTLP_HEADERS", "must be a list such as name=value,name=value, with values URL-encoded")
        return ()
    return tuple((name.strip().lower(), Secret(unquote(value.strip()))) for name, _, value in pairs)
