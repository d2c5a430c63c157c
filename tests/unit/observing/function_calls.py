"""Holds what the tests of function calls have in common."""

from typing import Any

from switchboard.observing.tool_turns import FunctionCall, ToolTurns
from switchboard.realtime import events
from switchboard.realtime.objects import ErrorDetail, Item, Response
from switchboard.record.tool_lines import ToolFinished
from switchboard.tools.toolset import ToolLimits

MESSAGE = Item(id="m1", type="message", role="assistant")


def turns(**limits: int) -> ToolTurns:
    return ToolTurns(lambda name: name == "weather", lambda: ToolLimits(**limits))


def item(number: int = 1, **fields: Any) -> Item:
    made = {"type": "function_call", "status": "completed", "name": "weather", "arguments": "{}"}
    return Item(**{**made, "id": f"f{number}", "call_id": f"call_{number}", **fields})


def created(metadata: dict[str, Any] | None = None) -> events.ResponseCreated:
    return events.ResponseCreated(response=Response(id="r", metadata=metadata))


def done(*output: Item, response: str = "r1", status: str = "completed") -> events.ResponseDone:
    return events.ResponseDone(response=Response(id=response, status=status, output=list(output)))


def typed() -> events.ItemAdded:
    return events.ItemAdded(item=Item(id="u1", role="user"))


def error(event_id: str, code: str = "item_not_found") -> events.ErrorEvent:
    return events.ErrorEvent(error=ErrorDetail(code=code, event_id=event_id))


def finished(call_id: str = "call_1") -> ToolFinished:
    return ToolFinished(at=2.0, tool_call_id=call_id, name="weather", outcome="completed")


def answer(known: ToolTurns, call: FunctionCall) -> None:
    """Send the answer of a function call, and hear that the conversation has it."""
    known.answered(call)
    known.hear(events.ItemAdded(item=Item(id=call.output_id, type="function_call_output", call_id=call.id)))
