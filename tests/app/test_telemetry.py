"""Tests that one trace holds a whole call, and that the figures agree with its summary, over real OTLP."""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from switchboard.telemetry.figures import FIGURES
from tests.app import test_functions_runtime as platform
from tests.app.runtime_worker import PYTHON, RuntimeWorker, indexed
from tests.app.test_calls import talk
from tests.emulator import Emulator
from tests.gateway import Gateway, Visitor, running_gateway, visitor
from tests.otlp import PROMPTLY, Receiver, running_receiver
from tests.processes import ROOT, Azurite, running_azurite
from tests.service.realtime import Service
from tests.wait import wait_for

WORDS = ("Swordfish is my word", "Your word is safe")
PRICES = {"currency": "EUR", "audio_input": 32.0, "audio_output": 64.0, "text_output": 16.0}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with running_receiver() as found:
        yield found


@pytest.fixture(scope="module")
def watched(emulator_url: str, storage: Azurite, receiver: Receiver, logs: Path) -> Iterator[Gateway]:
    """Return a gateway that sends its telemetry to the receiver."""
    environ: dict[str, Any] = telemetry_to(receiver) | {"PRICES": json.dumps(PRICES)}
    log = logs / "telemetry-gateway.log"
    with running_gateway(Emulator(emulator_url), storage.connection_string, log, **environ) as gateway:
        gateway.emulator.reset()
        yield gateway


def telemetry_to(receiver: Receiver) -> dict[str, str]:
    return {
        "TELEMETRY": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20key",
        **PROMPTLY,
    }


def traced(caller: Visitor) -> tuple[str, Visitor]:
    """Return a new trace, and the visitor as a page that has begun it."""
    trace = secrets.token_hex(16)
    return trace, Visitor({**caller.headers, "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"})


def test_one_trace_of_a_call(watched: Gateway, receiver: Receiver) -> None:
    """Connect, the service's requests, the queue, the observer, each turn and the archive continue the page's trace."""
    trace, caller = traced(visitor())
    refused = watched.request("POST", "connect", data=b"no offer", headers=caller.headers)
    call_id = watched.call(caller)
    watched.wait_until(caller, call_id, "live")
    talk(watched, caller, call_id, *WORDS)
    watched.request("DELETE", f"calls/{call_id}", headers=caller.headers)
    summary = json.loads(watched.archived(call_id))

    (archived,) = receiver.named(trace, "archive_call_summary")
    (observed,) = receiver.named(trace, "observe_call")
    not_offered, connected = receiver.named(trace, "connect", 2)
    names = [span.name for span in receiver.trace(trace)]
    assert {"POST client_secrets", "POST calls", "send observe-calls", "hang_up_call", "POST hangup"} <= set(names)
    assert {span.name: span.parent for span in (archived, observed)} == dict.fromkeys(
        ("archive_call_summary", "observe_call"), connected.id
    )
    parents = {span.name: span.parent for span in receiver.trace(trace)}
    assert parents["POST calls"] == parents["send observe-calls"] == connected.id
    of_the_call = [span for span in receiver.trace(trace) if not span.name.startswith(("POST", "get_call"))]
    assert {span.attributes["switchboard.call_id"] for span in of_the_call if span is not not_offered} == {call_id}
    assert refused.status_code == 415
    assert not_offered.attributes["switchboard.code"] == "unsupported_media_type"
    assert not not_offered.failed
    assert observed.attributes["switchboard.outcome"] == "ended"
    assert observed.attributes["switchboard.observer.resumed"] is False
    assert observed.events["call.ended"]
    assert observed.start <= observed.end
    (turn,) = receiver.named(trace, "chat gpt-realtime")
    (told,) = summary["turns"]
    assert (turn.parent, turn.kind, turn.failed) == (observed.id, "client", False)
    assert turn.attributes["gen_ai.response.id"] == told["response_id"]
    assert turn.attributes["gen_ai.usage.output_tokens"] == sum(summary["usage"]["output"].values())
    assert round(turn.attributes["switchboard.response.latency"] * 1000) == told["response_latency_ms"]
    # The caller and the observer both hang up; the service knows the call no longer, and that is no failure.
    statuses = [span.attributes["http.response.status_code"] for span in receiver.named(trace, "POST hangup", 2)]
    assert sorted(statuses) == [200, 404]
    assert not any(span.failed for span in receiver.trace(trace))


