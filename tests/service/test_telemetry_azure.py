"""Tests what Application Insights gets: workbook and alerts read it under these names."""

import gzip
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from switchboard.settings import Secret, TelemetrySettings
from switchboard.telemetry.exporting import exporting
from switchboard.telemetry.figures import CALLS_LIVE, CALLS_STARTED, MODEL, RESPONSE_LATENCY, SIGNALLING, Measurement

Item = dict[str, Any]


@pytest.fixture
def ingestion() -> Iterator[tuple[str, list[Item]]]:
    """Run an ingestion endpoint that takes everything, without a token; yield its address and what it has taken."""
    taken: list[Item] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            items = json.loads(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            taken.extend(items)
            answer = json.dumps({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()


def test_figures_and_spans(ingestion: tuple[str, list[Item]], caplog: pytest.LogCaptureFixture) -> None:
    """Counters and histograms say what came since the last time, calls.live its value, and nothing is logged."""
    url, taken = ingestion
    connection = f"InstrumentationKey={'0' * 8}-0000-0000-0000-{'0' * 12};IngestionEndpoint={url}"
    settings = TelemetrySettings(target="azure", connection_string=Secret(connection))
    telemetry = exporting(settings, lambda: None)
    sent: list[list[Item]] = []
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            telemetry.measure(
                Measurement(CALLS_LIVE, 1),
                Measurement(CALLS_STARTED, 1, {SIGNALLING: "proxy", MODEL: "gpt-realtime"}),
                *(Measurement(RESPONSE_LATENCY, seconds, {MODEL: "gpt-realtime"}) for seconds in (0.5, 1.5)),
            )
            with telemetry.span("connect"):
                pass
            telemetry.flush()
            sent.append(taken[:])
            taken.clear()
        telemetry.close()

    assert [record.getMessage() for record in caplog.records] == []
    for live, items in enumerate(sent, 1):
        metrics = [item["data"]["baseData"] for item in items if item["data"]["baseType"] == "MetricData"]
        found = {metric["metrics"][0]["name"]: (metric["metrics"][0], metric["properties"]) for metric in metrics}
        assert found["switchboard.calls.live"] == ({"name": "switchboard.calls.live", "value": live, "count": 1}, {})
        started, attributes = found["switchboard.calls.started"]
        assert (started["value"], attributes) == (1, {SIGNALLING: "proxy", MODEL: "gpt-realtime"})
        latency = found["switchboard.response.latency"][0]
        assert (latency["value"], latency["count"], latency["min"], latency["max"]) == (2.0, 2, 0.5, 1.5)
        spans = [item["data"]["baseData"]["name"] for item in items if item["data"]["baseType"] != "MetricData"]
        assert spans == ["connect"]
    # The workbook adds processes up by it.
    assert len({item["tags"]["ai.cloud.roleInstance"] for items in sent for item in items}) == 1
