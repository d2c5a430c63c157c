"""Has the assistant speak first in a call, if its file says so, and only once however many observers the call has."""

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

import msgspec

from switchboard.errors import StorageUnavailable
from switchboard.observing.observation import OWN_EVENT_PREFIX
from switchboard.observing.ports import OpenSideband, Ports
from switchboard.realtime.events import Event, ItemAdded, ResponseCreated, SpeechStarted
from switchboard.record import lines
from switchboard.record.encoding import encode_lines
from switchboard.record.lines import CallCreated, GreetingRequested

log = logging.getLogger(__name__)

# The sideband is often open before the browser has its connection, and nobody would hear what is said until then. A
# browser has connected so many seconds after the call was created, unless its network is slow.
CONNECTED_AFTER_SECONDS = 1.0

_BEGUN_EVENTS = (ItemAdded, ResponseCreated, SpeechStarted)
_BEGUN_LINES = (lines.ItemAdded, lines.ResponseStarted, lines.SpeechStarted)


class Greeting:
    """Asks for the greeting of one call. An asynchronous context manager: leaving it stops what is still waiting.

    If the conversation has begun there is no greeting any more.
    """

    def __init__(self, call: CallCreated, ports: Ports, clock: Callable[[], float], *, observer: str) -> None:
        self._call = call
        self._ports = ports
        self._clock = clock
        self._observer = observer
        self._begun = False
        self._sideband: OpenSideband | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def attach(self, sideband: OpenSideband) -> None:
        """Use this sideband from now on, and begin to greet when the first one opens. Does not wait for it."""
        self._sideband = sideband
        if self._task is None:
            self._task = asyncio.create_task(self._greet())

    def detach(self) -> None:
        """Note that the sideband has closed."""
        self._sideband = None

    def hear(self, event: Event) -> None:
        """Note whether this event begins the conversation."""
        self._begun = self._begun or isinstance(event, _BEGUN_EVENTS)

    async def _greet(self) -> None:
        instructions = await self._ports.greeting(self._call)
        # A caller who is back has been greeted already.
        if not instructions or self._call.continues:
            return
        await asyncio.sleep(max(0.0, self._call.at + CONNECTED_AFTER_SECONDS - self._clock()))
        try:
            mine = await self._claim()
        except StorageUnavailable:
            # Without storage nobody knows whether another observer has greeted the caller already.
            log.warning("call %s is not greeted, because storage is away", self._call.call_id)
            return
        if mine and not self._begun and self._sideband is not None:
            # A tool could not be called before the caller has said anything.
            response = {"instructions": instructions, "tool_choice": "none"}
            event = {"type": "response.create", "event_id": f"{OWN_EVENT_PREFIX}greeting", "response": response}
            await self._sideband.send(msgspec.json.encode(event).decode())

    async def _claim(self) -> bool:
        """Note in the journal that the greeting is asked for; return whether this observer is the first to do so."""
        call_id = self._call.call_id
        if any(isinstance(line, (GreetingRequested, *_BEGUN_LINES)) for line in await self._ports.read(call_id)):
            return False
        line = GreetingRequested(at=round(self._clock(), 3), observer=self._observer)
        await self._ports.append(call_id, encode_lines([line]))
        written = await self._ports.read(call_id)
        first = next((line for line in written if isinstance(line, GreetingRequested)), None)
        return first is not None and first.observer == self._observer
