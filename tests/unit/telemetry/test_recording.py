"""Tests what is recorded with OpenTelemetry's SDK, which keeps it in memory here."""

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from switchboard.errors import StorageUnavailable
from switchboard.telemetry.figures import CALLS_LIVE, CALLS_STARTED, RESPONSE_LATENCY, SIGNALLING, Measurement
from switchboard.telemetry.port import Event, Work
from tests.unit.telemetry.recorder import Recorder

TRACE, SPAN = "a" * 32, "b" * 16


def test_a_span_continues_its_parent() -> None:
    """A span continues a traceparent from elsewhere, and what is opened in it becomes its child."""
    recorder = Recorder()
    with recorder.telemetry.span("connect", {"a": 1}, parent=f"00-{TRACE}-{SPAN}-01", start=10.0) as span:
        span.set({"b": "c"})
        carried = recorder.telemetry.traceparent()
        with recorder.telemetry.span("POST calls", kind="client"):
            recorder.telemetry.current().set({"d": 2})
        recorder.telemetry.current().event(Event("fault", 11.0, {"e": 3}))
    inner, outer = recorder.spans()

    assert outer.context is not None
    assert outer.parent is not None
    assert inner.parent is not None
    assert f"{outer.context.trace_id:032x}" == TRACE
    assert f"{outer.parent.span_id:016x}" == SPAN
    assert carried == f"00-{TRACE}-{outer.context.span_id:016x}-01"
    assert (outer.attributes, outer.start_time) == ({"a": 1, "b": "c"}, 10_000_000_000)
    assert [(event.name, event.timestamp, event.attributes) for event in outer.events] == [
        ("fault", 11_000_000_000, {"e": 3})
    ]
    assert (inner.parent.span_id, inner.kind, inner.attributes) == (outer.context.span_id, SpanKind.CLIENT, {"d": 2})


@pytest.mark.parametrize("parent", ["", "nonsense", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{SPAN}"])
def test_a_parent_that_cannot_be_read(parent: str) -> None:
    """A traceparent that is none begins a trace."""
    recorder = Recorder()
    with recorder.telemetry.span("connect", parent=parent):
        pass

    assert recorder.spans()[0].parent is None


def test_without_a_span() -> None:
    """Where no span is open, there is no traceparent, and attributes go nowhere."""
    recorder = Recorder()
    recorder.telemetry.current().set({"a": 1})

    assert (recorder.telemetry.traceparent(), recorder.spans()) == ("", [])


@pytest.mark.parametrize(
    ("error", "code"), [(StorageUnavailable(), "storage_unavailable"), (KeyError("x"), "KeyError")]
)
def test_a_span_that_fails(error: Exception, code: str) -> None:
    """A span fails with the code of the error or with its class, and never shows its text."""
    recorder = Recorder()
    with pytest.raises(type(error)), recorder.telemetry.span("connect"):
        raise error
    (span,) = recorder.spans()

    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert (span.attributes, span.events) == ({"error.type": code}, ())


def test_work_that_is_over() -> None:
    """Work within a span becomes its child, with its own times."""
    recorder = Recorder()
    with recorder.telemetry.span("observe_call", start=1.0) as span:
        span.work(Work(name="chat", kind="client", start=2.0, end=3.0, attributes={"a": 1}))
        span.work(Work(name="late", start=5.0, end=4.0, error="content_filter"))
    chat, late, outer = recorder.spans()

    assert chat.parent == late.parent == outer.context
    assert (chat.start_time, chat.end_time, chat.status.status_code) == (2_000_000_000, 3_000_000_000, StatusCode.UNSET)
    assert (late.start_time, late.end_time) == (5_000_000_000, 5_000_000_000)
    assert late.attributes == {"error.type": "content_filter"}


def test_figures() -> None:
    """Counters add up by their attributes, and a histogram keeps each value in the figure's buckets."""
    recorder = Recorder()
    recorder.telemetry.measure(
        *(Measurement(CALLS_STARTED, number, {SIGNALLING: "proxy"}) for number in (1, 2)), Measurement(CALLS_LIVE, 1)
    )
    recorder.telemetry.measure(Measurement(CALLS_LIVE, -1), Measurement(RESPONSE_LATENCY, 0.45))

    assert recorder.values() == {
        ("switchboard.calls.started", (("switchboard.signalling", "proxy"),)): 3,
        ("switchboard.calls.live", ()): 0,
        ("switchboard.response.latency", ()): 1,
    }


def test_the_end() -> None:
    """What was recorded can be sent at any time, and nothing is recorded after the end."""
    recorder = Recorder()
    with recorder.telemetry.span("one"):
        pass
    recorder.telemetry.flush()
    recorder.telemetry.close()

    assert [span.name for span in recorder.spans()] == ["one"]
