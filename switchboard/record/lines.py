"""Defines the lines that a journal may hold: each is one JSON object on a line of its own, its `type` first.

Other rooms import all lines from here.

A reader ignores lines and fields that it does not know, because a newer gateway may have written them. A line that
comes from an event of the service keeps that event's `event_id`: two observers of one call write such a line twice,
and the fold uses the first.
"""

from collections.abc import Iterable
from typing import Literal

from switchboard.realtime.objects import ErrorDetail
from switchboard.record.call_lines import (
    Attached,
    BrowserReport,
    CallCreated,
    CallEnded,
    ContinuedBy,
    Detached,
    EndReason,
    EventSent,
    GreetingRequested,
    HangUpRequested,
    LimitAnnounced,
    Watching,
)
from switchboard.record.line import Line
from switchboard.record.talk_lines import (
    ItemAdded,
    ItemDeleted,
    ItemTruncated,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from switchboard.record.tool_lines import (
    HandOverRequested,
    McpApprovalAnswered,
    McpApprovalRequested,
    McpCallFinished,
    McpCallStarted,
    ToolFinished,
    ToolStarted,
)

__all__ = [
    "AnyLine",
    "Attached",
    "BrowserReport",
    "CallCreated",
    "CallEnded",
    "ContinuedBy",
    "Detached",
    "EndReason",
    "EventSent",
    "Fault",
    "GreetingRequested",
    "HandOverRequested",
    "HangUpRequested",
    "ItemAdded",
    "ItemDeleted",
    "ItemTruncated",
    "LimitAnnounced",
    "Line",
    "McpApprovalAnswered",
    "McpApprovalRequested",
    "McpCallFinished",
    "McpCallStarted",
    "PlaybackStarted",
    "PlaybackStopped",
    "ResponseDone",
    "ResponseStarted",
    "SpeechStarted",
    "SpeechStopped",
    "ToolFinished",
    "ToolStarted",
    "Transcript",
    "Watching",
    "created_line",
    "has_ended",
]


class Fault(Line, tag="fault", frozen=True, kw_only=True):
    """Something went wrong, and the call went on."""

    source: Literal["service", "transcription", "response", "mcp", "gateway"]
    """Where it went wrong: in the session, in a transcription, in a response, between the service and an MCP server, or
    in the gateway itself."""
    error: ErrorDetail
    """What went wrong, as the service or the gateway describes it."""


AnyLine = (
    CallCreated
    | ContinuedBy
    | Attached
    | Watching
    | Detached
    | HangUpRequested
    | LimitAnnounced
    | GreetingRequested
    | CallEnded
    | SpeechStarted
    | SpeechStopped
    | ItemAdded
    | ItemDeleted
    | ItemTruncated
    | Transcript
    | ResponseStarted
    | ResponseDone
    | PlaybackStarted
    | PlaybackStopped
    | Fault
    | ToolStarted
    | ToolFinished
    | HandOverRequested
    | McpCallStarted
    | McpApprovalRequested
    | McpApprovalAnswered
    | McpCallFinished
    | EventSent
    | BrowserReport
)


def created_line(lines: Iterable[AnyLine]) -> CallCreated | None:
    """Return the line that says whose call it is, or None while that line has not been written yet."""
    return next((line for line in lines if isinstance(line, CallCreated)), None)


def has_ended(lines: Iterable[AnyLine]) -> bool:
    """Return whether the journal says that the call is over."""
    return any(isinstance(line, CallEnded) for line in lines)
