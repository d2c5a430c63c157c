"""Folds a journal into a call summary.

The fold does no I/O and is pure: the same journal always gives the same bytes. A journal may hold a line twice (a write
was retried, or two observers heard the call), and its lines may be out of order (two processes wrote them). The fold
therefore groups lines by the id of the item or response that they describe, and if two lines disagree the first counts.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from switchboard.record.conversation import Conversation, Turn, Utterance
from switchboard.record.gaps import Gap, find_gaps, last_known_up, lines_before_the_end
from switchboard.record.lines import (
    AnyLine,
    Attached,
    BrowserReport,
    CallCreated,
    CallEnded,
    ContinuedBy,
    EndReason,
    EventSent,
    Fault,
    HangUpRequested,
    created_line,
)
from switchboard.record.times import iso
from switchboard.record.tool_uses import HandOverRecord, ToolUse, hand_overs, tool_uses
from switchboard.record.usage import Usage, total_usage

SCHEMA = 1
# A caller may report more often, but the summary keeps no more than the first of them.
MOST_REPORTS = 5


class CallerRecord(msgspec.Struct, frozen=True):
    """Says who started the call."""

    id: str
    """The id by which the gateway knows the caller."""
    name: str
    """The name that the sign-in gives; empty for an anonymous caller."""


class ErrorRecord(msgspec.Struct, frozen=True):
    """Describes something that went wrong while the call went on."""

    at: str
    """When it happened, in ISO 8601, UTC."""
    source: str
    """Where it went wrong: `service`, `transcription`, `response`, `mcp` or `gateway`."""
    type: str | None
    """The kind of error, as the service names it; None if it does not."""
    code: str | None
    """The error's code, as the service names it; None if it does not."""
    message: str | None
    """What the service says about it; None if it says nothing."""


class Steering(msgspec.Struct, frozen=True):
    """Records a client event that an operator sent into the call."""

    at: str
    """When it was sent, in ISO 8601, UTC."""
    operator: str
    """The operator's caller id."""
    event: str
    """The type of the client event, for example `response.create`."""
    outcome: str
    """What the service did with it: `answered`, `refused` or `unanswered`."""


class Report(msgspec.Struct, frozen=True):
    """Holds figures that the page measured in the browser. The gateway cannot check them."""

    at: str
    """When the gateway received them, in ISO 8601, UTC."""
    reported_by: str
    """Who measured them: always `browser`."""
    figures: dict[str, Any]
    """The figures exactly as the page sent them."""


class CallSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Holds what is kept of a call. Times are in ISO 8601, UTC, with milliseconds."""

    schema: int = SCHEMA
    """The version of this format."""
    call_id: str
    """The service's id of the call (`rtc_…`)."""
    caller: CallerRecord
    """Who started the call."""
    deployment: str
    """Azure's name for the deployed model."""
    endpoint: str
    """The base URL of the Azure resource that ran the call."""
    protocol: str
    """The protocol of the Realtime API: `ga` or `preview`."""
    signalling: str
    """`proxy` if the gateway relayed the SDP offer, `token` if the page sent it to Azure itself."""
    observed: bool
    """Whether an observer ever heard the call. If none did, the transcript, the turns and the usage are empty, which
    does not mean that nothing was said, and the end is what the browser or a limit said it was."""
    assistant: str
    """The name of the assistant that answered."""
    continues: str | None
    """The id of the caller's earlier call that this one continues; None if it continues none."""
    continued_by: str | None
    """The id of the latest call that continues this one; None if none does."""
    voice: str
    """The voice that the model spoke with; empty when the gateway does not know it."""
    language: str
    """The language that the caller chose; empty when none was chosen."""
    started: str
    """When the call was created."""
    ended: str | None
    """When the call ended, or was last known to be up if nobody saw it end; None while it is under way."""
    duration_seconds: float
    """Seconds from `started` to `ended`, or to the journal's last line while the call is under way."""
    end_reason: EndReason | None
    """Why the call ended; None while it is under way."""
    end_seen: bool
    """False if the call was found to be over: then it ended in the gap that begins at `ended` or before."""
    transcript: list[Utterance]
    """What was said and typed, in the conversation's order."""
    turns: list[Turn]
    """The model's answers, in the order in which they began."""
    interruptions: int
    """How many of the turns were interrupted."""
    tools: list[ToolUse]
    """The tools that the gateway or the service ran for the model, in the order of their starts."""
    hand_overs: list[HandOverRecord]
    """The model's requests for an operator, oldest first."""
    usage: Usage
    """What the call was billed for."""
    errors: list[ErrorRecord]
    """What went wrong while the call went on, oldest first."""
    gaps: list[Gap]
    """The times in which the call may have been unobserved."""
    steering: list[Steering]
    """The client events that operators sent into the call."""
    reports: list[Report]
    """The figures that the page reported."""


