"""Tests the lines for people who look at a terminal."""

import re

from switchboard.telemetry.figures import CALLS_STARTED, RESPONSE_LATENCY, Measurement
from switchboard.telemetry.port import Event
from switchboard.telemetry.printing import metrics_text, span_text
from tests.unit.telemetry.recorder import Recorder


def test_spans() -> None:
    """A span is one line, with its events indented below it."""
    recorder = Recorder()
    with recorder.telemetry.span("observe_call", {"switchboard.call_id": "rtc_1"}) as span:
        span.event(Event("fault", 0.0, {"error.type": "x"}))
        with recorder.telemetry.span("POST hangup"):
            pass
    inner, outer = map(span_text, recorder.spans())

    assert re.fullmatch(r"span [0-9a-f]{32} [0-9a-f]{16}>[0-9a-f]{16} POST hangup \d+ ms\n", inner)
    first, second = outer.splitlines()
    assert re.fullmatch(r"span [0-9a-f]{32} ->[0-9a-f]{16} observe_call \d+ ms switchboard.call_id=rtc_1", first)
    assert re.fullmatch(r"  event \+-[\d.]+ s fault error.type=x", second)


def test_figures() -> None:
    """Each value of a figure is one line."""
    recorder = Recorder()
    recorder.telemetry.measure(
        Measurement(CALLS_STARTED, 2, {"a": "b"}), Measurement(RESPONSE_LATENCY, 0.5), Measurement(RESPONSE_LATENCY, 1)
    )
    data = recorder.reader.get_metrics_data()
    assert data is not None

    assert metrics_text(data).splitlines() == [
        "figure switchboard.calls.started a=b: 2 {call}",
        "figure switchboard.response.latency: 2 values, mean 0.750, at most 1.000 s",
    ]
