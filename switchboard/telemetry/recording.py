"""Records traces and figures with OpenTelemetry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from switchboard.errors import SwitchboardError
from switchboard.telemetry.figures import FIGURES, Attributes, Figure, Measurement
from switchboard.telemetry.port import Event, Kind, Span, Telemetry, Work

FLUSH_MILLISECONDS = 3000

_KINDS = {
    "internal": trace.SpanKind.INTERNAL,
    "client": trace.SpanKind.CLIENT,
    "producer": trace.SpanKind.PRODUCER,
}
_W3C = TraceContextTextMapPropagator()


class OpenSpan(Span):
    """Is an open span of OpenTelemetry."""

    def __init__(self, tracer: trace.Tracer, span: trace.Span) -> None:
        self._tracer = tracer
        self._span = span

    def set(self, attributes: Attributes) -> None:
        """Add attributes to the span."""
        self._span.set_attributes(attributes)

    def event(self, event: Event) -> None:
        """Note that something happened in the span."""
        self._span.add_event(event.name, event.attributes, timestamp=_nanoseconds(event.at))

    def fail(self, code: str) -> None:
        """Mark the span as failed, with the code of the error."""
        self._span.set_attribute("error.type", code)
        self._span.set_status(Status(StatusCode.ERROR))

    def work(self, work: Work) -> None:
        """Record a piece of work that was done within this span and is over."""
        done = self._tracer.start_span(
            work.name,
            context=trace.set_span_in_context(self._span),
            kind=_KINDS[work.kind],
            attributes=work.attributes,
            start_time=_nanoseconds(work.start),
        )
        if work.error:
            OpenSpan(self._tracer, done).fail(work.error)
        done.end(_nanoseconds(max(work.start, work.end)))


class Recording(Telemetry):
    """Records with these providers, and ends them when it is closed. Threads may share it."""

    on = True

    def __init__(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        self._tracers = tracers
        self._meters = meters
        self._tracer = tracers.get_tracer("switchboard")
        meter = meters.get_meter("switchboard")
        self._instruments = {figure.name: _instrument(meter, figure) for figure in FIGURES}

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Attributes | None = None,
        *,
        kind: Kind = "internal",
        parent: str = "",
        start: float | None = None,
    ) -> Iterator[Span]:
        """Open a span for the block."""
        opened = self._tracer.start_span(
            name,
            context=_continuing(parent),
            kind=_KINDS[kind],
            attributes=attributes,
            start_time=None if start is None else _nanoseconds(start),
        )
        found = OpenSpan(self._tracer, opened)
        token = attach(trace.set_span_in_context(opened))
        try:
            yield found
        except BaseException as error:
            found.fail(error.code if isinstance(error, SwitchboardError) else type(error).__name__)
            raise
        finally:
            detach(token)
            opened.end()

    def current(self) -> Span:
        """Return the span that is open in this thread or task."""
        return OpenSpan(self._tracer, trace.get_current_span())

    def traceparent(self) -> str:
        """Return the W3C traceparent of the open span."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent", "")

    def measure(self, *measurements: Measurement) -> None:
        """Record values of figures."""
        for measurement in measurements:
            self._instruments[measurement.figure.name](measurement.value, measurement.attributes)

    def flush(self) -> None:
        """Send what has been recorded so far."""
        self._tracers.force_flush(FLUSH_MILLISECONDS)
        self._meters.force_flush(FLUSH_MILLISECONDS)

    def close(self) -> None:
        """Send what has been recorded, and record nothing more."""
        self._tracers.shutdown()
        self._meters.shutdown(FLUSH_MILLISECONDS)


def _continuing(parent: str) -> Context:
    return _W3C.extract({"traceparent": parent}, get_current())


def _instrument(meter: Any, figure: Figure) -> Any:
    told = {"unit": figure.unit, "description": figure.description}
    if figure.kind == "histogram":
        bounds = list(figure.bounds)
        return meter.create_histogram(figure.name, explicit_bucket_boundaries_advisory=bounds, **told).record
    if figure.kind == "up_down":
        return meter.create_up_down_counter(figure.name, **told).add
    return meter.create_counter(figure.name, **told).add


def _nanoseconds(at: float) -> int:
    return round(at * 1_000_000_000)
