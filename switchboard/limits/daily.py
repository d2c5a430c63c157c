"""Limits how many seconds a caller may talk in one UTC day.

A call sets its longest time aside when it begins, and gives back at its end what it did not use. So the limit holds
even for calls that run side by side. What was set aside for a call that never ended is free again after its time.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from switchboard.errors import DailySecondsSpent, StorageUnavailable
from switchboard.limits.budget import PREFIX, seconds_until_midnight
from switchboard.limits.places import GRACE_SECONDS, hash_of
from switchboard.storage import Storage, storage_errors

# Nobody is let into a call that would be hung up at once.
SHORTEST_CALL_SECONDS = 10
# Several calls of one caller may begin or end at the same moment.
TRIES = 10


class SetAside(msgspec.Struct, frozen=True):
    """The seconds that are set aside for one call."""

    seconds: float
    """How long the call may last."""
    until: float
    """When the call must be over, in Unix seconds."""


class Day(msgspec.Struct, frozen=True):
    """What a caller has used of one day."""

    used: float = 0.0
    """The seconds of the calls that have ended."""
    calls: dict[str, SetAside] = {}
    """What is set aside for the calls that have not ended, by the nonce of the call's places."""


class DailySeconds:
    """The seconds of all callers. Methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage, most: int) -> None:
        self._storage = storage
        self._most = most

    def set_aside(self, caller_id: str, nonce: str, wanted: int, now: float) -> int:
        """Set seconds aside for a call that begins at `now`, and return how long it may last: `wanted` at the most.

        Raises DailySecondsSpent if the caller has too few seconds left today.
        """
        most = self._most
        if not most:
            return wanted

        def change(day: Day) -> Day:
            calls = {name: aside for name, aside in day.calls.items() if aside.until > now}
            left = most - day.used - sum(aside.seconds for aside in calls.values())
            if left < min(SHORTEST_CALL_SECONDS, wanted):
                raise DailySecondsSpent(retry_after=seconds_until_midnight(now))
            seconds = min(wanted, int(left))
            return Day(day.used, {**calls, nonce: SetAside(seconds, now + seconds + GRACE_SECONDS)})

        return int(self._change(caller_id, now, change).calls[nonce].seconds)

    def settle(self, caller_id: str, nonce: str, began: float, used: float) -> None:
        """Count the seconds that a call has used which began at `began` (Unix seconds). Safe to call more than once."""
        if not self._most:
            return

        def change(day: Day) -> Day:
            if nonce not in day.calls:
                return day
            return Day(round(day.used + used, 3), {name: aside for name, aside in day.calls.items() if name != nonce})

        self._change(caller_id, began, change)

    def _change(self, caller_id: str, moment: float, change: Callable[[Day], Day]) -> Day:
        name = f"{PREFIX}{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}/{hash_of(caller_id)}"
        for _ in range(TRIES):
            with storage_errors():
                try:
                    download = self._storage.blob(name).download_blob()
                    before = msgspec.json.decode(download.readall(), type=Day)
                    etag = download.properties.etag
                    condition: dict[str, Any] = {"overwrite": True, "etag": etag}
                    condition["match_condition"] = MatchConditions.IfNotModified
                except ResourceNotFoundError:
                    before, condition = Day(), {"overwrite": False}
                after = change(before)
                if after == before:
                    return after
                try:
                    self._storage.blob(name).upload_blob(msgspec.json.encode(after), **condition)
                except (ResourceExistsError, ResourceModifiedError):
                    continue
                return after
        raise StorageUnavailable("Too many calls of one caller began or ended at the same moment.")
