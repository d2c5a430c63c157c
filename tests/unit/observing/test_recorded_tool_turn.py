"""Tests the observer with a tool turn in the form in which Azure was recorded to send one (eastus2, July 2026).

The order of the events, their fields and the odd white space in the arguments are those of the recording. The ids and
the words are not.
"""

import asyncio
import json
from typing import Any

from switchboard.realtime.events import parse_event
from switchboard.tools import tool
from switchboard.tools.definition import define
from switchboard.tools.toolset import Toolset
from tests.examples import call
from tests.unit.observing.tool_stories import attached, outcomes
from tests.unit.observing.world import World, played

ARGUMENTS = '{  \n  "city": "Vigo" \n} \n'
PLACE = {"response_id": "resp_1", "item_id": "item_2", "output_index": 0}
CALL_ITEM = {"id": "item_2", "type": "function_call", "name": "get_weather", "call_id": "call_I5nx"}
BEGUN = {**CALL_ITEM, "status": "in_progress", "arguments": ""}
COMPLETE = {**CALL_ITEM, "status": "completed", "arguments": ARGUMENTS}
SETTINGS = {"conversation_id": "conv_1", "output_modalities": ["text"], "max_output_tokens": "inf", "metadata": None}
DETAILS = {"text_tokens": 63, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0}
USAGE = {
    "total_tokens": 85,
    "input_tokens": 63,
    "output_tokens": 22,
    "input_token_details": {
        **DETAILS,
        "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 22, "audio_tokens": 0},
}


def response(status: str, output: list[Any], usage: Any = None) -> dict[str, Any]:
    made = {"object": "realtime.response", "id": "resp_1", "status": status, "status_details": None}
    return {**made, "output": output, **SETTINGS, "usage": usage}


FIRST_TURN: list[dict[str, Any]] = [
    {"type": "response.created", "response": response("in_progress", [])},
    {"type": "response.output_item.added", "response_id": "resp_1", "output_index": 0, "item": BEGUN},
    {"type": "conversation.item.added", "previous_item_id": "item_1", "item": BEGUN},
    *(
        {"type": "response.function_call_arguments.delta", **PLACE, "call_id": "call_I5nx", "delta": delta}
        for delta in ("{", "  \n", ' "', "city", '":', ' "', "Vigo", '"', " \n", "}", " \n")
    ),
    {
        "type": "response.function_call_arguments.done",
        **PLACE,
        "call_id": "call_I5nx",
        "name": "get_weather",
        "arguments": ARGUMENTS,
    },
    # The service was seen to send null here, although another item precedes.
    {"type": "conversation.item.done", "previous_item_id": None, "item": COMPLETE},
    {"type": "response.output_item.done", "response_id": "resp_1", "output_index": 0, "item": COMPLETE},
    {"type": "response.done", "response": response("completed", [COMPLETE], USAGE)},
]


@tool
async def get_weather(city: str) -> str:
    """Look up the weather for a city."""
    return f"It is foggy and 12 degrees in {city}."


def test_the_recorded_turn() -> None:
    """The observer sends what the recorded client sent: the tool's output, and then the request to go on."""
    here = World(call())
    here.tools = Toolset({"get_weather": define(get_weather)})
    sent: list[dict[str, Any]] = []

    async def story(world: World) -> None:
        sideband = await attached(world)
        for number, event in enumerate(FIRST_TURN):
            sideband.heard.put_nowait(parse_event(json.dumps({**event, "event_id": f"event_{number}"})))
        await asyncio.sleep(1)
        sent.extend(map(json.loads, sideband.sent))
        world.leave()

    played(here, story)

    retrieved, answered, go_on = sent
    assert (retrieved["type"], retrieved["item_id"]) == ("conversation.item.retrieve", "item_1")
    assert answered["type"] == "conversation.item.create"
    assert {name: answered["item"][name] for name in ("type", "call_id", "output")} == {
        "type": "function_call_output",
        "call_id": "call_I5nx",
        "output": "It is foggy and 12 degrees in Vigo.",
    }
    # The service takes ids of up to 32 characters.
    assert len(answered["item"]["id"]) <= 32
    assert (go_on["type"], go_on["response"]) == ("response.create", {})
    assert outcomes(here) == [("get_weather", 0, "completed")]
    assert here.summary().usage.responses == 1