def test_tools_and_a_page_that_wants_no_record_of_its_own(watched: Gateway, receiver: Receiver) -> None:
    """A tool is a span in the observer's, without its arguments. A traceparent that is not sampled changes nothing."""
    trace, caller = secrets.token_hex(16), visitor()
    caller = Visitor({**caller.headers, "traceparent": f"00-{trace}-{secrets.token_hex(8)}-00"})
    answer = watched.connect(caller, params={"assistant": "front-desk"})
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    wait_for(lambda: watched.status(caller, call_id)["usage"]["responses"], "the front desk has greeted the caller")
    type_into(watched, call_id, 'call hand_over with {"reason": "Nightingale"}')
    wait_for(lambda: watched.status(caller, call_id)["hand_overs"], "the call has been handed over")
    watched.request("DELETE", f"calls/{call_id}", headers=caller.headers)

    (observed,) = receiver.named(trace, "observe_call")
    (used,) = receiver.named(trace, "execute_tool hand_over")
    assert (used.parent, used.kind, used.failed) == (observed.id, "internal", False)
    assert dict(used.attributes) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "hand_over",
        "gen_ai.tool.call.id": used.attributes["gen_ai.tool.call.id"],
        "gen_ai.conversation.id": call_id,
        "switchboard.call_id": call_id,
        "switchboard.tool.outcome": "completed",
    }
    assert "call.hand_over_requested" in observed.events
    (archived,) = receiver.named(trace, "archive_call_summary")
    assert b"Nightingale" in watched.archived(call_id)
    assert b"Nightingale" not in b"".join(receiver.bodies)
    # All of it hangs together: whatever has no parent here continues the page's own span.
    own = {span.id for span in receiver.trace(trace)}
    outer = {span.name for span in receiver.trace(trace) if span.parent not in own}
    assert outer <= {"connect", "get_call", "hang_up_call"}
    assert archived.start > used.start > observed.start


def type_into(gateway: Gateway, call_id: str, text: str) -> None:
    """Type this in the call, and have it answered, as another client of the service."""

    async def typed() -> None:
        async with Service(gateway.emulator.url).sideband(call_id) as sideband:
            await sideband.say(text)

    asyncio.run(typed())


def test_figures_agree_with_the_summary(watched: Gateway, receiver: Receiver) -> None:
    """What a call adds to the figures is what its summary says, and while it lasts it is live."""
    wait_for(lambda: _settled(receiver), "the calls of other tests are counted")
    before = _figures(receiver)
    trace, caller = traced(visitor())
    call_id = watched.call(caller)
    wait_for(lambda: receiver.value("switchboard.calls.live") == 1, "the call is counted as live")
    talk(watched, caller, call_id, *WORDS)
    assert watched.request("GET", f"calls/{call_id}", headers=visitor().headers).status_code == 403
    watched.request("DELETE", f"calls/{call_id}", headers=caller.headers)
    summary = json.loads(watched.archived(call_id))
    receiver.named(trace, "observe_call")
    wait_for(lambda: _settled(receiver), "the end is counted")
    wait_for(lambda: receiver.value("switchboard.calls.live") == 0, "no call is live")

    added = {name: round(value - before[name], 6) for name, value in _figures(receiver).items()}
    usage = summary["usage"]
    assert added == {
        "started": 1,
        "ended": 1,
        "refused": 1,
        "input": usage["input"]["text"] + usage["input"]["audio"],
        "output": sum(usage["output"].values()),
        "audio_output": usage["output"]["audio"],
        "cost": round(
            (usage["input"]["audio"] * 32 + usage["output"]["audio"] * 64 + usage["output"]["text"] * 16) / 1e6, 6
        ),
        "latencies": 1,
    }
    assert receiver.count("switchboard.journal.lag") > 0
    assert receiver.value("switchboard.journal.lag") / receiver.count("switchboard.journal.lag") < 5
    assert receiver.count("switchboard.call.duration") == receiver.value("switchboard.calls.ended")


def _settled(receiver: Receiver) -> bool:
    """Return whether the end of each call is counted whose observer has sent its span. The end is counted last."""
    observed = [span for span in receiver.spans if span.name == "observe_call"]
    return receiver.value("switchboard.calls.ended") == len(observed)


