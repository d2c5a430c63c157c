"""Decides when a message has to wake an observer for a call, by the age of its heartbeat. This module does no I/O.

The message is sent as soon as one heartbeat is missing, and hidden until the observer counts as dead. So it comes in
time even if the process that sent it dies in the meantime; and if the heartbeat was only late, it changes nothing.
"""

from collections.abc import Iterable
from math import ceil

from switchboard.observing.live import LAPSE_SECONDS, Listed

# A new call's own queue message wakes its observer; the sweep leaves it so much time.
WAKING_SECONDS = 10.0
# A heartbeat that is older is late. Heartbeats come every 10 seconds, and ages are told in whole seconds.
SUSPECT_SECONDS = 11.0
# Storage says times in whole seconds, and not all of its servers have the same time.
SKEW_SECONDS = 1.0
# The process that takes a message may die with it. Then another message is sent after so long.
PATIENCE_SECONDS = 10.0


class Waking:
    """Remembers which calls have a message on the way."""

    def __init__(self) -> None:
        self._arrives: dict[str, float] = {}

    def due(self, calls: Iterable[Listed], now: float) -> dict[str, int]:
        """Return the ids of the calls that need a message, and after how many seconds each message shall be visible.

        `now` is in Unix seconds. A call is named again only if `sent` was not told of its message, or if that message
        has been visible for a while and the call still has no observer.
        """
        needed = {call.call_id: delay for call in calls if (delay := seconds_until_lapsed(call)) is not None}
        self._arrives = {
            call_id: at for call_id, at in self._arrives.items() if call_id in needed and now < at + PATIENCE_SECONDS
        }
        return {call_id: delay for call_id, delay in needed.items() if call_id not in self._arrives}

    def sent(self, call_id: str, arrives: float) -> None:
        """Note that a message for the call is visible from `arrives` (Unix seconds) on."""
        self._arrives[call_id] = arrives


def seconds_until_lapsed(call: Listed) -> int | None:
    """Return after how many seconds another observer may take the call; None while nothing seems wrong with its own."""
    if call.ended:
        return None
    if not call.observed:
        return 0 if call.age > WAKING_SECONDS else None
    return max(0, ceil(LAPSE_SECONDS + SKEW_SECONDS - call.age)) if call.age > SUSPECT_SECONDS else None
