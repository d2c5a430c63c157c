"""Finds out from a journal's lines which tools the model called, and how each ended.

This module does no I/O.
"""

from collections.abc import Iterable

import msgspec

from switchboard.record.lines import AnyLine
from switchboard.record.times import iso
from switchboard.record.tool_lines import (
    HandOverRequested,
    McpApprovalAnswered,
    McpApprovalRequested,
    McpCallFinished,
    McpCallStarted,
    ToolFinished,
    ToolStarted,
)


class ToolUse(msgspec.Struct, frozen=True):
    """Says that the model called a tool. Arguments and results are in the journal alone, and only if words are kept."""

    name: str
    """The name of the tool."""
    at: str
    """When it began, or was refused, in ISO 8601, UTC."""
    ms: int | None
    """How many milliseconds it ran, as the gateway saw it; None while it runs, if it never ran, or if nobody knows."""
    outcome: str | None
    """How it ended: `completed`, `failed`, `invalid_arguments`, `timed_out`, `too_large`, `too_many_calls`,
    `interrupted`, `not_approved` or `unknown`; None while it runs, or if the call ended before the tool did."""
    server: str | None = None
    """The label of the MCP server on which the service called it; None for a tool that the gateway ran."""


class HandOverRecord(msgspec.Struct, frozen=True):
    """Says that the model asked for an operator to look at the call."""

    at: str
    """When it asked, in ISO 8601, UTC."""
    reason: str | None
    """Why, in the model's words; None if words are not archived."""


def tool_uses(lines: Iterable[AnyLine]) -> list[ToolUse]:
    """Return one entry for each tool that the model called, in the order of their starts.

    Two observers may have run the same function call: the first start and the first end count.
    """
    lines = list(lines)
    return sorted([*_own(lines), *_remote(lines)], key=lambda use: use.at)


def _own(lines: Iterable[AnyLine]) -> list[ToolUse]:
    """Return the function calls that the gateway answered."""
    started: dict[str, ToolStarted | ToolFinished] = {}
    finished: dict[str, ToolFinished] = {}
    for line in lines:
        if isinstance(line, ToolStarted | ToolFinished):
            started.setdefault(line.tool_call_id, line)
        if isinstance(line, ToolFinished):
            finished.setdefault(line.tool_call_id, line)
    return [
        ToolUse(line.name, iso(line.at), end.ms if end else None, end.outcome if end else None)
        for line in sorted(started.values(), key=lambda line: line.at)
        for end in [finished.get(line.tool_call_id)]
    ]


def _remote(lines: Iterable[AnyLine]) -> list[ToolUse]:
    """Return the calls of MCP servers' tools, and the requests for such calls that were refused or not answered."""
    began: dict[str, McpCallStarted | McpApprovalRequested] = {}
    ended: dict[str, McpCallFinished | McpApprovalAnswered] = {}
    for line in lines:
        if isinstance(line, McpCallStarted | McpApprovalRequested):
            began.setdefault(line.item_id, line)
        elif isinstance(line, McpCallFinished | McpApprovalAnswered):
            ended.setdefault(line.item_id, line)
    found = []
    for item_id, line in began.items():
        end, ms, outcome = ended.get(item_id), None, None
        if isinstance(end, McpApprovalAnswered):
            if end.approved:
                # The call that was allowed has an entry of its own.
                continue
            outcome = "not_approved"
        elif end is not None:
            ms, outcome = max(0, round((end.at - line.at) * 1000)), end.outcome
        found.append(ToolUse(line.name, iso(line.at), ms, outcome, line.server))
    return found


def hand_overs(lines: Iterable[AnyLine]) -> list[HandOverRecord]:
    """Return each request for an operator, oldest first."""
    asked = {line.tool_call_id: line for line in lines if isinstance(line, HandOverRequested)}
    return [HandOverRecord(iso(line.at), line.reason) for line in sorted(asked.values(), key=lambda line: line.at)]
