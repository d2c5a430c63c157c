"""A call that no server can hear (the preview protocol's): its record stays open until the browser says it is over.

Nothing here can end the call itself. When MAX_CALL_SECONDS have passed the record ends all the same, and a page that
looks at it leaves the call. It may be killed at any moment and run again: all it knows stands in the journal.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from time import time
from typing import Protocol

from switchboard.errors import StorageUnavailable
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, HangUpRequested, Line, has_ended
from switchboard.record.writer import JournalWriter

log = logging.getLogger(__name__)

# Nobody waits for it but a page that has hung up and wants to see the record; each look costs one small read.
LOOK_SECONDS = 2.0


class Ports(Protocol):
    """What is needed of the world. The methods block and are called on a thread."""

    def start_journal(self, call: CallCreated) -> list[AnyLine]:
        """See Journals.start."""
        ...

    def read_journal(self, call_id: str) -> list[AnyLine]:
        """See Journals.read."""
        ...

    def append(self, call_id: str, lines: Iterable[Line]) -> None:
        """See Journals.append."""
        ...


async def wait_for_end(call: CallCreated, ports: Ports, *, clock: Callable[[], float] = time) -> None:
    """Wait until the call was hung up or has lasted as long as it may, and end its record.

    Returns once the journal says that it ended; raises StorageUnavailable when it cannot be written.
    """
    lines = await asyncio.to_thread(ports.start_journal, call)
    while not has_ended(lines):
        if ended := _end(call, lines, clock()):
            async with JournalWriter(lambda batch: ports.append(call.call_id, batch)) as journal:
                journal.write(ended)
            log.info("record of call %s ended: %s; nobody observed it", call.call_id, ended.reason)
            return
        await asyncio.sleep(max(0.0, min(LOOK_SECONDS, call.longest_due - clock())))
        try:
            lines = await asyncio.to_thread(ports.read_journal, call.call_id)
        except StorageUnavailable:
            log.warning("the journal of call %s cannot be read now", call.call_id)


def _end(call: CallCreated, lines: Iterable[AnyLine], now: float) -> CallEnded | None:
    """How the call ended, in words that a second reader of the same journal would find too; None while it goes on."""
    asked = next((line for line in lines if isinstance(line, HangUpRequested)), None)
    if asked is not None:
        return CallEnded(at=asked.at, reason=asked.reason)
    if now >= call.longest_due:
        return CallEnded(at=round(call.longest_due, 3), reason="max_call_seconds")
    return None
