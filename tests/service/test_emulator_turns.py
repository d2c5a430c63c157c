"""These tests compare written and spoken turns with the recordings: their order, fields, usage and interruptions."""

from typing import Any

import pytest

from tests.emulator import Emulator
from tests.service import recorded
from tests.service.realtime import Service, merged

TRANSCRIBED = {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}

WEATHER_TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Look up the weather for a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture
def service(emulator: Emulator) -> Service:
    return Service(emulator.url)


def shape(value: Any) -> Any:
    return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else type(value)


def check_fields(events: list[dict[str, Any]]) -> None:
    """Check that every event has exactly the recorded fields, in the recorded order."""
    for event in events:
        if event["type"] in recorded.EVENT_FIELDS:
            assert list(event) == ["type", "event_id", *recorded.EVENT_FIELDS[event["type"]]], event
        assert len(event["event_id"]) == len("event_") + recorded.ID_LENGTHS["event"]


async def test_a_written_turn_comes_as_recorded(service: Service) -> None:
    """Order, fields, nulls, the chain of items, padding and usage are as recorded, without any media peer."""
    call = service.call(output_modalities=["text"], instructions="Answer in two words.")
    async with service.sideband(call) as sideband:
        done = await sideband.say("Say hello.")

        assert merged(sideband.types) == recorded.TEXT_TURN_ORDER
        check_fields(sideband.events)
        added = [event for event in sideband.events if event["type"] == "conversation.item.added"]
        assert added[0]["previous_item_id"] is None
        assert added[1]["previous_item_id"] == added[0]["item"]["id"]
        assert [list(event["item"]) for event in added] == [recorded.MESSAGE_KEYS] * 2
        assert added[1]["item"]["content"] == []
        deltas = [event for event in sideband.events if event["type"] == "response.output_text.delta"]
        assert "".join(event["delta"] for event in deltas) == "You wrote: Say hello."
        for event in deltas:
            padded = len(event["delta"]) + len(event["obfuscation"])
            assert padded == recorded.DELTA_AND_OBFUSCATION_LENGTH
        part = next(event for event in sideband.events if event["type"] == "response.content_part.done")
        assert part["part"] == part["content"] == {"type": "text", "text": "You wrote: Say hello."}
        response = done["response"]
        assert list(response) == recorded.RESPONSE_KEYS
        assert response["output"][0]["content"] == [{"type": "output_text", "text": "You wrote: Say hello."}]
        assert (response["status"], response["status_details"], response["metadata"]) == ("completed", None, None)
        assert shape(response["usage"]) == recorded.USAGE_SHAPE


async def test_usage_grows_with_the_conversation(service: Service) -> None:
    """Every response is billed for the whole conversation. What was read before is cached in blocks of 64."""
    async with service.sideband(service.call(output_modalities=["text"])) as sideband:
        usages = [(await sideband.say("Tell me something quite long about the sea. " * 3))["response"]["usage"]]
        usages += [(await sideband.say("And then?"))["response"]["usage"] for _ in range(2)]

        inputs = [usage["input_tokens"] for usage in usages]
        cached = [usage["input_token_details"]["cached_tokens"] for usage in usages]
        assert inputs == sorted(set(inputs))
        assert inputs[1] > inputs[0] + usages[0]["output_tokens"] - 5
        assert cached[0] == 0
        assert all(count % 64 == 0 and count <= known for count, known in zip(cached[1:], inputs[1:], strict=True))
        assert cached[2] >= 64


async def test_a_function_is_called_as_recorded(service: Service) -> None:
    """A text that names a function calls it, and the next response.create answers the function's output."""
    async with service.sideband(service.call(output_modalities=["text"], tools=[WEATHER_TOOL])) as sideband:
        done = await sideband.say('Use get_weather {"city": "London"}')
        (called,) = done["response"]["output"]
        seen = len(sideband.events)
        output = {"type": "function_call_output", "call_id": called["call_id"], "output": "It is foggy."}
        await sideband.send("conversation.item.create", item=output)
        await sideband.send("response.create")
        answered = await sideband.wait_for("response.done", after=seen)

        assert merged(sideband.types[:seen]) == recorded.FUNCTION_TURN_ORDER
        check_fields(sideband.events)
        assert list(called) == recorded.FUNCTION_CALL_KEYS
        assert (called["name"], called["arguments"]) == ("get_weather", '{"city": "London"}')
        assert len(called["call_id"]) == len("call_") + recorded.ID_LENGTHS["call"]
        item = sideband.events[seen]["item"]
        assert list(item) == recorded.FUNCTION_OUTPUT_KEYS
        assert answered["response"]["output"][0]["content"][0]["text"] == "The function says: It is foggy."


