"""Says in one small line what a list of calls shows of an archived call, so that no list has to read summaries.

This module does no I/O.
"""

from collections.abc import Iterable, Iterator

import msgspec

from switchboard.record.lines import EndReason
from switchboard.record.summary import CallSummary
from switchboard.record.usage import Usage

# A line keeps the response latencies of so many turns at the most; an hour of talk has about 300 turns.
MOST_LATENCIES = 300


class IndexLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Holds what the list of calls and the figures of a day show of one archived call. It contains no words."""

    call_id: str
    """The service's id of the call (`rtc_…`)."""
    caller_id: str
    """The id by which the gateway knows the caller."""
    caller_name: str = ""
    """The name that the sign-in gave; empty for an anonymous caller."""
    deployment: str = ""
    """Azure's name for the deployed model."""
    assistant: str = ""
    """The name of the assistant that answered; empty if nobody knows."""
    continues: str = ""
    """The id of the call that this one continued; empty if it continued none."""
    handed_over: bool = False
    """Whether a tool handed the call over to a person."""
    tool_calls: int = 0
    """How many tool calls the model made."""
    started: str
    """When the call was created, in ISO 8601, UTC, with milliseconds."""
    seconds: float = 0.0
    """How long the call lasted, in seconds."""
    end_reason: EndReason | None = None
    """Why the call ended; None if its end is not known."""
    observed: bool = True
    """Whether an observer ever heard the call."""
    turns: int = 0
    """How many answers the model gave."""
    interruptions: int = 0
    """How many of the turns were interrupted."""
    errors: int = 0
    """How many things went wrong while the call went on."""
    gaps: int = 0
    """How many times the call may have been unobserved."""
    latencies_ms: list[int] = []
    """The response latencies of the first MOST_LATENCIES turns that have one, in milliseconds."""
    usage: Usage = msgspec.field(default_factory=Usage.nothing)
    """What the call was billed for."""


_ENCODER = msgspec.json.Encoder()


def index_line(summary: CallSummary) -> IndexLine:
    """Return the line of an archived call."""
    latencies = [turn.response_latency_ms for turn in summary.turns if turn.response_latency_ms is not None]
    return IndexLine(
        call_id=summary.call_id,
        caller_id=summary.caller.id,
        caller_name=summary.caller.name,
        deployment=summary.deployment,
        assistant=summary.assistant,
        handed_over=bool(summary.hand_overs),
        tool_calls=len(summary.tools),
        continues=summary.continues or "",
        started=summary.started,
        seconds=summary.duration_seconds,
        end_reason=summary.end_reason,
        observed=summary.observed,
        turns=len(summary.turns),
        interruptions=summary.interruptions,
        errors=len(summary.errors),
        gaps=len(summary.gaps),
        latencies_ms=latencies[:MOST_LATENCIES],
        usage=summary.usage,
    )


def encode_index(lines: Iterable[IndexLine]) -> bytes:
    """Return the lines as an index holds them: JSON objects, each followed by a line feed."""
    return _ENCODER.encode_lines(list(lines))


def decode_index(index: bytes) -> list[IndexLine]:
    """Return one line for each call of an index: its last one, because a call may be archived more than once.

    A line that cannot be read is skipped.
    """
    newest: dict[str, IndexLine] = {}
    for line in _readable(index):
        newest[line.call_id] = line
    return list(newest.values())


def without_call(index: bytes, call_id: str) -> bytes:
    """Return the index, compact and without the call; a call that continued it no longer says so."""
    kept = [line for line in decode_index(index) if line.call_id != call_id]
    return encode_index(
        msgspec.structs.replace(line, continues="") if line.continues == call_id else line for line in kept
    )


def _readable(index: bytes) -> Iterator[IndexLine]:
    # Made here, because a cold start imports this module and reads nothing.
    decode = msgspec.json.Decoder(IndexLine).decode
    for line in index.splitlines():
        try:
            yield decode(line)
        except (msgspec.MsgspecError, UnicodeError):
            continue
