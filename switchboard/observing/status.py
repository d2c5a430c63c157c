"""How a call stands at this moment, from its journal. Sans-I/O."""

from typing import Literal

import msgspec

from switchboard.errors import CallNotFound
from switchboard.observing.observation import Observation
from switchboard.record.lines import AnyLine, CallCreated, created_line
from switchboard.record.summary import CallSummary, fold


class LimitsLeft(msgspec.Struct, frozen=True):
    """Seconds until a limit ends the call; `idle_seconds_left` is None while somebody speaks, and if nobody hears."""

    seconds_left: float
    idle_seconds_left: float | None


class CallStatus(CallSummary, frozen=True, kw_only=True):
    """The summary so far, and what only a call under way has."""

    state: Literal["connecting", "live", "ended"]
    limits: LimitsLeft | None


def call_status(lines: list[AnyLine], now: float) -> CallStatus:
    """The status at `now` (Unix seconds). Raises CallNotFound for a journal that does not say whose call it is."""
    call, summary = created_line(lines), fold(lines)
    if call is None or summary is None:
        raise CallNotFound
    fields = {name: getattr(summary, name) for name in CallSummary.__struct_fields__}
    if summary.ended is not None:
        return CallStatus(**fields, state="ended", limits=None)
    # A call that cannot be observed is taken for live from its answer on.
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
