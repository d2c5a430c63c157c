"""Tests what assistants may choose from, and what a session offers to the model."""

from switchboard.assistants.assistant import PLAIN, Assistant, McpServer
from switchboard.threads import ToolThreads
from switchboard.tools import tool
from switchboard.tools.definition import define
from switchboard.tools.toolbox import Toolbox
from switchboard.tools.toolset import ToolLimits


@tool
def ping() -> str:
    """Return a greeting."""
    return "pong"


TOOLS = {"ping": define(ping)}


def test_an_assistant_gets_the_tools_that_it_names() -> None:
    box = Toolbox(TOOLS, ToolThreads(1), ToolLimits(calls=3))

    assert list(box.names) == ["ping"]
    assert [each["name"] for each in box.definitions(["ping", "pong"])] == ["ping"]
    toolset = box.only(["ping", "pong"])
    assert toolset.get("ping") is TOOLS["ping"]
    assert "pong" not in toolset
    assert "ping" not in box.only([])
    assert toolset.limits.calls == 3


def test_what_a_session_offers() -> None:
    """The model sees the assistant's tools, its MCP servers, and what SESSION_CONFIG offers. And nothing else."""
    server = McpServer("weather", "https://mcp.example.com/weather", ("forecast",), "never")
    assistant = Assistant(name="desk", title="Desk", tools=("ping",), mcp=(server,))
    box = Toolbox(TOOLS, ToolThreads(1), ToolLimits())
    offered = box.offer({"type": "realtime", "tools": [{"type": "function", "name": "of_the_page"}]}, assistant)

    assert [each.get("name") for each in offered["tools"]] == ["of_the_page", "ping", None]
    assert offered["tools"][-1] == {
        "type": "mcp",
        "server_label": "weather",
        "server_url": "https://mcp.example.com/weather",
        "allowed_tools": ["forecast"],
        "require_approval": "never",
    }
    assert box.offer({"type": "realtime"}, PLAIN) == {"type": "realtime"}