def fold(lines: Iterable[AnyLine]) -> CallSummary | None:
    """Return the summary of the journal so far, or None if the journal does not say whose call it is."""
    raw = list(lines)
    lines = _without_repeats(raw)
    call = created_line(lines)
    if call is None:
        return None
    conversation = Conversation(lines)
    before, end_line = lines_before_the_end(raw)
    ended = None if end_line is None else _end(before, end_line, call)
    last = ended if ended is not None else max(line.at for line in lines)
    return CallSummary(
        call_id=call.call_id,
        caller=CallerRecord(call.caller_id, call.caller_name),
        deployment=call.deployment,
        endpoint=call.endpoint,
        protocol=call.protocol,
        signalling=call.signalling,
        observed=any(isinstance(line, Attached) for line in lines),
        assistant=call.assistant,
        continues=call.continues or None,
        continued_by=next((line.call_id for line in reversed(raw) if isinstance(line, ContinuedBy)), None),
        voice=call.voice,
        language=call.language,
        started=iso(call.at),
        ended=None if ended is None else iso(ended),
        duration_seconds=round(last - call.at, 3),
        end_reason=None if end_line is None else _reason(before, end_line),
        end_seen=end_line is None or end_line.seen,
        transcript=conversation.transcript(),
        turns=(turns := conversation.turns()),
        interruptions=sum(turn.interrupted for turn in turns),
        tools=tool_uses(lines),
        hand_overs=hand_overs(lines),
        usage=total_usage(lines),
        errors=[error_record(line) for line in lines if isinstance(line, Fault)],
        gaps=find_gaps(raw, call.at, end_line.at if end_line else None),
        steering=[
            Steering(iso(line.at), line.operator, line.event, line.outcome)
            for line in lines
            if isinstance(line, EventSent)
        ],
        reports=[Report(iso(line.at), "browser", line.figures) for line in lines if isinstance(line, BrowserReport)][
            :MOST_REPORTS
        ],
    )


def encode_summary(summary: CallSummary) -> bytes:
    """Return the summary as it is archived: indented JSON that ends with a line feed.

    The reports are not indented. They are strangers' text, and indenting nested arrays would make it many times as
    long.
    """
    reports = b", ".join(msgspec.json.encode(report) for report in summary.reports)
    bare = msgspec.json.encode(msgspec.structs.replace(summary, reports=[]))
    # `reports` is the last field, so it ends the text.
    return msgspec.json.format(bare, indent=2).removesuffix(b"[]\n}") + b"[" + reports + b"]\n}\n"


def _without_repeats(lines: Iterable[AnyLine]) -> list[AnyLine]:
    seen: set[object] = set()
    kept: list[AnyLine] = []
    for line in lines:
        # One event may give several lines of different types. A line without an event is compared as a whole.
        key = (type(line), line.event_id) if line.event_id else msgspec.json.encode(line)
        if key not in seen:
            seen.add(key)
            kept.append(line)
    return kept


def _end(before: list[AnyLine], ended: CallEnded, call: CallCreated) -> float:
    """Return when the call ended, in Unix seconds."""
    # If nobody saw the end, the call is only known to have been up until then.
    return ended.at if ended.seen else last_known_up(before, call.at)


def _reason(before: list[AnyLine], ended: CallEnded) -> EndReason:
    # The order of the journal counts, not the times: two machines wrote them, by two clocks.
    asked = next((line for line in before if isinstance(line, HangUpRequested)), None)
    # The observer sees only that the browser is gone; the request to hang up says why.
    return asked.reason if asked and ended.reason == "peer_left" else ended.reason


def error_record(line: Fault) -> ErrorRecord:
    """Return what a summary says of an error."""
    return ErrorRecord(iso(line.at), line.source, line.error.type, line.error.code, line.error.message)
