"""Keeps what is known of the tools that the service itself calls, on remote MCP servers.

The service calls such a tool after the response that asks for it, and then waits for somebody to ask for the next
response (openai-ruby's example mcp_approval.rb, SwiftOpenAI's pull request 193). This module does no I/O and reads no
clock.
"""

from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from typing import Any, TypedDict

from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import ErrorDetail, Item
from switchboard.record.lines import AnyLine, Fault, Line
from switchboard.record.tool_lines import McpApprovalAnswered, McpApprovalRequested, McpCallFinished, McpCallStarted

# The code of the fault that says that an MCP server's tools are unknown; its `param` is the label of the server.
TOOLS_NOT_LISTED = "mcp_tools_not_listed"


class Seen(TypedDict):
    """Holds what a line takes over from the event that it is made from."""

    at: float
    """When the event arrived, in Unix seconds."""
    event_id: str
    """The service's id of the event."""


class RemoteTools:
    """Turns events about MCP servers into lines, and knows what is still running and what waits for approval."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self._waiting: dict[str, None] = {}
        self._servers: dict[str, str] = {}
        self.used = False
        """Whether the service has called a tool in this call, or has asked whether it may."""

    @property
    def running(self) -> bool:
        """Return whether the service is calling a tool, or waits for leave to call one."""
        return bool(self._running or self._waiting)

    @property
    def waiting(self) -> Collection[str]:
        """Return the ids of the approval requests that nobody has answered."""
        return self._waiting.keys()

    def resume(self, lines: Iterable[AnyLine]) -> None:
        """Take over what the journal says, in case another observer has followed the call before."""
        for line in lines:
            self._note(line)

    def receive(self, event: Event, at: float) -> Iterator[Line]:
        """Yield the lines to keep of an event that arrived at `at` (Unix seconds). Most events give none."""
        for line in self._lines(event, at):
            self._note(line)
            yield line

    def _lines(self, event: Event, at: float) -> Iterator[Line]:
        seen = Seen(at=at, event_id=event.event_id)
        match event:
            case events.ItemAdded(item=item):
                yield from self._added(item, seen)
            case events.McpCallCompleted(item_id=item_id):
                yield McpCallFinished(**seen, item_id=item_id, outcome="completed")
            case events.McpCallFailed(item_id=item_id):
                yield McpCallFinished(**seen, item_id=item_id, outcome="failed")
            case events.McpListToolsFailed(item_id=item_id):
                server = self._servers.get(item_id)
                message = "The service cannot list the tools of an MCP server, so the model cannot call them."
                yield Fault(**seen, source="mcp", error=ErrorDetail("mcp", TOOLS_NOT_LISTED, message, server))
            case events.ResponseDone(response=response) if response.status == "cancelled":
                for item in response.output:
                    if item.id in self._running:
                        yield McpCallFinished(**seen, item_id=item.id, outcome="interrupted")

    def _added(self, item: Item, seen: Seen) -> Iterator[Line]:
        name, server = item.name or "", item.server_label or ""
        match item.type:
            case "mcp_call":
                yield McpCallStarted(**seen, item_id=item.id, name=name, server=server)
            case "mcp_approval_request":
                yield McpApprovalRequested(**seen, item_id=item.id, name=name, server=server)
            case "mcp_approval_response":
                yield McpApprovalAnswered(**seen, item_id=item.approval_request_id or "", approved=bool(item.approve))
            case "mcp_list_tools":
                self._servers[item.id] = server

    def _note(self, line: AnyLine | Line) -> None:
        match line:
            case McpCallStarted(item_id=item_id):
                self.used = True
                self._running.add(item_id)
            case McpCallFinished(item_id=item_id):
                self._running.discard(item_id)
            case McpApprovalRequested(item_id=item_id):
                self.used = True
                self._waiting[item_id] = None
            case McpApprovalAnswered(item_id=item_id):
                self._waiting.pop(item_id, None)


def refusal(request_id: str) -> dict[str, Any]:
    """Return the item that tells the service not to call a tool, because nobody has approved it in time.

    Its id follows from the request's, so that the service refuses a second one.
    """
    return {
        "type": "mcp_approval_response",
        "id": f"item_{sha256(request_id.encode()).hexdigest()[:24]}",
        "approval_request_id": request_id,
        "approve": False,
        "reason": "Nobody approved it in time.",
    }


def has_ended_one(event: Event) -> bool:
    """Return whether the service is done with a tool or may not call it, so that the model must be asked to go on."""
    match event:
        case events.McpCallCompleted() | events.McpCallFailed():
            return True
        case events.ItemAdded(item=Item(type="mcp_approval_response", approve=False)):
            return True
    return False
