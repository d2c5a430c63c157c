"""This module serves one timer trigger: it runs the function whenever its schedule says so.

The real host lets only one instance of an app run a timer. This host is the only instance, so it need not ask. It does
not keep account of missed runs, as the platform's schedule monitor does, and its `IsPastDue` is always false.
"""

import asyncio
import contextlib
import json
import logging
from datetime import datetime

from azure.functions.meta import Datum
from croniter import croniter

from local.host.invoker import FunctionFailedError, Invoke
from local.host.loading import LoadedFunction

log = logging.getLogger("functions.host")


class TimerListener:
    """A listener runs `function` by its NCRONTAB expression, which has six fields and begins with the seconds."""

    def __init__(self, function: LoadedFunction, invoke: Invoke) -> None:
        self._function = function
        self._schedule = function.trigger.fields["schedule"]
        self._invoke = invoke
        self._stopping = asyncio.Event()

    def __str__(self) -> str:
        return f"{self._function.name}: timer {self._schedule}"

    def stop(self) -> None:
        """Start no further run. A run that has begun goes on."""
        self._stopping.set()

    async def run(self) -> None:
        """Run until `stop` is called. A run that takes longer than the schedule's interval delays the next one."""
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_until_due()):
                    await self._stopping.wait()
            if self._stopping.is_set():
                return
            status = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False}
            with contextlib.suppress(FunctionFailedError):
                await self._invoke(self._function, Datum(json.dumps(status), "json"), {})

    def _seconds_until_due(self) -> float:
        now = datetime.now().astimezone()
        due: datetime = croniter(self._schedule, now, second_at_beginning=True).get_next(datetime)
        return (due - now).total_seconds()
