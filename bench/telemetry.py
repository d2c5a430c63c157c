"""Measures what telemetry costs: whole calls, the start of the app, and a turn in the observer, as processor time."""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from bench.calls import Measured, measure
from bench.contenders import Gateway
from bench.scene import BUSY
from bench.section import Section, Table
from bench.stage import EXAMPLE, staged
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

CALLERS = 16
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


def turns(count: int) -> dict[str, float]:
    """Return the microseconds that a turn takes, by target. The SDK drops spans above 2048 that wait to be sent."""
    with running_receiver() as receiver:
        telemetry = telemetry_for(TelemetrySettings(target="otlp", endpoint=receiver.url), lambda: None)
        found = {"off": microseconds_per_turn(OFF, count), "otlp": microseconds_per_turn(telemetry, count)}
        telemetry.close()
    return found


async def whole_calls(folder: Path, calls: int, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of CPU that the worker takes for a call: a figure for each round, by target.

    A worker with telemetry and one without it take turns, so that a busy moment of the machine hits both.
    """
    found: dict[str, list[float]] = {"off": [], "otlp": []}
    async with contextlib.AsyncExitStack() as opened:
        receiver = opened.enter_context(running_receiver())
        stages = {}
        for target in found:
            env = {"TELEMETRY": target, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
            place = folder / target
            place.mkdir()
            stages[target] = await opened.enter_async_context(staged(place, msgspec.structs.replace(BUSY, env=env)))
        for number in range(rounds + 1):
            for target, stage in stages.items():
                taken = Measured()
                await measure(stage, Gateway(stage), taken, CALLERS, calls)
                # The first round warms everything up.
                found[target] += [taken.each(taken.cpu)] if number else []
        if not any(span.name == "archive_call_summary" for span in receiver.spans):
            raise RuntimeError("No telemetry has arrived, so its cost was not measured.")
    return found


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    whole = await whole_calls(folder, 4 if short else 96, 1 if short else 3)
    started = await asyncio.to_thread(starts, 1 if short else 5)
    turned = await asyncio.to_thread(turns, 50 if short else 1000)
    a_call = {target: statistics.median(values) for target, values in whole.items()}
    ratio = a_call["otlp"] / a_call["off"]
    text = (
        f"All of this is processor time. With `TELEMETRY=otlp` a call costs the worker {ratio:.2f} times what it costs "
        f"with `off`: the spans and figures themselves, their export on a thread of its own, and one more read of the "
        f"journal at the end. A call has one turn; {CALLERS} callers call at a time. The start is the import of the "
        "app and the building of its services. The turn is what the observer does with the lines of a turn that the "
        "journal holds."
    )
    rows = [
        ["a call, ms", *(f"{a_call[name]:.1f}" for name in ("off", "otlp")), "-", f"{ratio:.2f}"],
        ["the start, ms", *(f"{value:.0f}" for value in started.values()), f"{started['otlp'] / started['off']:.2f}"],
        ["a turn, µs", *(f"{turned[name]:.0f}" for name in ("off", "otlp")), "-", "-"],
    ]
    spread = " and ".join(f"{min(values):.1f} to {max(values):.1f} ms" for values in whole.values())
    note = f"the receiver, which is not in it. The rounds of calls gave {spread}."
    head = ["what", "`off`", "`otlp`", "`azure`", "`otlp` / `off`"]
    return Section("Telemetry", text, [Table(head, rows, note)], {"ratio": ratio})
