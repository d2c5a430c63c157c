"""Tests that the settings of telemetry are read, and that their faults are named without any key."""

import pytest

from switchboard.settings import TelemetrySettings
from switchboard.telemetry.reading import read_telemetry


def read(**environ: str) -> tuple[TelemetrySettings, list[str]]:
    faults: list[str] = []
    found = read_telemetry(lambda name: environ.get(name, ""), lambda name, what: faults.append(f"{name} {what}"))
    return found, faults


def test_nothing_is_set() -> None:
    """Without any setting telemetry is off."""
    assert read() == (TelemetrySettings(), [])
    assert read(TELEMETRY="OFF") == (TelemetrySettings(), [])


def test_console() -> None:
    """The console needs nothing else."""
    assert read(TELEMETRY="console") == (TelemetrySettings(target="console"), [])


def test_otlp() -> None:
    """An endpoint may have headers, whose values are URL-encoded and secret."""
    found, faults = read(
        TELEMETRY="otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT="https://collector.example.com/",
        OTEL_EXPORTER_OTLP_HEADERS="Api-Key=a%20b, tenant=c=d",
    )

    assert faults == []
    assert (found.target, found.endpoint) == ("otlp", "https://collector.example.com")
    assert [(name, value.reveal()) for name, value in found.headers] == [("api-key", "a b"), ("tenant", "c=d")]
    assert "a b" not in repr(found)


def test_azure() -> None:
    """Application Insights needs its connection string, which the platform's module sets."""
    found, faults = read(TELEMETRY="azure", APPLICATIONINSIGHTS_CONNECTION_STRING="InstrumentationKey=1")

    assert faults == []
    assert found.connection_string is not None
    assert (found.target, found.connection_string.reveal()) == ("azure", "InstrumentationKey=1")


@pytest.mark.parametrize(
    ("environ", "fault"),
    [
        ({"TELEMETRY": "jaeger"}, "TELEMETRY must be one of off, console, otlp, azure"),
        ({"TELEMETRY": "otlp"}, "OTEL_EXPORTER_OTLP_ENDPOINT is missing"),
        (
            {"TELEMETRY": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:4318"},
            "OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://127.0.0.1:4318: 127.0.0.1:4318",
        ),
        ({"TELEMETRY": "azure"}, "APPLICATIONINSIGHTS_CONNECTION_STRING is missing"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "swordfish"}, "OTEL_EXPORTER_OTLP_HEADERS must be a list"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "=swordfish"}, "OTEL_EXPORTER_OTLP_HEADERS must be a list"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "swordfish="}, "OTEL_EXPORTER_OTLP_HEADERS must be a list"),
    ],
)
def test_faults(environ: dict[str, str], fault: str) -> None:
    """Each fault is named, and no header is shown."""
    _, (found,) = read(**environ)

    assert found.startswith(fault)
    assert "swordfish" not in found
