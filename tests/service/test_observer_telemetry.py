"""Tests that a second observer of a call goes on with its trace, and that nothing is counted twice."""

import asyncio

from switchboard.realtime.client import RealtimeClient
from switchboard.storage import Storage
from tests.emulator import Emulator
from tests.service.stage import Stage
from tests.unit.telemetry.recorder import Recorder

TRACE, SPAN = "a" * 32, "b" * 16


async def test_a_second_observer_and_a_message_again(
    client: RealtimeClient, storage: Storage, emulator: Emulator
) -> None:
    """Two observers, one after the other, and the message a third time: one trace, and each figure once."""
    recorder, stage = Recorder(), Stage(client, storage, emulator)
    stage.telemetry = recorder.telemetry
    call = await stage.call(traceparent=f"00-{TRACE}-{SPAN}-01")
    first, second = stage.observers(), stage.observers()
    observing = asyncio.create_task(first.observe(call))
    await stage.attached()
    await stage.talk("What time is it?", "It is noon.")
    first.leave()
    assert not await observing
    observing = asyncio.create_task(second.observe(call))
    await stage.attached(2)
    await stage.talk("Thanks!", "You are welcome.")
    await asyncio.to_thread(emulator.leave, call.call_id)
    assert await observing
    assert await stage.observers().observe(call)

    observed, summary = recorder.spans("observe_call"), stage.summary()
    assert {f"{span.context.trace_id:032x}" for span in recorder.spans() if span.context} == {TRACE}
    assert {f"{span.parent.span_id:016x}" for span in observed if span.parent} == {SPAN}
    told = [(span.attributes or {}) for span in observed]
    assert [one["switchboard.outcome"] for one in told] == ["left", "ended", "ended"]
    assert [one["switchboard.observer.resumed"] for one in told] == [False, True, True]
    turns = [(span.attributes or {})["gen_ai.response.id"] for span in recorder.spans("chat ")]
    assert sorted(map(str, turns)) == sorted(turn.response_id for turn in summary.turns)
    assert recorder.value("switchboard.calls.ended") == 1
    assert recorder.value("switchboard.calls.live") == 0
    assert recorder.value("gen_ai.client.token.usage") == 2 * summary.usage.responses
