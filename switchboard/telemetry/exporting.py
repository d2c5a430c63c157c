"""Makes the providers and exporters of OpenTelemetry. Only `switchboard.telemetry.choice` imports this, and late.

The providers are the gateway's own and not the process's global ones, which belong to the platform's worker.
"""

import os
import uuid
from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler

from switchboard import __version__
from switchboard.settings import Secret, TelemetrySettings
from switchboard.telemetry.printing import metrics_text, span_text
from switchboard.telemetry.recording import Recording

# An endpoint that does not answer must not hold up the end of the process for long.
EXPORT_SECONDS = 5
# The exporter for Azure reads these. Without them it also sends figures of its own to Microsoft, and asks Microsoft
# which of its features are on, each from a thread that nobody ends.
_QUIET = (
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED",
)


def exporting(settings: TelemetrySettings, credential: Callable[[], Any]) -> Recording:
    """Return telemetry that sends traces and figures to the target of the settings, from threads of its own."""
    resource = Resource.create(
        {
            "service.name": "switchboard",
            "service.version": __version__,
            # Figures of two processes are added up only if the processes can be told apart.
            "service.instance.id": uuid.uuid4().hex,
        }
    )
    tracers = TracerProvider(sampler=_sampler(), resource=resource)
    spans, metrics = _exporters(settings, credential, tracers)
    tracers.add_span_processor(BatchSpanProcessor(spans))
    meters = MeterProvider([PeriodicExportingMetricReader(metrics)], resource=resource)
    return Recording(tracers, meters)


def _sampler() -> Sampler | None:
    """Return a sampler that takes no notice of what the caller's traceparent says; None if the operator chose one.

    The SDK's default would leave it to strangers whether their calls can be seen. It reads OTEL_TRACES_SAMPLER itself.
    """
    return None if os.environ.get("OTEL_TRACES_SAMPLER") else ALWAYS_ON


def _exporters(
    settings: TelemetrySettings, credential: Callable[[], Any], tracers: TracerProvider
) -> tuple[SpanExporter, MetricExporter]:
    if settings.target == "otlp":
        return _otlp(settings)
    if settings.target == "azure":
        return _azure(settings.connection_string or Secret(""), credential, tracers)
    return ConsoleSpanExporter(formatter=span_text), ConsoleMetricExporter(formatter=metrics_text)


def _otlp(settings: TelemetrySettings) -> tuple[SpanExporter, MetricExporter]:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    headers = {name: value.reveal() for name, value in settings.headers}
    return (
        OTLPSpanExporter(f"{settings.endpoint}/v1/traces", headers=headers, timeout=EXPORT_SECONDS),
        OTLPMetricExporter(f"{settings.endpoint}/v1/metrics", headers=headers, timeout=EXPORT_SECONDS),
    )


def _azure(
    connection_string: Secret, credential: Callable[[], Any], tracers: TracerProvider
) -> tuple[SpanExporter, MetricExporter]:
    for name in _QUIET:
        os.environ.setdefault(name, "true")
    from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter

    options: dict[str, Any] = {
        "connection_string": connection_string.reveal(),
        "credential": credential(),
        # A retry from the disk would need a disk that outlives the instance.
        "disable_offline_storage": True,
        "timeout": EXPORT_SECONDS,
    }
    # Without it, the exporter looks for a provider of the whole process, and logs a fault with every export.
    spans = AzureMonitorTraceExporter(tracer_provider=tracers, **options)
    return spans, AzureMonitorMetricExporter(**options)