async def test_a_spoken_turn_in_order(service: Service, emulator: Emulator) -> None:
    """The events come in real time and in order, with the transcription after response.created."""
    async with service.sideband(service.call(audio=TRANSCRIBED)) as sideband:
        emulator.turn(sideband.call_id, "What is the time?", "Half past ten.")
        await sideband.wait_for("output_audio_buffer.stopped")
        transcription = "conversation.item.input_audio_transcription"
        order = [kind for kind in merged(sideband.types) if not kind.startswith(transcription)]

        assert order == [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            *recorded.AUDIO_ANSWER_ORDER,
        ]
        check_fields(sideband.events)
        started, stopped, committed, added = sideband.events[:4]
        item = started["item_id"]
        assert item == stopped["item_id"] == committed["item_id"] == added["item"]["id"]
        assert stopped["audio_end_ms"] - started["audio_start_ms"] >= 200
        assert added["item"]["content"] == [{"type": "input_audio", "transcript": None}]
        completed = await sideband.wait_for(f"{transcription}.completed")
        assert sideband.events.index(completed) > sideband.types.index("response.created")
        assert (completed["item_id"], completed["transcript"]) == (item, "What is the time?")
        assert completed["usage"]["type"] == "tokens"
        assert completed["usage"]["total_tokens"] == sum(
            completed["usage"][kind] for kind in ("input_tokens", "output_tokens")
        )
        done = await sideband.wait_for("response.done")
        assert done["response"]["output"][0]["content"] == [{"type": "output_audio", "transcript": "Half past ten."}]
        details = done["response"]["usage"]
        assert details["output_token_details"]["audio_tokens"] > 0
        assert details["input_token_details"]["audio_tokens"] > 0


async def test_playback_takes_as_long_as_the_words(service: Service, emulator: Emulator) -> None:
    """Even without a media peer, playing takes as long as the words do, while making them is quick."""
    async with service.sideband(service.call()) as sideband:
        emulator.turn(sideband.call_id, "Hello", "One, two, three, four, five, six, seven.")
        await sideband.wait_for("output_audio_buffer.stopped")
        done = await sideband.wait_for("response.done")
        seconds = sideband.time_of("output_audio_buffer.stopped") - sideband.time_of("output_audio_buffer.started")
        tokens = done["response"]["usage"]["output_token_details"]["audio_tokens"]

        assert 2 < seconds < 8
        assert tokens == pytest.approx(seconds * 20, abs=6)
        assert sideband.time_of("response.done") < sideband.time_of("output_audio_buffer.stopped") - 1


@pytest.mark.parametrize(
    ("transcription", "outcome"),
    [
        ({"model": "gpt-realtime-whisper"}, "completed"),
        ({"model": "gpt-4o-mini-transcribe", "language": "en"}, "completed"),
        ({"model": "whisper-1"}, "failed"),
        (None, None),
    ],
)
async def test_transcription_needs_a_deployment(
    service: Service, emulator: Emulator, transcription: Any, outcome: str | None
) -> None:
    """Without its deployment, every transcription fails with DeploymentNotFound, and every turn is answered."""
    call = service.call(output_modalities=["text"], audio={"input": {"transcription": transcription}})
    async with service.sideband(call) as sideband:
        for _ in range(2):
            seen = len(sideband.events)
            emulator.turn(call, "Hello", "Hello.")
            await sideband.wait_for("response.done", after=seen)
        outcomes = [event for event in sideband.events if event["type"].endswith((".failed", ".completed"))]

        assert [event["type"].rpartition(".")[2] for event in outcomes] == ([outcome] * 2 if outcome else [])
        if outcome == "failed":
            assert {event["error"]["code"] for event in outcomes} == {"DeploymentNotFound"}
            assert set(outcomes[0]["error"]) == {"type", "code", "message", "param"}


