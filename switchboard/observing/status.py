"""Works out how a call stands at a given moment. This module does no I/O."""

import hashlib
from typing import Literal

import msgspec

from switchboard.errors import CallNotFound
from switchboard.observing.standing import Dues, Standing
from switchboard.record.lines import AnyLine, CallCreated, EndReason, created_line
from switchboard.record.summary import CallSummary, ErrorRecord, fold
from switchboard.record.times import iso
from switchboard.record.usage import Usage

# A page warns half a minute before a limit. It asks every SOONEST_ASK_SECONDS when a limit is as near as NEAR_SECONDS,
# or if one may be announced only shortly before it ends the call, and otherwise every LATEST_ASK_SECONDS.
NEAR_SECONDS, SOONEST_ASK_SECONDS, LATEST_ASK_SECONDS = 40.0, 10.0, 30.0
# When a limit is due sooner than that, the page asks so many seconds after it, and then every END_ASK_SECONDS: a page
# that no server can hang up leaves only when the record says that the call is over.
AFTER_LIMIT_SECONDS, END_ASK_SECONDS = 1.0, 2.0


class LimitsLeft(msgspec.Struct, frozen=True):
    """Says how long it takes until a limit ends the call."""

    seconds_left: float
    """Seconds until the call has lasted as long as it may."""
    idle_seconds_left: float | None
    """Seconds until the call has been idle too long; None while somebody speaks, and if no server can hear the call."""


class CallStatus(CallSummary, frozen=True, kw_only=True):
    """Holds the call summary so far, and says how the call stands."""

    state: Literal["connecting", "live", "ended"]
    """`connecting` until an observer is attached, then `live`, and `ended` when the journal says that it is over."""
    limits: LimitsLeft | None
    """What the limits leave to the call; None after its end."""


class BriefStatus(msgspec.Struct, frozen=True):
    """Says how a call stands, and nothing of what was said in it. Its size does not depend on the call's length."""

    call_id: str
    """The service's id of the call (`rtc_…`)."""
    state: Literal["connecting", "live", "ended"]
    """`connecting` until an observer is attached, then `live`, and `ended` when the record says that it is over."""
    started: str
    """When the call was created, in ISO 8601, UTC."""
    end_reason: EndReason | None
    """Why the call ended; None while it is under way."""
    usage: Usage
    """What the call was billed for so far. While the call is live, that is a few seconds old."""
    errors: list[ErrorRecord]
    """What went wrong. While the call is live, only the first ten errors that differ."""
    limits: LimitsLeft | None
    """What the limits leave to the call; None after its end."""
    ask_again_seconds: float | None
    """Seconds after which a page should ask again to warn of a limit in time; None after the end."""


def brief_status(
    call: CallCreated, standing: Standing, dues: Dues, now: float, *, may_end_early: bool = False
) -> BriefStatus:
    """Return how a live call stands at `now` (Unix seconds), by its observer's latest heartbeat.

    `may_end_early` says whether the budget can end the call, which is announced only half a minute before.
    """
    left = _until(dues, now)
    return BriefStatus(
        call_id=call.call_id,
        state="live" if standing.attached else "connecting",
        started=iso(call.at),
        end_reason=None,
        usage=standing.usage,
        errors=list(standing.faults),
        limits=left,
        ask_again_seconds=_ask_again(left, may_end_early=may_end_early),
    )


def brief_of(status: CallStatus) -> BriefStatus:
    """Return what is brief of a whole status, such as that of a call of which no heartbeat tells."""
    return BriefStatus(
        call_id=status.call_id,
        state=status.state,
        started=status.started,
        end_reason=status.end_reason,
        usage=status.usage,
        errors=status.errors,
        limits=status.limits,
        ask_again_seconds=None if status.limits is None else _ask_again(status.limits, may_end_early=True),
    )


def ended_status(summary: CallSummary) -> CallStatus:
    """Return the status of a call that has ended, by its summary."""
    return _status(summary, "ended", None)


def version_of(standing: Standing) -> str:
    """Return a short text that is the same as long as what `brief_status` tells is, the seconds left excepted."""
    facts = msgspec.json.encode((standing.attached, standing.usage, standing.faults, standing.dues))
    return hashlib.blake2b(facts, digest_size=8).hexdigest()


def call_status(lines: list[AnyLine], now: float) -> CallStatus:
    """Return the status at `now` (Unix seconds). Raises CallNotFound if the journal does not say whose call it is."""
    call, summary = created_line(lines), fold(lines)
    if call is None or summary is None:
        raise CallNotFound
    if summary.ended is not None:
        return ended_status(summary)
    # No observer will ever attach to a call that cannot be observed, so it counts as live from the beginning.
    live = summary.observed or not call.observable
    return _status(summary, "live" if live else "connecting", _until(_dues(call, lines), now))


def _status(
    summary: CallSummary, state: Literal["connecting", "live", "ended"], limits: LimitsLeft | None
) -> CallStatus:
    fields = {name: getattr(summary, name) for name in CallSummary.__struct_fields__}
    return CallStatus(**fields, state=state, limits=limits)


def _dues(call: CallCreated, lines: list[AnyLine]) -> Dues:
    # A cold start needs the shapes that are defined here, and nothing of how events are read.
    from switchboard.observing.observation import Observation

    observation = Observation(call, keep_words=False)
    observation.resume(lines)
    return Dues(observation.longest_due(), observation.idle_due() if call.observable else None)


def _ask_again(left: LimitsLeft, *, may_end_early: bool) -> float:
    near = left.seconds_left if left.idle_seconds_left is None else min(left.seconds_left, left.idle_seconds_left)
    before_a_warning = SOONEST_ASK_SECONDS
    if not may_end_early:
        before_a_warning = max(SOONEST_ASK_SECONDS, min(LATEST_ASK_SECONDS, near - NEAR_SECONDS))
    return round(min(before_a_warning, max(END_ASK_SECONDS, near + AFTER_LIMIT_SECONDS)), 1)


def _until(dues: Dues, now: float) -> LimitsLeft:
    return LimitsLeft(
        seconds_left=round(max(0.0, dues.longest - now), 1),
        idle_seconds_left=None if dues.idle is None else round(max(0.0, dues.idle - now), 1),
    )
