"""Tests what the observer does about tools of remote MCP servers, in a world whose time jumps."""

import asyncio

import pytest

from switchboard.observing.hands import APPROVAL_SECONDS
from switchboard.realtime import events
from switchboard.record.tool_lines import McpApprovalAnswered, McpApprovalRequested
from switchboard.record.tool_uses import tool_uses
from switchboard.tools.definition import Tool
from tests.examples import MIDNIGHT
from tests.unit.observing.test_remote_tools import ADDED, ASKED, CALLED, added, answered
from tests.unit.observing.tool_stories import TOOLS, done, sent, told, world
from tests.unit.observing.world import FakeSideband, World


@pytest.mark.parametrize("tools", [TOOLS, {}])
def test_the_model_is_asked_to_go_on(tools: dict[str, Tool]) -> None:
    """The service itself does not go on. With two calls at once, the model is asked after the second."""
    here = world(tools=tools)

    async def story(world: World, sideband: FakeSideband) -> None:
        for event in (CALLED, added("mcp_call", "mcp_2", **ADDED), done(), events.McpCallFailed(item_id="mcp_2")):
            world.say(event)
        await asyncio.sleep(2)
        assert sent(sideband, "response.create") == []
        world.say(events.McpCallCompleted(item_id="mcp_1"))
        await asyncio.sleep(1)

    sideband = told(here, story)

    assert len(sent(sideband, "response.create")) == 1
    uses = [(use.name, use.server, use.ms, use.outcome) for use in tool_uses(here.journal)]
    assert uses == [("forecast", "weather", 2000, "completed"), ("forecast", "weather", 0, "failed")]


def test_approval_that_nobody_gives() -> None:
    """The observer refuses the call after a while, and then the model says so."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        world.say(ASKED)
        world.say(done())
        await asyncio.sleep(APPROVAL_SECONDS - 1)
        assert sideband.sent == []
        await asyncio.sleep(2)
        (asked,) = sent(sideband, "conversation.item.create")
        assert (asked["item"]["approval_request_id"], asked["item"]["approve"]) == ("mcpr_1", False)
        assert sent(sideband, "response.create") == []
        world.say(answered(False))
        await asyncio.sleep(1)
        assert len(sent(sideband, "response.create")) == 1

    told(here, story)

    assert [(use.ms, use.outcome) for use in tool_uses(here.journal)] == [(None, "not_approved")]


def test_approval_that_an_operator_gives() -> None:
    """The observer leaves it alone, and the call that follows is the one that counts."""
    here = world()

    async def story(world: World, sideband: FakeSideband) -> None:
        for event in (ASKED, done(), answered(True), CALLED, events.McpCallCompleted(item_id="mcp_1")):
            world.say(event)
        await asyncio.sleep(APPROVAL_SECONDS + 1)
        assert sent(sideband, "conversation.item.create") == []
        assert len(sent(sideband, "response.create")) == 1

    told(here, story)

    assert [use.outcome for use in tool_uses(here.journal)] == ["completed"]
    assert [line.approved for line in here.journal if isinstance(line, McpApprovalAnswered)] == [True]


def test_approval_that_was_asked_of_another_observer() -> None:
    """Whoever takes the call over refuses it in the end."""
    here = world(McpApprovalRequested(at=MIDNIGHT, item_id="mcpr_1", name="forecast", server="weather"))

    async def story(world: World, sideband: FakeSideband) -> None:
        await asyncio.sleep(APPROVAL_SECONDS + 1)
        assert len(sent(sideband, "conversation.item.create")) == 1

    told(here, story)

    assert [(use.name, use.outcome) for use in tool_uses(here.journal)] == [("forecast", None)]
