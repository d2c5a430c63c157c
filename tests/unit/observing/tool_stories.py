"""Holds tools and stories for the tests of tools in a world whose time jumps: the service speaks by script."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from switchboard.realtime import events
from switchboard.realtime.objects import Item, Response
from switchboard.record.lines import AnyLine
from switchboard.record.tool_uses import tool_uses
from switchboard.tools import Call, EndCall, HandOver, tool
from switchboard.tools.definition import define
from switchboard.tools.toolset import ToolLimits, Toolset
from tests.examples import call
from tests.unit.observing.world import FakeSideband, World, played

runs: list[tuple[str, str]] = []
"""What the tools below did: their name, and the idempotency key."""


@tool
async def weather(city: str, call: Call) -> str:
    """Return the weather."""
    runs.append(("weather", call.idempotency_key))
    await asyncio.sleep(0.2)
    return f"It is foggy in {city}."


@tool(say="One moment…")
async def slow(seconds: float) -> str:
    """Wait."""
    await asyncio.sleep(seconds)
    return "done"


@tool(once=True)
async def book(call: Call) -> str:
    """Book a table."""
    runs.append(("book", call.idempotency_key))
    return "booked"


@tool
async def end_call() -> EndCall:
    """End the call."""
    return EndCall()


@tool
async def hand_over(reason: str) -> HandOver:
    """Ask for an operator."""
    return HandOver(reason)


TOOLS = {made.name: made for made in [define(weather), define(slow), define(book), define(end_call), define(hand_over)]}


def world(*journal: AnyLine, tools: Any = TOOLS, **limits: Any) -> World:
    made = World(call())
    made.journal = list(journal)
    made.tools = Toolset(tools, None, ToolLimits(**limits))
    return made


def item(name: str, number: int = 1, **arguments: Any) -> Item:
    return Item(
        id=f"f{number}",
        type="function_call",
        status="completed",
        name=name,
        call_id=f"call_{number}",
        arguments=json.dumps(arguments),
    )


def done(*output: Item, response: str = "r1") -> events.ResponseDone:
    return events.ResponseDone(response=Response(id=response, status="completed", output=list(output)))


async def attached(world: World) -> FakeSideband:
    while world.sideband is None:  # noqa: ASYNC110  the world has no event for it
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    return world.sideband


def sent(sideband: FakeSideband, kind: str) -> list[dict[str, Any]]:
    return [event for event in map(json.loads, sideband.sent) if event["type"] == kind]


def answers(sideband: FakeSideband) -> list[tuple[str, str]]:
    items = [event["item"] for event in sent(sideband, "conversation.item.create")]
    return [(each["call_id"], each["output"]) for each in items]


def told(world: World, story: Callable[[World, FakeSideband], Any]) -> FakeSideband:
    """Let the story happen in the world, and return the first sideband. `runs` has what the tools did."""
    runs.clear()
    sidebands: list[FakeSideband] = []

    async def whole(within: World) -> None:
        sidebands.append(await attached(within))
        await story(within, sidebands[0])
        within.leave()

    played(world, whole)
    return sidebands[0]


def outcomes(world: World) -> list[tuple[str, int | None, str | None]]:
    return [(use.name, use.ms, use.outcome) for use in tool_uses(world.journal)]
