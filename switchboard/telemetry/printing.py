"""Writes spans and figures as one line each, for people who look at a terminal.

The lines show less than what is exported: short ids, attributes without their prefixes, and nothing that is the same in
each line of a gateway.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from opentelemetry.sdk.metrics.export import HistogramDataPoint, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

NANOSECONDS = 1_000_000_000
_PREFIXES = ("switchboard.", "gen_ai.", "http.request.", "http.response.", "http.")
# The same for all calls of a gateway, or said by another attribute of the same line.
_LEFT_OUT = {
    *("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"),
    *("gen_ai.conversation.id", "server.address"),
}


def span_text(span: ReadableSpan) -> str:
    """Return a line for a span that has ended, and an indented one for each of its events.

    It begins with the time (UTC) at which the span began, the first characters of its trace's id, those of its own id,
    and those of its parent's. A span is written when it has ended, and so after the spans within it.
    """
    context = span.get_span_context()
    trace, own = (f"{context.trace_id:032x}"[:8], f"{context.span_id:016x}"[:4]) if context else ("", "")
    parent = f"{span.parent.span_id:016x}"[:4] if span.parent else "-"
    began, ended = span.start_time or 0, span.end_time or 0
    milliseconds = (ended - began) / 1_000_000
    failed = " FAILED" if span.status.status_code is StatusCode.ERROR else ""
    what = f"{span.name} {milliseconds:.0f} ms{failed}{_words(span.attributes)}"
    lines = [f"{_clock(began)} trace {trace} span {own} in {parent}: {what}"]
    lines += [
        f"    +{(event.timestamp - began) / NANOSECONDS:.3f} s {event.name}{_words(event.attributes)}"
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


def _clock(nanoseconds: int) -> str:
    return f"{datetime.fromtimestamp(nanoseconds / NANOSECONDS, UTC):%H:%M:%S.%f}"[:12]


def _value(point: Any) -> str:
    if isinstance(point, HistogramDataPoint):
        return f"{point.count} values, mean {point.sum / point.count:.3f}, at most {point.max:.3f}"
    return f"{point.value:g}"


def _words(attributes: Mapping[str, Any] | None) -> str:
    shown = ((name, value) for name, value in (attributes or {}).items() if name not in _LEFT_OUT)
    return "".join(f" {_short(name)}={_text(value)}" for name, value in shown)


def _short(name: str) -> str:
    """Return the name of an attribute without its prefix."""
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
