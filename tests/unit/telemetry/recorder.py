"""Records telemetry in memory, with the real SDK and without any exporter's bytes."""

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from switchboard.telemetry.figures import FIGURES
from switchboard.telemetry.recording import Recording

BY = {figure.name: figure.by for figure in FIGURES}


class Recorder:
    """Holds `telemetry`, and what was recorded with it."""

    def __init__(self) -> None:
        self._spans, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider(shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.telemetry = Recording(tracers, MeterProvider([self.reader], shutdown_on_exit=False))

    def spans(self, name: str = "") -> list[ReadableSpan]:
        """Return the spans that have ended, in that order; only those of a name, if there is one."""
        return [span for span in self._spans.get_finished_spans() if name in ("", span.name)]

    def values(self) -> dict[tuple[str, tuple[tuple[str, Any], ...]], float]:
        """Return the values of all figures by name and attributes; of a histogram, how many there were."""
        data: Any = self.reader.get_metrics_data()
        found = {}
        for scope in data.resource_metrics[0].scope_metrics if data else ():
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    # Whatever test records this: a figure has no attribute that it does not name.
                    assert set(point.attributes) <= set(BY[metric.name]), (metric.name, point.attributes)
                    value = point.count if hasattr(point, "count") else point.value
                    found[metric.name, tuple(sorted(point.attributes.items()))] = value
        return found

    def value(self, name: str) -> float:
        """Return the sum of a figure over all attributes."""
        return sum(value for (found, _), value in self.values().items() if found == name)
