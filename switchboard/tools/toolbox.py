"""Holds all tools of the gateway: those that come with it, and the team's own."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from switchboard.assistants.assistant import Assistant, McpServer
from switchboard.threads import ToolThreads
from switchboard.tools.definition import Tool
from switchboard.tools.toolset import ToolLimits, Toolset


class Toolbox:
    """Holds all tools of the gateway. An instance lives as long as the process."""

    def __init__(self, tools: Mapping[str, Tool], threads: ToolThreads, limits: ToolLimits) -> None:
        self._tools = dict(tools)
        self._threads = threads
        self._limits = limits

    @property
    def names(self) -> Collection[str]:
        """Return the names of all tools, which assistants choose from."""
        return self._tools.keys()

    def definitions(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Return the tools of these names as a `session` object describes them. Unknown names are left out."""
        return [self._tools[name].definition() for name in names if name in self._tools]

    def offer(self, session: Mapping[str, Any], assistant: Assistant) -> dict[str, Any]:
        """Return the `session` object with everything that the assistant's model may call.

        That is its tools, its MCP servers, and what the session has offered already.
        """
        servers = [_mcp_server(server) for server in assistant.mcp]
        offered = [*(session.get("tools") or ()), *self.definitions(assistant.tools), *servers]
        return {**session, "tools": offered} if offered else dict(session)

    def only(self, names: Iterable[str]) -> Toolset:
        """Return the tools of these names, ready to be run. Unknown names are left out."""
        chosen = {name: self._tools[name] for name in names if name in self._tools}
        return Toolset(chosen, self._threads, self._limits)


def _mcp_server(server: McpServer) -> dict[str, Any]:
    """Return an MCP server as a `session` object describes it. The service itself calls it."""
    return {
        "type": "mcp",
        "server_label": server.label,
        "server_url": server.url,
        "allowed_tools": list(server.allowed_tools),
        "require_approval": server.require_approval,
    }
