"""The observer: one call from attach to end. Sideband events in, journal lines and a hang-up out; ports by argument.

It may be killed at any moment and run again: everything it knows it has from the call's first line and the journal.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from time import time
from typing import Protocol

import msgspec

from switchboard.errors import SwitchboardError
from switchboard.observing.observation import OWN_EVENT_PREFIX, Observation
from switchboard.realtime.events import Event
from switchboard.realtime.objects import ErrorDetail
from switchboard.realtime.sideband import Closed, NoSuchCall
from switchboard.record.lines import (
    AnyLine,
    Attached,
    CallCreated,
    CallEnded,
    Detached,
    EndReason,
    Fault,
    HangUpRequested,
    Line,
    Watching,
)
from switchboard.record.writer import JournalWriter

log = logging.getLogger(__name__)

# Seconds between tries to attach. A call that was only just created may be unknown to the sideband for a moment
# (openai-realtime-console#562); a lost connection may take a while to come back.
REDIAL_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 5.0, 5.0, 5.0)
# How long after its creation a call that nobody has heard yet and that answers 404 is taken for not known yet.
NEWBORN_SECONDS = 2.0
# A sideband that lasted this long had come to stay: its loss is a new trouble, with tries of its own.
SETTLED_SECONDS = 10.0
WATCHING_SECONDS = 30.0
# After a hang-up the service closes the sideband; if it does not, nothing is gained by waiting on.
CLOSE_SECONDS = 5.0
HANG_UP_TRIES = 3


class OpenSideband(Protocol):
    """The port to the service's events."""

    async def receive(self) -> Event | Closed | None:
        """The next event, None for one that does not matter, Closed at the end."""
        ...

    async def send(self, event: str) -> None:
        """Send a client event, encoded."""
        ...


class Ports(Protocol):
    """What an observer needs of the world. The plain methods block and are called on a thread."""

    def dial(self, endpoint: str, call_id: str) -> AbstractAsyncContextManager[OpenSideband]:
        """Attach to the call. Raises NoSuchCall or SidebandFailed."""
        ...

    def start_journal(self, call: CallCreated) -> list[AnyLine]:
        """See Journals.start."""
        ...

    def append(self, call_id: str, lines: Iterable[Line]) -> None:
        """See Journals.append."""
        ...

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """See RealtimeService.hang_up."""
        ...


async def observe(call: CallCreated, ports: Ports, *, keep_words: bool, clock: Callable[[], float] = time) -> None:
    """Observe `call` until it has ended, and keep it within its limits. Returns once the journal says that it ended.

    Raises StorageUnavailable when the journal cannot be written, an UpstreamError when a limit's hang-up fails: run
    again, it goes on where it was.
    """
    observation = Observation(call, keep_words=keep_words)
    observation.resume(await asyncio.to_thread(ports.start_journal, call))
    if observation.ended:
        return
    async with JournalWriter(lambda lines: ports.append(call.call_id, lines)) as journal:
        observer = _Observer(call, ports, observation, journal, clock)
        reason = await observer.until_the_end()
        journal.write(CallEnded(at=observer.now(), reason=reason))
    log.info("call %s ended: %s", call.call_id, reason)


class _Observer:
    def __init__(
        self,
        call: CallCreated,
        ports: Ports,
        observation: Observation,
        journal: JournalWriter,
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._ports = ports
        self._observation = observation
        self._journal = journal
        self._clock = clock

    def now(self) -> float:
        return round(self._clock(), 3)

    async def until_the_end(self) -> EndReason:
        tries = iter(REDIAL_SECONDS)
        while True:
            dialled = self.now()
            outcome = await self._dial_and_listen()
            if not isinstance(outcome, ErrorDetail):
                return outcome
            if self.now() - dialled > SETTLED_SECONDS:
                tries = iter(REDIAL_SECONDS)
            wait = next(tries, None)
            if wait is None:
                return await self._give_up(outcome)
            log.warning("sideband of call %s: %s; dialling again in %.1f s", self._call.call_id, outcome.code, wait)
            await asyncio.sleep(wait)

    async def _dial_and_listen(self) -> EndReason | ErrorDetail:
        """Why the call has ended, or why there is no sideband to it (any more). Raises only what a hang-up raises."""
        async with AsyncExitStack() as stack:
            try:
                dialling = self._ports.dial(self._call.endpoint, self._call.call_id)
                sideband = await stack.enter_async_context(dialling)
            except NoSuchCall:
                if self._observation.attached or self.now() - self._call.at > NEWBORN_SECONDS:
                    return "peer_left"
                return ErrorDetail(type="sideband", code="call_id_not_found")
            except SwitchboardError as error:
                return ErrorDetail(type="sideband", code=error.code, message=error.detail)
            self._observation.attached = True
            self._journal.write(Attached(at=self.now()))
            log.info("observer attached to call %s", self._call.call_id)
            ended = await self._listen(sideband)
        # A clean close: the call has ended, or a proxy has restarted. Dialling once more tells.
        return ended or ErrorDetail(type="sideband", code="sideband_closed")

    async def _listen(self, sideband: OpenSideband) -> EndReason | None:
        """Keep what the sideband says. A reason when the call has ended for sure, else None."""
        watched = self.now()
        while True:
            due, limit = self._observation.limit_due()
            if due <= self.now():
                await self._hang_up(limit)
                await self._drain(sideband)
                return limit
            try:
                async with asyncio.timeout(max(0.0, min(due, watched + WATCHING_SECONDS) - self._clock())):
                    heard = await sideband.receive()
            except TimeoutError:
                if self.now() - watched >= WATCHING_SECONDS:
                    watched = self.now()
                    self._journal.write(Watching(at=watched))
                continue
            if isinstance(heard, Closed):
                self._journal.write(Detached(at=self.now(), how=heard.how, code=heard.code))
                return "service_limit" if heard.how == "cap" else None
            if heard is not None:
                self._journal.write(*self._observation.receive(heard, self._clock()))
                for item_id in self._observation.take_missing():
                    await sideband.send(_retrieve(item_id))

    async def _drain(self, sideband: OpenSideband) -> None:
        """Take what the service still says of a call that was hung up: usage of the last response, above all."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                while not isinstance(heard := await sideband.receive(), Closed):
                    if heard is not None:
                        self._journal.write(*self._observation.receive(heard, self._clock()))
        except TimeoutError:
            log.warning("call %s was hung up, but its sideband stays open", self._call.call_id)

    async def _give_up(self, trouble: ErrorDetail) -> EndReason:
        """A call that cannot be observed is not left running."""
        log.error("call %s cannot be observed (%s); hanging it up", self._call.call_id, trouble.code)
        self._journal.write(Fault(at=self.now(), source="gateway", error=trouble))
        await self._hang_up("observer_failed")
        return "observer_failed"

    async def _hang_up(self, reason: EndReason) -> None:
        self._journal.write(HangUpRequested(at=self.now(), reason=reason))
        for remaining in reversed(range(HANG_UP_TRIES)):
            try:
                await asyncio.to_thread(self._ports.hang_up, self._call.endpoint, self._call.call_id)
            except SwitchboardError as error:
                log.warning("hanging up call %s failed: %s", self._call.call_id, error.code)
                if not remaining:
                    raise
                await asyncio.sleep(1)
            else:
                return


def _retrieve(item_id: str) -> str:
    event_id = f"{OWN_EVENT_PREFIX}{item_id}"
    event = {"type": "conversation.item.retrieve", "event_id": event_id, "item_id": item_id}
    return msgspec.json.encode(event).decode()
