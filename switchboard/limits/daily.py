"""Limits how many seconds a caller may talk in one UTC day.

A call sets its longest time aside when it begins, and gives back at its end what it did not use. So the limit holds
even for calls that run side by side. What was set aside for a call that never ended is free again after its time.
"""

from collections.abc import Callable

from switchboard.errors import StorageUnavailable
from switchboard.limits.days import Day, day_name
from switchboard.limits.notes import read_note, write_note
from switchboard.storage import Storage

# Several calls of one caller may begin or end at the same moment.
TRIES = 10


class DailySeconds:
    """The seconds of all callers. Methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage, most: int) -> None:
        self._storage = storage
        self._most = most

    def set_aside(self, caller_id: str, nonce: str, wanted: int, now: float) -> int:
        """Set seconds aside for a call that begins at `now`, and return how long it may last: `wanted` at the most.

        Raises DailySecondsSpent if the caller has too few seconds left today.
        """
        if not self._most:
            return wanted
        day = self._change(caller_id, now, lambda day: day.setting_aside(nonce, wanted, most=self._most, now=now))
        return int(day.calls[nonce].seconds)

    def settle(self, caller_id: str, nonce: str, began: float, used: float) -> None:
        """Count the seconds that a call has used which began at `began` (Unix seconds). Safe to call more than once."""
        if self._most:
            self._change(caller_id, began, lambda day: day.settling(nonce, used))

    def _change(self, caller_id: str, moment: float, change: Callable[[Day], Day]) -> Day:
        name = day_name(caller_id, moment)
        for _ in range(TRIES):
            before, version = read_note(self._storage, name, Day())
            after = change(before)
            if after == before or write_note(self._storage, name, after, version):
                return after
        raise StorageUnavailable("Too many calls of one caller began or ended at the same moment.")