async def test_speaking_over_the_answer(service: Service, emulator: Emulator) -> None:
    """An interruption clears the playback and truncates the item to what was heard.

    It also cancels the response if that is still being made.
    """
    async with service.sideband(service.call(audio=TRANSCRIBED)) as sideband:
        emulator.turn(sideband.call_id, "Count", "One two three four five six seven eight nine ten " * 20)
        await sideband.wait_for("output_audio_buffer.started")
        await sideband.wait_for("response.output_audio_transcript.delta", after=len(sideband.events))
        seen = len(sideband.events)
        emulator.turn(sideband.call_id, "Stop", "All right.")
        await sideband.wait_for("output_audio_buffer.stopped", after=seen)
        after = [kind for kind in sideband.types[seen:] if not kind.endswith("_transcript.delta")]
        truncated = await sideband.wait_for("conversation.item.truncated")
        done = await sideband.wait_for("response.done")

        assert after[:9] == [
            "input_audio_buffer.speech_started",
            "output_audio_buffer.cleared",
            "conversation.item.truncated",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ]
        assert done["response"]["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
        (item,) = done["response"]["output"]
        assert truncated["item_id"] == item["id"]
        assert truncated["content_index"] == 0
        assert 0 < truncated["audio_end_ms"] < 3000
        await sideband.send("conversation.item.retrieve", item_id=item["id"])
        kept = (await sideband.wait_for("conversation.item.retrieved"))["item"]["content"][0]["transcript"]
        assert len(kept) < len(item["content"][0]["transcript"])


async def test_speaking_after_generation_truncates_only(service: Service, emulator: Emulator) -> None:
    """A response that was done stays completed, and what was not heard of it is forgotten."""
    async with service.sideband(service.call()) as sideband:
        emulator.turn(sideband.call_id, "Count", "One two three four five six seven eight nine ten.")
        done = await sideband.wait_for("response.done")
        seen = len(sideband.events)
        emulator.turn(sideband.call_id, "Stop", "All right.")
        truncated = await sideband.wait_for("conversation.item.truncated", after=seen)

        assert done["response"]["status"] == "completed"
        assert truncated["item_id"] == done["response"]["output"][0]["id"]
        assert "response.done" not in sideband.types[seen : sideband.types.index("conversation.item.truncated")]


async def test_no_interruption_when_it_is_switched_off(service: Service, emulator: Emulator) -> None:
    """With interrupt_response false, the answer is spoken to its end, and the next answer follows it."""
    detection = {"type": "server_vad", "interrupt_response": False}
    async with service.sideband(service.call(audio={"input": {"turn_detection": detection}})) as sideband:
        emulator.turn(sideband.call_id, "One", "This answer is spoken to its end.")
        await sideband.wait_for("output_audio_buffer.started")
        emulator.turn(sideband.call_id, "Two", "And this one too.")
        first = await sideband.wait_for("output_audio_buffer.stopped")
        second = await sideband.wait_for("output_audio_buffer.stopped", after=sideband.events.index(first) + 1)

        assert "output_audio_buffer.cleared" not in sideband.types
        assert first["response_id"] != second["response_id"]


async def test_no_answer_when_it_is_switched_off(service: Service, emulator: Emulator) -> None:
    """With create_response false, the turn is kept, and is answered when a client asks for it."""
    detection = {"type": "server_vad", "create_response": False}
    call = service.call(output_modalities=["text"], audio={**TRANSCRIBED, "input": {"turn_detection": detection}})
    async with service.sideband(call) as sideband:
        emulator.turn(call, "Anybody there?", "", speech_ms=50)
        await sideband.wait_for("conversation.item.done")
        await sideband.send("response.create")
        done = await sideband.wait_for("response.done")

        assert sideband.types.count("response.created") == 1
        assert done["response"]["output"][0]["content"][0]["text"] == "You said: Anybody there?"


async def test_clearing_what_plays(service: Service, emulator: Emulator) -> None:
    """output_audio_buffer.clear stops the sound, and what was not heard is cut off."""
    async with service.sideband(service.call()) as sideband:
        emulator.turn(sideband.call_id, "Count", "One two three four five six seven eight nine ten.")
        done = await sideband.wait_for("response.done")
        await sideband.send("output_audio_buffer.clear")
        cleared = await sideband.wait_for("output_audio_buffer.cleared")
        truncated = await sideband.wait_for("conversation.item.truncated")

        assert cleared["response_id"] == done["response"]["id"]
        assert truncated["item_id"] == done["response"]["output"][0]["id"]
