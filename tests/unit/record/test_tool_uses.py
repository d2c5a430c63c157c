"""Tests what the summary says about tools."""

from switchboard.record.lines import AnyLine
from switchboard.record.tool_lines import (
    HandOverRequested,
    McpApprovalAnswered,
    McpApprovalRequested,
    McpCallFinished,
    McpCallStarted,
    ToolFinished,
    ToolStarted,
)
from switchboard.record.tool_uses import HandOverRecord, ToolUse, hand_overs, tool_uses
from tests.examples import MIDNIGHT, call


def started(number: int, at: float = 1.0) -> ToolStarted:
    return ToolStarted(at=MIDNIGHT + at, tool_call_id=f"call_{number}", name="weather", arguments='{"city": "Vigo"}')


def finished(number: int, outcome: str = "completed", ms: int | None = 250, at: float = 2.0) -> ToolFinished:
    return ToolFinished(
        at=MIDNIGHT + at, tool_call_id=f"call_{number}", name="weather", outcome=outcome, ms=ms, result="fog"
    )


def test_name_time_and_outcome() -> None:
    """What was asked and what came back stays in the journal."""
    lines: list[AnyLine] = [call(), started(1), finished(1), started(2, at=3.0)]

    assert tool_uses(lines) == [
        ToolUse("weather", "2026-11-21T00:00:01.000Z", 250, "completed"),
        ToolUse("weather", "2026-11-21T00:00:03.000Z", None, None),
    ]


def test_a_tool_that_two_observers_ran() -> None:
    """The first start and the first end count, in whatever order the lines are."""
    lines: list[AnyLine] = [
        started(2, at=4.0),
        started(1),
        started(1, at=5.0),
        finished(1, "unknown", None),
        finished(1, at=6.0),
    ]

    assert tool_uses(lines) == [
        ToolUse("weather", "2026-11-21T00:00:01.000Z", None, "unknown"),
        ToolUse("weather", "2026-11-21T00:00:04.000Z", None, None),
    ]


def test_a_tool_that_never_began() -> None:
    assert tool_uses([finished(1, "too_many_calls", None)]) == [
        ToolUse("weather", "2026-11-21T00:00:02.000Z", None, "too_many_calls")
    ]


def test_requests_for_an_operator() -> None:
    lines: list[AnyLine] = [
        HandOverRequested(at=MIDNIGHT + 2, tool_call_id="call_2"),
        HandOverRequested(at=MIDNIGHT + 1, tool_call_id="call_1", reason="The caller is angry."),
        HandOverRequested(at=MIDNIGHT + 1, tool_call_id="call_1", reason="The caller is angry."),
    ]

    assert hand_overs(lines) == [
        HandOverRecord("2026-11-21T00:00:01.000Z", "The caller is angry."),
        HandOverRecord("2026-11-21T00:00:02.000Z", None),
    ]


def test_tools_of_mcp_servers() -> None:
    """A call that was approved has one entry, and one that was not has one too."""
    lines: list[AnyLine] = [
        McpApprovalRequested(at=MIDNIGHT + 1, item_id="mcpr_1", name="pay", server="shop"),
        McpApprovalRequested(at=MIDNIGHT + 1.5, item_id="mcpr_2", name="refund", server="shop"),
        McpApprovalAnswered(at=MIDNIGHT + 2, item_id="mcpr_1", approved=True),
        McpApprovalAnswered(at=MIDNIGHT + 2, item_id="mcpr_2", approved=False),
        McpCallStarted(at=MIDNIGHT + 3, item_id="mcp_1", name="pay", server="shop"),
        McpCallStarted(at=MIDNIGHT + 3, item_id="mcp_1", name="pay", server="shop"),
        McpCallFinished(at=MIDNIGHT + 3.5, item_id="mcp_1", outcome="completed"),
        McpCallFinished(at=MIDNIGHT + 3.6, item_id="mcp_1", outcome="failed"),
        McpCallStarted(at=MIDNIGHT + 4, item_id="mcp_2", name="ship", server="post"),
    ]

    assert tool_uses(lines) == [
        ToolUse("refund", "2026-11-21T00:00:01.500Z", None, "not_approved", "shop"),
        ToolUse("pay", "2026-11-21T00:00:03.000Z", 500, "completed", "shop"),
        ToolUse("ship", "2026-11-21T00:00:04.000Z", None, None, "post"),
    ]
