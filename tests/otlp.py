"""Receives what OpenTelemetry's exporters send over OTLP (HTTP with protobuf), so that tests can read it.

It is a receiver and no collector: it keeps everything in memory, and takes any header and any compression that the
exporters use.
"""

import contextlib
import gzip
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.wait import wait_for

# What an exporter of these tests waits before it sends, in milliseconds.
PROMPTLY = {"OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_METRIC_EXPORT_INTERVAL": "300"}


@dataclass(frozen=True)
class Span:
    """Is a span as it was received."""

    name: str
    trace: str
    id: str
    parent: str
    kind: str
    start: float
    end: float
    failed: bool
    attributes: Mapping[str, Any]
    events: Mapping[str, Mapping[str, Any]]


@dataclass
class Receiver:
    """Holds what was received at `url`: every span, and of each figure the newest value of each process."""

    url: str
    spans: list[Span] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    _values: dict[tuple[Any, ...], tuple[float, int]] = field(default_factory=dict)

    def trace(self, trace: str) -> list[Span]:
        """Return the spans of a trace, in the order in which they began."""
        return sorted((span for span in self.spans if span.trace == trace), key=lambda span: span.start)

    def named(self, trace: str, name: str, count: int = 1) -> list[Span]:
        """Wait until a trace has at least so many spans of this name, and return them."""

        def found() -> list[Span] | None:
            spans = [span for span in self.trace(trace) if span.name == name]
            return spans if len(spans) >= count else None

        return wait_for(found, f"{count} spans {name!r}, beside {[span.name for span in self.trace(trace)]}")

    def value(self, name: str, **attributes: Any) -> float:
        """Return the sum of a figure over all processes; of a histogram, the sum of its values."""
        return sum(value for value, _ in self._matching(name, attributes))

    def count(self, name: str, **attributes: Any) -> int:
        """Return how many values a histogram has, over all processes."""
        return sum(count for _, count in self._matching(name, attributes))

    def _matching(self, name: str, attributes: Mapping[str, Any]) -> list[tuple[float, int]]:
        wanted = {(key.replace("__", "."), value) for key, value in attributes.items()}
        return [value for (_, found, own), value in list(self._values.items()) if found == name and wanted <= set(own)]

    def labels(self, name: str) -> list[dict[str, Any]]:
        """Return the attributes of each value of a figure that was received."""
        return [dict(own) for _, found, own in list(self._values) if found == name]

    def take(self, path: str, body: bytes) -> None:
        """Take the body of a request."""
        if path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                self.spans += [_span(span) for scope in resource.scope_spans for span in scope.spans]
        else:
            self._take_metrics(ExportMetricsServiceRequest.FromString(body))

    def _take_metrics(self, request: ExportMetricsServiceRequest) -> None:
        for resource in request.resource_metrics:
            instance = _attributes(resource.resource.attributes)["service.instance.id"]
            for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                for point in metric.histogram.data_points:
                    key = (instance, metric.name, tuple(_attributes(point.attributes).items()))
                    self._values[key] = (point.sum, point.count)
                for number in metric.sum.data_points:
                    key = (instance, metric.name, tuple(_attributes(number.attributes).items()))
                    self._values[key] = (number.as_double or number.as_int, 1)


@contextlib.contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
            receiver.bodies.append(body)
            receiver.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()


def _span(span: ProtoSpan) -> Span:
    return Span(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        kind=ProtoSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        start=span.start_time_unix_nano / 1e9,
        end=span.end_time_unix_nano / 1e9,
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=_attributes(span.attributes),
        events={event.name: _attributes(event.attributes) for event in span.events},
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    found: list[KeyValue] = list(pairs)
    return {pair.key: _value(pair.value) for pair in found}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return tuple(_value(one) for one in value.array_value.values)
    return getattr(value, kind) if kind else None
