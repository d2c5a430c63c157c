"""What telemetry costs: the start of the app, and a turn in the observer, each as processor time.

.venv/bin/python -m bench.telemetry [--runs 9] [--turns 1000]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from bench.stage import EXAMPLE
from switchboard.observing.story import Story
from switchboard.observing.witness import NOBODY, Telling, Witness
from switchboard.realtime.objects import ResponseUsage, TokenDetails
from switchboard.record import lines as journal
from switchboard.record.lines import CallCreated, Line
from switchboard.settings import Prices, TelemetrySettings
from switchboard.telemetry.choice import telemetry_for
from switchboard.telemetry.port import OFF, Telemetry
from tests.otlp import running_receiver
from tests.processes import ROOT

NOWHERE = "http://127.0.0.1:9"
TARGETS = {
    "off": {},
    "otlp": {"OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE},
    "azure": {
        "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={'0' * 8}-0000-0000-0000-{'0' * 12};"
        f"IngestionEndpoint={NOWHERE}"
    },
}
START = """
import json, os, sys, time
sys.path.append('.')
began = time.process_time()
from switchboard.environment import read_settings
from switchboard.services import build
import function_app
services = build(read_settings(os.environ))
print(json.dumps(1000 * (time.process_time() - began)), flush=True)
os._exit(0)
"""
DETAILS = TokenDetails(text_tokens=40, audio_tokens=60, cached_tokens=20)
USAGE = ResponseUsage(
    total_tokens=200, input_tokens=100, output_tokens=100, input_token_details=DETAILS, output_token_details=DETAILS
)
PRICES = Prices(audio_input=32, audio_output=64)
CALL = CallCreated(at=0, call_id="rtc_1", caller_id="a", deployment="gpt-realtime", endpoint="https://a.example.com")


def starts(runs: int) -> dict[str, float]:
    """Return the milliseconds that importing the app and building its services takes, by target, as medians."""
    taken: dict[str, list[float]] = {target: [] for target in TARGETS}
    for _ in range(runs + 1):
        for target, more in TARGETS.items():
            env = {**os.environ, **EXAMPLE, "TELEMETRY": target, **more}
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-c", START], cwd=ROOT, env=env, check=True, capture_output=True
            )
            taken[target].append(json.loads(done.stdout.splitlines()[-1]))
    # The first run also writes what Python compiles.
    return {target: statistics.median(values[1:]) for target, values in taken.items()}


def turn(number: int) -> list[Line]:
    """Return the journal lines of one turn that telemetry looks at."""
    at = 10.0 * number
    return [
        journal.SpeechStarted(at=at, item_id=f"q{number}"),
        journal.SpeechStopped(at=at + 1, item_id=f"q{number}"),
        journal.ResponseStarted(at=at + 1.1, response_id=f"r{number}"),
        journal.PlaybackStarted(at=at + 1.4, response_id=f"r{number}"),
        journal.ResponseDone(at=at + 2, response_id=f"r{number}", usage=USAGE),
        journal.PlaybackStopped(at=at + 4, response_id=f"r{number}"),
    ]


def microseconds_per_turn(telemetry: Telemetry, turns: int) -> float:
    """Return the processor time of this thread for one turn."""
    lines = [turn(number) for number in range(turns)]
    with telemetry.span("observe_call") as span:
        witness: Witness = Telling(Story(CALL, PRICES), span, telemetry) if telemetry.on else NOBODY
        began = time.thread_time()
        for block in lines:
            witness.kept(block)
        return 1e6 * (time.thread_time() - began) / turns


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--turns", type=int, default=1000, help="the SDK drops spans above 2048 that wait")
    options = parser.parse_args()
    for target, milliseconds in starts(options.runs).items():
        print(f"start, {target:>6} {milliseconds:8.0f} ms")
    print(f"turn,     off {microseconds_per_turn(OFF, options.turns):8.1f} µs")
    with running_receiver() as receiver:
        telemetry = telemetry_for(TelemetrySettings(target="otlp", endpoint=receiver.url), lambda: None)
        print(f"turn,    otlp {microseconds_per_turn(telemetry, options.turns):8.1f} µs")
        telemetry.close()


if __name__ == "__main__":
    main()
