"""This module plays the service's part with remote MCP servers. It reaches no server: it invents what one would say.

The events and items are those of openai-python's types. A tool runs after the response that asks for it, and the
service does not go on by itself afterwards (openai-ruby's example mcp_approval.rb, SwiftOpenAI's pull request 193).
"""

import copy
import json
from typing import Any

from local.realtime.protocol.events import event, new_id
from local.realtime.talk.conversation import Item
from local.realtime.talk.core import Core

# A server whose URL begins with this has no tools, because it cannot be reached.
UNREACHABLE = "https://unreachable."


class RemoteTools:
    """This class lists and calls the tools of the MCP servers of one call's session."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def list(self) -> None:
        """Publish which tools the session's servers have, as the service does when a session begins."""
        for server in self._core.session["tools"]:
            if server.get("type") == "mcp":
                self._list(server)

    def run(self, item: Item) -> None:
        """Call the tool of an `mcp_call` item. It ends a moment later; with the argument `fail`, it fails."""
        self._core.publish(event("response.mcp_call.in_progress", output_index=0, item_id=item.id))
        self._core.later(self._core.options.thinking_ms, lambda: self._end(item))

    def approve(self, request_id: str) -> None:
        """Call the tool for which approval was asked. There is nothing to do for an id that is unknown."""
        for asked in self._core.conversation.items:
            if asked.id == request_id and asked.data["type"] == "mcp_approval_request":
                fields = {name: asked.data[name] for name in ("name", "server_label", "arguments")}
                data = {"id": new_id("mcp"), "type": "mcp_call", **fields, "approval_request_id": request_id}
                item = Item(data)
                self._core.publish(self._core.conversation.add(item))
                self.run(item)

    def _list(self, server: dict[str, Any]) -> None:
        names = server.get("allowed_tools") or []
        tools = [{"name": name, "input_schema": {"type": "object"}} for name in names if isinstance(name, str)]
        reachable = not str(server.get("server_url", "")).startswith(UNREACHABLE)
        data = {"id": new_id("mcpl"), "type": "mcp_list_tools", "server_label": server.get("server_label")}
        item = Item({**data, "tools": tools if reachable else []})
        self._core.publish(
            self._core.conversation.add(item),
            event("mcp_list_tools.in_progress", item_id=item.id),
            event(f"mcp_list_tools.{'completed' if reachable else 'failed'}", item_id=item.id),
            self._core.conversation.done(item),
        )

    def _end(self, item: Item) -> None:
        failed = "fail" in _arguments(item)
        if failed:
            item.data["error"] = {"type": "tool_execution_error", "message": "The tool was told to fail."}
        else:
            item.data["output"] = f"{item.data['name']} was called with {item.data['arguments']}"
        ended = event(f"response.mcp_call.{'failed' if failed else 'completed'}", output_index=0, item_id=item.id)
        done = event("response.output_item.done", output_index=0, item=copy.deepcopy(item.data))
        self._core.publish(ended, self._core.conversation.done(item), done)


def _arguments(item: Item) -> dict[str, Any]:
    try:
        found = json.loads(item.data["arguments"])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
