"""Listens to a call on its sideband, and dials again when the sideband breaks, until the call seems to be over."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Literal

import msgspec

from switchboard.errors import SwitchboardError
from switchboard.observing.greeting import Greeting
from switchboard.observing.hands import Hands
from switchboard.observing.memory import Memory
from switchboard.observing.observation import OWN_EVENT_PREFIX, Observation
from switchboard.observing.ports import OpenSideband, Ports
from switchboard.realtime.objects import ErrorDetail
from switchboard.realtime.sideband import SILENT_SECONDS, Closed, NoSuchCall
from switchboard.record.lines import Attached, CallCreated, Detached, Watching
from switchboard.record.writer import JournalWriter

log = logging.getLogger(__name__)

# Seconds between tries to attach. The sideband may not know a call yet that was created only a moment ago
# (openai-realtime-console#562), and a connection that was lost may take a while to come back.
REDIAL_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 5.0, 5.0, 5.0)
# A call that is younger and that nobody has heard yet may be unknown because it is so new.
NEWBORN_SECONDS = 2.0
# A sideband that lasted this long was a success, and its loss is a new trouble with tries of its own.
SETTLED_SECONDS = 10.0
# When nothing is kept for this long, a line says that the observer still hears the call.
WATCHING_SECONDS = 30.0
# So many dials must be answered with 404 before a call seems to be over: after a sideband that closed cleanly, and
# otherwise. A single 404 has been a proxy's, and so has a clean close. Each dial more is made for every call that ends.
CLOSED_ANSWERS, DOUBTED_ANSWERS = 2, 3

Heard = Literal["gone", "cap"]


class Ear:
    """Listens to one call. What it hears goes into the observation, from there into the journal, and to the hands."""

    def __init__(
        self,
        call: CallCreated,
        ports: Ports,
        observation: Observation,
        writer: JournalWriter,
        greeting: Greeting,
        hands: Hands,
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._ports = ports
        self._observation = observation
        self._writer = writer
        self._greeting = greeting
        self._hands = hands
        self._memory = Memory(call, ports, observation) if call.continues else None
        self._clock = clock
        self._must_answer = DOUBTED_ANSWERS
        self.attached = False
        """Whether the sideband is open now."""
        self.heard_until: float | None = None
        """When the sideband closed last, in Unix seconds; None if it never has."""
        self.heard_all_until: float | None = None
        """When the service closed the sideband after all that it had to say, in Unix seconds. None if it has not, or if
        a sideband has broken since then."""
        self.heard_at = float("-inf")
        """When the service last said anything on the sideband, or when that was opened, in Unix seconds."""
        self.gone_at: float | None = None
        """When the call was over at the latest, in Unix seconds; None while the service has not said that it is. If the
        service closed the sideband cleanly and then at once did not know the call, this is when the sideband closed."""
        self.ending = False
        """Set when the call is being hung up. The ear then takes the sideband's close for the call's end."""

    async def listen(self) -> Heard | ErrorDetail:
        """Listen until the call seems to be over, or until it cannot be heard any more.

        Returns "gone" when the service no longer knows the call, "cap" when the service ended it at its own longest
        duration, or the trouble because of which no sideband can be had. Nothing of it is certain before the service
        has answered a hang-up.
        """
        tries, unknown, told = iter(REDIAL_SECONDS), 0, False
        while True:
            dialled = self._clock()
            outcome = closed = await self._dial_and_listen(doubted=told or unknown > 0)
            if outcome == "unknown":
                unknown += 1
                if unknown == 1:
                    self.gone_at = self.heard_until if told else self._now()
                if unknown >= self._must_answer and not self._newborn():
                    return "gone"
                outcome = ErrorDetail(type="sideband", code="call_id_not_found")
            elif isinstance(outcome, Closed):
                if outcome.how == "cap" or self.ending:
                    self.gone_at = self.heard_until
                    return "cap" if outcome.how == "cap" else "gone"
                unknown, self._must_answer = 0, CLOSED_ANSWERS if outcome.how == "clean" else DOUBTED_ANSWERS
                outcome = ErrorDetail(type="sideband", code=f"sideband_{outcome.how}")
            # Only a clean close says that the call is over; after any other it may have gone on for a moment.
            told = isinstance(closed, Closed) and closed.how == "clean"
            if self._clock() - dialled > SETTLED_SECONDS:
                tries = iter(REDIAL_SECONDS)
            wait = next(tries, None)
            if wait is None:
                return outcome
            # Every call that ends is closed cleanly and then not known. Only something else is worth a line.
            usual = told or (self.gone_at is not None and self.gone_at == self.heard_until)
            level = logging.DEBUG if usual else logging.INFO
            log.log(level, "sideband of call %s: %s; dialling again in %.1f s", self._call.call_id, outcome.code, wait)
            await asyncio.sleep(wait)

    def detach(self) -> None:
        """Note in the journal that this observer leaves the call to another one."""
        if self.attached:
            self._note_detached(Detached(at=self._now(), how="left"))

    def give_up(self) -> None:
        """Note in the journal that the service neither says anything nor closes the sideband."""
        if self.attached:
            self._note_detached(Detached(at=self._heard_surely(), how="lost"))

    async def _dial_and_listen(self, *, doubted: bool) -> Closed | Literal["unknown"] | ErrorDetail:
        """Return how the sideband ended, or why none could be opened. The call is `doubted` if it seems to be over."""
        async with AsyncExitStack() as stack:
            try:
                dial = self._ports.dial(self._call.endpoint, self._call.call_id, doubted=doubted)
                sideband = await stack.enter_async_context(dial)
            except NoSuchCall:
                return "unknown"
            except SwitchboardError as error:
                return ErrorDetail(type="sideband", code=error.code, message=error.detail)
            self.attached, self.heard_at = True, self._now()
            self._observation.attach(self.heard_at)
            self._writer.write(Attached(at=self.heard_at))
            log.info("observer attached to call %s", self._call.call_id)
            if self._memory is not None:
                await stack.enter_async_context(self._memory.recalling(sideband))
            self._greeting.attach(sideband)
            await self._hands.attach(sideband)
            closed = await self._receive_until_closed(sideband)
            self._hands.detach()
            self._greeting.detach()
            broken = closed.how == "lost"
            # After a hang-up nobody attaches again, so that nothing else would show that something may be missing.
            until = self._heard_surely() if closed.silent or (broken and self.ending) else self._now()
            self.heard_all_until = None if broken else until
            self._note_detached(Detached(at=until, how=closed.how, code=closed.code))
            return closed

    async def _receive_until_closed(self, sideband: OpenSideband) -> Closed:
        watched = self._clock()
        while True:
            try:
                async with asyncio.timeout(max(0.0, watched + WATCHING_SECONDS - self._clock())):
                    heard = await sideband.receive()
            except TimeoutError:
                watched = self._clock()
                self._writer.write(Watching(at=self._now()))
                continue
            if isinstance(heard, Closed):
                return heard
            self.heard_at = self._now()
            if heard is not None:
                self._greeting.hear(heard)
                self._writer.write(*self._observation.receive(heard, self._clock()))
                for item_id in self._observation.take_missing():
                    await sideband.send(_retrieve(item_id))
                await self._hands.hear(heard)

    def _note_detached(self, line: Detached) -> None:
        self.attached = False
        self.heard_until = line.at
        self._writer.write(line)

    def _heard_surely(self) -> float:
        """Return until when the sideband was surely alive, if nothing is heard on it any more, in Unix seconds."""
        return max(self.heard_at, self._now() - SILENT_SECONDS)

    def _newborn(self) -> bool:
        return not self._observation.attached and self._clock() - self._call.at <= NEWBORN_SECONDS

    def _now(self) -> float:
        return round(self._clock(), 3)


def _retrieve(item_id: str) -> str:
    event_id = f"{OWN_EVENT_PREFIX}{item_id}"
    event = {"type": "conversation.item.retrieve", "event_id": event_id, "item_id": item_id}
    return msgspec.json.encode(event).decode()
