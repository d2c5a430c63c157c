"""Tests which exporters the settings give. Other tests read what they send."""

import os

import pytest
from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from switchboard.settings import Secret, TelemetrySettings
from switchboard.telemetry import exporting as module
from switchboard.telemetry.exporting import exporting

INSIGHTS = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:9"


class Credential:
    """Stands for an identity. It gives no token, because nothing is sent."""

    def get_token(self, *_scopes: str) -> None:
        raise AssertionError("nothing was to be sent")


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        (TelemetrySettings(target="console"), (ConsoleSpanExporter, ConsoleMetricExporter)),
        (
            TelemetrySettings(target="otlp", endpoint="http://127.0.0.1:9", headers=(("a", Secret("b")),)),
            (OTLPSpanExporter, OTLPMetricExporter),
        ),
        (
            TelemetrySettings(target="azure", connection_string=Secret(INSIGHTS)),
            (AzureMonitorTraceExporter, AzureMonitorMetricExporter),
        ),
    ],
)
def test_exporters(settings: TelemetrySettings, kinds: tuple[type, type], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each target has exporters of its own for traces and for figures."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    spans, metrics = module._exporters(settings, Credential, TracerProvider(shutdown_on_exit=False))

    assert (type(spans), type(metrics)) == kinds
    spans.shutdown()
    metrics.shutdown()


def test_recording() -> None:
    """What records takes every trace, whatever the caller's traceparent says."""
    telemetry = exporting(TelemetrySettings(target="console"), Credential)
    with telemetry.span("connect", parent=f"00-{'1' * 32}-{'2' * 16}-00"):
        assert telemetry.traceparent().startswith(f"00-{'1' * 32}-")
        assert telemetry.traceparent().endswith("-01")
    telemetry.close()


def test_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator may choose another sampler by the SDK's own setting."""
    assert module._sampler() is ALWAYS_ON
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    assert module._sampler() is None
