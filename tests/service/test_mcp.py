"""Tests tools of remote MCP servers on the emulator's real sideband and with a real journal (Azurite)."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switchboard.assistants.shelf import Assistants
from switchboard.errors import UpstreamError
from switchboard.observing import hands
from switchboard.realtime.client import RealtimeClient
from switchboard.record.tool_lines import McpApprovalRequested
from switchboard.storage import Storage
from switchboard.tools.toolbox import Toolbox
from switchboard.tools.toolset import ToolLimits
from tests.emulator import Emulator
from tests.examples import settings
from tests.service.stage import THREADS, Stage
from tests.service.test_tools import answers, ask, observed
from tests.wait import eventually

DESK = """---
title: Desk
mcp:
  - label: weather
    url: https://mcp.example.com/weather
    allowed_tools: [forecast]
    require_approval: never
  - label: orders
    url: https://mcp.example.com/orders
    allowed_tools: [cancel_order]
    require_approval: always
  - label: gone
    url: https://unreachable.example.com
    allowed_tools: [nothing]
    require_approval: never
---
Help.
"""


@pytest.fixture
async def stage(client: RealtimeClient, storage: Storage, emulator: Emulator, tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(client, storage, emulator)
    stage.toolbox = Toolbox({}, THREADS.tools, ToolLimits(seconds=1))
    (tmp_path / "default.md").write_text(DESK)
    stage.assistants = await asyncio.to_thread(Assistants, tmp_path, settings())
    stage.assistant = stage.assistants.get("default") or stage.assistant
    yield stage
    with contextlib.suppress(UpstreamError):
        await asyncio.to_thread(client.hang_up, emulator.url, stage.call_id)


def uses(stage: Stage) -> list[tuple[str, str | None, str | None]]:
    return [(use.name, use.server, use.outcome) for use in stage.summary().tools]


async def test_a_call(stage: Stage) -> None:
    """The service calls the tool, the gateway asks the model to go on, and the summary lists it without arguments."""
    async with observed(stage):
        await ask(stage, 'Please call forecast with {"city": "Swordfish"}')
        await eventually(lambda: answers(stage), "the model answers")

    assert answers(stage) == ['The function says: forecast was called with {"city": "Swordfish"}']
    assert uses(stage) == [("forecast", "weather", "completed")]
    ms = stage.summary().tools[0].ms
    assert ms is not None
    assert ms > 0
    assert "Swordfish" not in str(stage.summary().tools)


async def test_a_tool_that_fails(stage: Stage) -> None:
    async with observed(stage):
        await ask(stage, 'Please call forecast with {"fail": true}')
        await eventually(lambda: answers(stage), "the model answers")

    assert answers(stage) == ["The tool forecast has failed."]
    assert uses(stage) == [("forecast", "weather", "failed")]


async def test_a_server_that_cannot_be_reached(stage: Stage) -> None:
    """The summary says so, with the label of the server."""
    async with observed(stage):
        pass

    (error,) = stage.summary().errors
    assert (error.source, error.code) == ("mcp", "mcp_tools_not_listed")


async def test_approval_that_nobody_gives(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The observer refuses it, and the model says that it may not use the tool."""
    monkeypatch.setattr(hands, "APPROVAL_SECONDS", 0.3)
    async with observed(stage):
        await ask(stage, "Please call cancel order")
        await eventually(lambda: answers(stage), "the model answers")

    assert answers(stage) == ["I may not use that tool."]
    assert uses(stage) == [("cancel_order", "orders", "not_approved")]


async def test_approval_that_an_operator_gives(stage: Stage) -> None:
    """The service calls the tool then."""
    async with observed(stage) as call:
        await ask(stage, "Please call cancel order")
        await eventually(lambda: any(isinstance(line, McpApprovalRequested) for line in stage.lines()), "it is asked")
        (asked,) = [line for line in stage.lines() if isinstance(line, McpApprovalRequested)]
        item = {"type": "mcp_approval_response", "approval_request_id": asked.item_id, "approve": True}
        async with stage.observers().dial(call.endpoint, call.call_id) as operator:
            await operator.send(json.dumps({"type": "conversation.item.create", "item": item}))
        await eventually(lambda: answers(stage), "the model answers")

    assert answers(stage) == ["The function says: cancel_order was called with {}"]
    assert uses(stage) == [("cancel_order", "orders", "completed")]
