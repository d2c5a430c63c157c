"""Writes spans and figures as one line each, for people who look at a terminal."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk.metrics.export import HistogramDataPoint, MetricsData
from opentelemetry.sdk.trace import ReadableSpan

NANOSECONDS = 1_000_000_000


def span_text(span: ReadableSpan) -> str:
    """Return a line for a span that has ended, and an indented one for each of its events."""
    context = span.get_span_context()
    trace, own = (f"{context.trace_id:032x}", f"{context.span_id:016x}") if context else ("", "")
    parent = f"{span.parent.span_id:016x}" if span.parent else "-"
    began, ended = span.start_time or 0, span.end_time or 0
    milliseconds = (ended - began) / 1_000_000
    lines = [f"span {trace} {parent}>{own} {span.name} {milliseconds:.0f} ms{_words(span.attributes)}"]
    lines += [
        f"  event +{(event.timestamp - began) / NANOSECONDS:.3f} s {event.name}{_words(event.attributes)}"
        for event in span.events
    ]
    return "".join(f"{line}\n" for line in lines)


def metrics_text(data: MetricsData) -> str:
    """Return a line for each value of each figure."""
    lines = [
        f"figure {metric.name}{_words(point.attributes)}: {_value(point)} {metric.unit}"
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    ]
    return "".join(f"{line}\n" for line in lines)


def _value(point: Any) -> str:
    if isinstance(point, HistogramDataPoint):
        return f"{point.count} values, mean {point.sum / point.count:.3f}, at most {point.max:.3f}"
    return f"{point.value:g}"


def _words(attributes: Mapping[str, Any] | None) -> str:
    return "".join(f" {name}={value}" for name, value in (attributes or {}).items())
