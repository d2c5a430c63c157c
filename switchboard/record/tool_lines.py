"""Defines the lines that a journal holds about the tools that the model called."""

from typing import Literal

from switchboard.record.line import Line


class ToolStarted(Line, tag="tool.started", frozen=True, kw_only=True):
    """The gateway began to run a tool that the model called."""

    tool_call_id: str
    """The service's id of the function call (`call_…`)."""
    name: str
    """The name of the tool."""
    item_id: str = ""
    """The item of the conversation that holds the function call."""
    arguments: str | None = None
    """The arguments as the model wrote them; None if words are not archived."""


class ToolFinished(Line, tag="tool.finished", frozen=True, kw_only=True):
    """A tool has ended, or was never run, and the model was told how."""

    tool_call_id: str
    """The service's id of the function call (`call_…`)."""
    name: str
    """The name of the tool."""
    outcome: str
    """How it ended: `completed`, `failed`, `invalid_arguments`, `timed_out`, `too_large`, `too_many_calls`,
    `interrupted` or `unknown`."""
    ms: int | None = None
    """How many milliseconds it ran; None if it did not run, or nobody knows."""
    result: str | None = None
    """What the model was told; None if words are not archived."""
    ends_call: bool = False
    """Whether the tool asked for the call to end, once the model has said goodbye."""


class HandOverRequested(Line, tag="call.hand_over_requested", frozen=True, kw_only=True):
    """The model asked for an operator to look at the call."""

    tool_call_id: str
    """The service's id of the function call that asked."""
    reason: str | None = None
    """Why, in the model's words; None if words are not archived."""


class McpCallStarted(Line, tag="mcp.call_started", frozen=True, kw_only=True):
    """The service began to call a tool of a remote MCP server for the model."""

    item_id: str
    """The item of the conversation that holds the call (`mcp_…`)."""
    name: str
    """The name of the tool."""
    server: str
    """The label of the MCP server."""


class McpApprovalRequested(Line, tag="mcp.approval_requested", frozen=True, kw_only=True):
    """The service asked whether it may call a tool of a remote MCP server."""

    item_id: str
    """The item of the conversation that holds the request (`mcpr_…`)."""
    name: str
    """The name of the tool."""
    server: str
    """The label of the MCP server."""


class McpApprovalAnswered(Line, tag="mcp.approval_answered", frozen=True, kw_only=True):
    """Somebody answered such a request: an operator, or the observer, because nobody else had."""

    item_id: str
    """The item of the conversation that holds the request (`mcpr_…`)."""
    approved: bool
    """Whether the service may call the tool."""


class McpCallFinished(Line, tag="mcp.call_finished", frozen=True, kw_only=True):
    """The service has called a tool of a remote MCP server, or will not call it."""

    item_id: str
    """The item of the conversation that holds the call (`mcp_…`)."""
    outcome: Literal["completed", "failed", "interrupted"]
    """How it ended; `interrupted` if the caller spoke before the service called it."""
