"""Shows a call as one row of a list, whether it is live or archived. This module does no I/O."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

import msgspec

from switchboard.limits.prices import cost_of
from switchboard.record.index_lines import IndexLine
from switchboard.record.lines import EndReason
from switchboard.record.summary import CallerRecord
from switchboard.record.times import iso
from switchboard.record.usage import Usage
from switchboard.settings import Prices

if TYPE_CHECKING:
    # At a cold start the routes need the forms of this module, and not the clients that know live calls.
    from switchboard.observing.live import LiveCall


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """Shows one call in the list of calls."""

    call_id: str
    """The service's id of the call (`rtc_…`)."""
    state: Literal["connecting", "live", "ended"]
    """`connecting` until an observer has taken the call, then `live`, and `ended` when its summary is archived."""
    caller: CallerRecord
    """Who started the call."""
    assistant: str | None
    """The name of the assistant that answers; None if nobody knows."""
    deployment: str
    """Azure's name for the deployed model."""
    started: str
    """When the call was created, in ISO 8601, UTC, with milliseconds."""
    duration_seconds: float
    """How long the call lasted, or has lasted so far, in seconds."""
    end_reason: EndReason | None
    """Why the call ended; None while it is up, or if nobody knows."""
    observed: bool
    """Whether an observer heard the call, or for a live call, whether one holds it and lives."""
    turns: int | None
    """How many answers the model gave; None while the call is up."""
    interruptions: int | None
    """How many of the turns were interrupted; None while the call is up."""
    errors: int
    """How many things went wrong; of a live call as far as its last heartbeat says."""
    gaps: int | None
    """How many times the call may have been unobserved; None while the call is up."""
    tool_calls: int | None
    """How many tool calls the model made; None while the call is up."""
    handed_over: bool
    """Whether a tool handed the call over to a person."""
    hand_over_reason: str | None
    """Why, in the model's words; None after the call, if it was not handed over, or if words are not archived."""
    speaking: Literal["caller", "assistant"] | None
    """Who spoke at the last heartbeat, at most 10 seconds ago; None if nobody did, and after the call."""
    continues: str | None
    """The id of the call that this one continued; None if it continued none."""
    latency_ms: int | None
    """The median of the response latencies, in milliseconds; None if there is none, and while the call is up."""
    tokens: int
    """The responses' tokens; of a live call as they were at its last heartbeat, at most 10 seconds ago."""
    cost: float | None
    """What these tokens and the transcription cost by the setting PRICES, in its currency; None without prices."""
    seconds_left: float | None
    """Seconds until the call has lasted as long as it may; None after its end."""


class CallPage(msgspec.Struct, frozen=True):
    """Holds one page of the list of calls, the newest call first."""

    calls: list[CallRow]
    """The calls. There may be fewer than `limit`, or none, although the list goes on."""
    next: str | None
    """What to send as `after` for the next page; None at the end of the list."""


def archived_row(line: IndexLine, prices: Prices | None) -> CallRow:
    """Return the row of an archived call."""
    return CallRow(
        call_id=line.call_id,
        state="ended",
        caller=CallerRecord(line.caller_id, line.caller_name),
        assistant=line.assistant or None,
        deployment=line.deployment,
        started=line.started,
        duration_seconds=line.seconds,
        end_reason=line.end_reason,
        observed=line.observed,
        turns=line.turns,
        interruptions=line.interruptions,
        errors=line.errors,
        gaps=line.gaps,
        tool_calls=line.tool_calls,
        handed_over=line.handed_over,
        hand_over_reason=None,
        speaking=None,
        continues=line.continues or None,
        latency_ms=_median(line.latencies_ms),
        tokens=line.usage.total,
        cost=priced(line.usage, prices),
        seconds_left=None,
    )


def live_row(live: "LiveCall", now: float, prices: Prices | None, *, observed: bool) -> CallRow:
    """Return the row of a live call at `now` (Unix seconds). `observed` says whether its observer lives."""
    call, standing = live.call, live.standing
    due = standing.dues.longest if standing.dues else call.longest_due
    return CallRow(
        call_id=call.call_id,
        state="live" if live.taken or not call.observable else "connecting",
        caller=CallerRecord(call.caller_id, call.caller_name),
        assistant=call.assistant or None,
        deployment=call.deployment,
        started=iso(call.at),
        duration_seconds=round(max(0.0, now - call.at), 1),
        end_reason=None,
        observed=observed,
        turns=None,
        interruptions=None,
        errors=standing.errors,
        gaps=None,
        tool_calls=None,
        handed_over=standing.hand_over is not None,
        hand_over_reason=standing.hand_over.reason if standing.hand_over else None,
        speaking=standing.speaking,
        continues=call.continues or None,
        latency_ms=None,
        tokens=standing.usage.total,
        cost=priced(standing.usage, prices),
        seconds_left=round(max(0.0, due - now), 1),
    )


def _median(latencies_ms: Collection[int]) -> int | None:
    # A cold start imports this module, and needs no statistics; whatever archives calls imports them afterwards.
    from statistics import median

    return round(median(latencies_ms)) if latencies_ms else None


def priced(usage: Usage, prices: Prices | None) -> float | None:
    """Return what the usage costs in the currency of the prices, or None if there are none."""
    return None if prices is None else round(cost_of(usage, prices), 6)
