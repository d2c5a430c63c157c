"""Tests the lines for people who look at a terminal."""

import re

from switchboard.telemetry.figures import CALLS_STARTED, RESPONSE_LATENCY, SIGNALLING, Measurement
from switchboard.telemetry.port import Event
from switchboard.telemetry.printing import metrics_text, span_text
from tests.unit.telemetry.recorder import Recorder

CLOCK = r"\d\d:\d\d:\d\d\.\d{3}"


def test_spans() -> None:
    """A span is one line, with its events indented below it."""
    recorder = Recorder()
    with recorder.telemetry.span("observe_call", {"switchboard.call_id": "rtc_1"}, start=3661.25) as span:
        span.event(Event("fault", 3662.5, {"error.type": "x"}))
        with recorder.telemetry.span("POST hangup") as within:
            within.fail("404")
    inner, outer = map(span_text, recorder.spans())

    found = re.fullmatch(
        CLOCK + r" trace ([0-9a-f]{8}) span [0-9a-f]{4} in ([0-9a-f]{4}): POST hangup \d+ ms FAILED error.type=404\n",
        inner,
    )
    assert found
    first, second = outer.splitlines()
    assert re.fullmatch(
        rf"01:01:01.250 trace {found[1]} span {found[2]} in -: observe_call \d+ ms call_id=rtc_1", first
    )
    assert second == "    +1.250 s fault error.type=x"


def test_attributes() -> None:
    """Prefixes are left out, and so is what each line of a gateway would repeat."""
    recorder = Recorder()
    told = {"gen_ai.provider.name": "azure.ai.openai", "gen_ai.response.finish_reasons": ["completed", "x"]}
    with recorder.telemetry.span("chat", {**told, "http.response.status_code": 201, "http.route": "/api/connect"}):
        pass
    (text,) = map(span_text, recorder.spans())

    assert text.endswith(" ms response.finish_reasons=completed,x status_code=201 route=/api/connect\n")


def test_figures() -> None:
    """Each value of a figure is one line."""
    recorder = Recorder()
    recorder.telemetry.measure(
        Measurement(CALLS_STARTED, 2, {SIGNALLING: "proxy"}),
        Measurement(RESPONSE_LATENCY, 0.5),
        Measurement(RESPONSE_LATENCY, 1),
    )
    data = recorder.reader.get_metrics_data()
    assert data is not None

    assert metrics_text(data).splitlines() == [
        "figure switchboard.calls.started signalling=proxy: 2 {call}",
        "figure switchboard.response.latency: 2 values, mean 0.750, at most 1.000 s",
    ]
