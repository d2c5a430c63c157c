"""One call: its session, its conversation, and everybody who listens to it."""

import asyncio
import copy
import json
import logging
import time
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any, Protocol

from local.realtime.errors import invalid
from local.realtime.media.speech import Synthesizer
from local.realtime.options import Options
from local.realtime.protocol.dialect import GA, Dialect
from local.realtime.protocol.events import FILTERED_EVENTS, Event, error_event, event
from local.realtime.talk import client_events
from local.realtime.talk.conversation import Conversation
from local.realtime.talk.playback import Playback
from local.realtime.talk.responder import Responder
from local.realtime.talk.turns import Turns

logger = logging.getLogger(__name__)

CAP_REASON = "Your session hit the maximum duration of 60 minutes."


class CallState(Enum):
    """A call lives until it has ended; it never comes back."""

    LIVE = "live"
    ENDED = "ended"


class Listener(Protocol):
    """Somebody who gets the call's events: a data channel or a sideband."""

    filtered: bool
    """Whether only the events of `webrtcfilter=on` are for them."""

    def send(self, message: str) -> None:
        """Take one event, as JSON; never blocks."""

    def end(self, code: int, reason: str) -> None:
        """The call is over: close, with that WebSocket code where there is one."""


class Call:
    """One call from its 201 to its end. Everything happens on the event loop's thread."""

    def __init__(
        self,
        call_id: str,
        session: dict[str, Any],
        options: Options,
        synthesizer: Synthesizer,
        dialect: Dialect = GA,
    ) -> None:
        self.id = call_id
        self.options = options
        self.synthesizer = synthesizer
        self.dialect = dialect
        self.session = {**copy.deepcopy(session), "expires_at": int(time.time() + options.max_call_seconds)}
        self.conversation = Conversation()
        self.playback = Playback(self.publish)
        self.responder = Responder(self)
        self.turns = Turns(self)
        self.listeners: list[Listener] = []
        self.ended_by: str | None = None
        """Why it ended: `hangup`, `peer_left`, `max_duration` or `shutdown`."""
        self.on_end: list[Callable[[], None]] = []
        """Called once, when the call has ended."""
        self._state = CallState.LIVE
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timers: set[asyncio.TimerHandle] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.later(options.max_call_seconds * 1000, self.reach_cap)

    @property
    def state(self) -> CallState:
        """Whether it is still going on."""
        return self._state

    def clock_ms(self) -> int:
        """Milliseconds since the call began."""
        return round((self._loop.time() - self._began) * 1000)

    def publish(self, *events: Event) -> None:
        """Send events to everybody who listens: the same event, with the same id."""
        for message in filter(None, map(self.dialect.outgoing, events)):
            text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
            for listener in list(self.listeners):
                if not listener.filtered or message["type"] in FILTERED_EVENTS:
                    listener.send(text)

    def session_created(self) -> str:
        """What a data channel gets first, unless it is filtered; a sideband never does."""
        created = event("session.created", session=self.session)
        return json.dumps(self.dialect.outgoing(created), ensure_ascii=False)

    def receive(self, message: str | bytes) -> None:
        """Take a client's event."""
        if self._state is CallState.LIVE:
            client_events.handle(self, message)

    def later(self, delay_ms: float, action: Callable[[], None]) -> None:
        """Do something after a while, unless the call has ended by then."""

        def act() -> None:
            self._timers.discard(timer)
            action()

        timer = self._loop.call_later(delay_ms / 1000, act)
        self._timers.add(timer)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something until it is done or the call has ended."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def speak(self, words: str, speech_ms: int, answer: str | None) -> None:
        """A spoken turn of the caller that a test scripts; takes as long as the speech."""
        finish = self.turns.start()
        await asyncio.sleep(speech_ms / 1000)
        finish(words, answer)

    def reach_cap(self) -> None:
        """End the call as the service does after 60 minutes."""
        self.publish(error_event(invalid("session_expired", CAP_REASON).error))
        self.end("max_duration", 1001, CAP_REASON)

    def end(self, why: str, code: int = 1000, reason: str = "") -> None:
        """End the call, once: media stops, everybody is let go."""
        if self._state is CallState.ENDED:
            return
        self._state, self.ended_by = CallState.ENDED, why
        logger.info("call %s ended: %s", self.id, why)
        self.responder.close()
        self.playback.close()
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        for listener in self.listeners:
            listener.end(code, reason)
        self.listeners.clear()
        for action in self.on_end:
            action()
