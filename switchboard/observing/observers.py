"""Observes the calls of this process, and gives up those that cannot be observed."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from time import time

from switchboard.errors import SwitchboardError
from switchboard.limits import Places
from switchboard.observing.observer import observe
from switchboard.observing.unobserved import wait_for_end
from switchboard.realtime.service import RealtimeService
from switchboard.realtime.sideband import Sideband, SidebandDialler
from switchboard.record.journal import Journals
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, HangUpRequested, Line, has_ended
from switchboard.settings import Settings

log = logging.getLogger(__name__)


class Observers:
    """Observes calls, and frees a caller's place when the call has ended. The ports of `observe`."""

    def __init__(
        self, settings: Settings, client: RealtimeService, dialler: SidebandDialler, journals: Journals, places: Places
    ) -> None:
        self._keep_words = settings.archive_transcripts
        self._client = client
        self._dialler = dialler
        self._journals = journals
        self._places = places

    async def observe(self, call: CallCreated) -> None:
        """Observe one call until it has ended, then free its caller's place.

        Raises StorageUnavailable or an UpstreamError when that cannot be done now; run again, it goes on where it was.
        """
        if call.observable:
            await observe(call, self, keep_words=self._keep_words)
        else:
            await wait_for_end(call, self)
        await asyncio.to_thread(self._places.release, call.place)

    def dial(self, endpoint: str, call_id: str) -> AbstractAsyncContextManager[Sideband]:
        """Attach to a call."""
        return self._dialler.dial(endpoint, call_id)

    def start_journal(self, call: CallCreated) -> list[AnyLine]:
        """Begin the call's journal, or read it."""
        return self._journals.start(call)

    def read_journal(self, call_id: str) -> list[AnyLine]:
        """What stands in the call's journal."""
        return self._journals.read(call_id) or []

    def append(self, call_id: str, lines: Iterable[Line]) -> None:
        """Append to the call's journal."""
        self._journals.append(call_id, lines)

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """End the call."""
        return self._client.hang_up(endpoint, call_id)

    def give_up(self, call: CallCreated) -> None:
        """Hang up a call that could not be observed, and write down that it ended. Blocks on the network."""
        if has_ended(self._journals.start(call)):
            return
        try:
            self._client.hang_up(call.endpoint, call.call_id)
        except SwitchboardError as error:
            log.error("call %s could not be hung up: %s", call.call_id, error.code)
        now = round(time(), 3)
        ended = CallEnded(at=now, reason="observer_failed")
        self._journals.append(call.call_id, [HangUpRequested(at=now, reason="observer_failed"), ended])
