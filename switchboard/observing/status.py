"""Works out from a journal how its call stands at a given moment. This module does no I/O."""

from typing import Literal

import msgspec

from switchboard.errors import CallNotFound
from switchboard.observing.observation import Observation
from switchboard.record.lines import AnyLine, CallCreated, created_line
from switchboard.record.summary import CallSummary, fold


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


def call_status(lines: list[AnyLine], now: float) -> CallStatus:
    """Return the status at `now` (Unix seconds). Raises CallNotFound if the journal does not say whose call it is."""
    call, summary = created_line(lines), fold(lines)
    if call is None or summary is None:
        raise CallNotFound
    fields = {name: getattr(summary, name) for name in CallSummary.__struct_fields__}
    if summary.ended is not None:
        return CallStatus(**fields, state="ended", limits=None)
    # No observer will ever attach to a call that cannot be observed, so it counts as live from the beginning.
    live = summary.observed or not call.observable
    return CallStatus(**fields, state="live" if live else "connecting", limits=_left(call, lines, now))


def _left(call: CallCreated, lines: list[AnyLine], now: float) -> LimitsLeft:
    observation = Observation(call, keep_words=False)
    observation.resume(lines)
    idle = observation.idle_due() if call.observable else None
    return LimitsLeft(
        seconds_left=round(max(0.0, observation.longest_due() - now), 1),
        idle_seconds_left=None if idle is None else round(max(0.0, idle - now), 1),
    )