def _figures(receiver: Receiver) -> dict[str, float]:
    return {
        "started": receiver.value("switchboard.calls.started", switchboard__signalling="proxy"),
        "ended": receiver.value("switchboard.calls.ended", switchboard__end__reason="hung_up_by_caller"),
        "refused": receiver.value("switchboard.requests.refused", switchboard__code="not_your_call"),
        "input": receiver.value("gen_ai.client.token.usage", gen_ai__token__type="input"),
        "output": receiver.value("gen_ai.client.token.usage", gen_ai__token__type="output"),
        "audio_output": receiver.value("switchboard.tokens", switchboard__token__kind="audio_output"),
        "cost": receiver.value("switchboard.cost", switchboard__currency="EUR"),
        "latencies": receiver.count("switchboard.response.latency"),
    }


def test_no_words_and_no_secrets(watched: Gateway, receiver: Receiver) -> None:
    """Nothing that was said, no SDP and no secret is sent; the operator's own header is, to the endpoint only."""
    trace, caller = traced(visitor())
    call_id = watched.call(caller)
    watched.wait_until(caller, call_id, "live")
    talk(watched, caller, call_id, *WORDS)
    watched.request("DELETE", f"calls/{call_id}", headers=caller.headers)
    receiver.named(trace, "archive_call_summary")
    receiver.named(trace, "observe_call")

    sent = b"".join(receiver.bodies)
    for word in (b"Swordfish", b"word is safe", b"ek_", b"v=0", b"friendly assistant", b"a key"):
        assert word not in sent, word
    assert call_id.encode() in sent
    assert {headers["api-key"] for headers in receiver.headers} == {"a key"}


def test_no_value_of_a_figure_belongs_to_a_call_or_a_caller(watched: Gateway, receiver: Receiver) -> None:
    """Two calls of two callers add to the same values: the figures cost as much after a million calls as after two."""
    ids: list[str] = []
    for _ in range(2):
        trace, caller = traced(visitor())
        ids += [watched.call(caller), caller.headers["x-switchboard-caller"]]
        watched.request("GET", f"calls/{ids[-2]}", headers=visitor().headers)
        watched.request("DELETE", f"calls/{ids[-2]}", headers=caller.headers)
        receiver.named(trace, "observe_call")
    wait_for(lambda: _settled(receiver), "the ends are counted")

    told = {figure.name: receiver.labels(figure.name) for figure in FIGURES}
    for figure in FIGURES:
        for labels in told[figure.name]:
            assert set(labels) == set(figure.by)
            assert not any(one in str(labels.values()) for one in ids)
    assert {tuple(one.values()) for one in told["switchboard.calls.started"]} == {("proxy", "gpt-realtime")}
    assert ("not_your_call", "/api/calls/{call_id}") in {
        tuple(o.values()) for o in told["switchboard.requests.refused"]
    }


@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")
def test_on_the_platforms_worker(emulator_url: str, receiver: Receiver, logs: Path) -> None:
    """The platform's own worker runs the same: the observer on its loop and connect on its threads share the trace."""
    example: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    trace, caller = traced(visitor())
    # A storage of its own: on one storage the other gateway would take the message.
    with running_azurite(logs / "telemetry-azurite.log") as storage:
        env = {
            **example,
            **telemetry_to(receiver),
            "AzureWebJobsStorage": storage.connection_string,
            "REALTIME_ENDPOINT": emulator_url,
        }
        with indexed(ROOT, logs / "telemetry-runtime.log", env) as worker:
            _whole_call(worker, caller.headers, Emulator(emulator_url), storage)
            (connected,) = receiver.named(trace, "connect")
            for name in ("observe_call", "archive_call_summary"):
                (span,) = receiver.named(trace, name)
                assert span.parent == connected.id
    assert connected.start < time.time()


def _whole_call(worker: RuntimeWorker, caller: dict[str, str], emulator: Emulator, storage: Azurite) -> Any:
    call_id = platform.connected(worker, caller)
    message = platform.observe_message(storage, call_id)
    observed = worker.message(platform.triggered_by(worker, "observe-calls"), message)
    wait_for(lambda: emulator.calls()[call_id]["sidebands"], "the observer attaches")
    emulator.leave(call_id)
    summaries = observed.result(20).outputs["summaries"].decode()
    assert worker.message(platform.triggered_by(worker, "call-summaries"), summaries).result(20).error is None
