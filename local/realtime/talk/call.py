"""This module puts one call together from its parts, and keeps it from its 201 to its end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any

from local.realtime.errors import invalid
from local.realtime.options import Options
from local.realtime.protocol.dialect import GA, Dialect
from local.realtime.protocol.events import error_event
from local.realtime.talk.client_events import ClientEvents
from local.realtime.talk.core import Core, Listener
from local.realtime.talk.playback import Output, Playback
from local.realtime.talk.responder import Responder, Synthesis
from local.realtime.talk.turns import Turns

logger = logging.getLogger(__name__)

CAP_REASON = "Your session hit the maximum duration of 60 minutes."


class CallState(Enum):
    """A call is live until it has ended, and it never becomes live again."""

    LIVE = "live"
    ENDED = "ended"


class Call:
    """This class is one call as the other rooms see it.

    The HTTP side creates it, attaches sidebands to it and ends it. The WebRTC side connects a data channel, feeds it
    what the microphone delivers, and plays what it says. All methods have to be called on the event loop's thread.
    """

    def __init__(
        self,
        call_id: str,
        session: dict[str, Any],
        options: Options,
        synthesis: Synthesis,
        dialect: Dialect = GA,
    ) -> None:
        self._core = Core(call_id, session, options, dialect)
        self._playback = Playback(self._core.publish)
        self._responder = Responder(self._core, self._playback, synthesis)
        self._turns = Turns(self._core, self._responder)
        self._client_events = ClientEvents(self._core, self._responder, self._turns)
        self._state = CallState.LIVE
        self._joined = False
        self._at_end: list[Callable[[], None]] = []
        self.ended_by: str | None = None
        """Why the call ended: `hangup`, `peer_left`, `max_duration`, `shutdown` or `refused`; None while it is live."""
        self._core.later(options.max_call_seconds * 1000, self.reach_cap)

    @property
    def id(self) -> str:
        """Return the call's identifier, such as `rtc_0123…`."""
        return self._core.id

    @property
    def state(self) -> CallState:
        """Return whether the call is live or has ended."""
        return self._state

    @property
    def ended(self) -> bool:
        """Return whether the call has ended."""
        return self._state is CallState.ENDED

    @property
    def item_ids(self) -> list[str]:
        """Return the ids of the items of the conversation, in their order."""
        return [item.id for item in self._core.conversation.items]

    def join(self, listener: Listener) -> None:
        """Send every event from now on to a listener too."""
        self._core.listeners.append(listener)
        if not self._joined:
            self._joined = True
            self._responder.remote_tools.list()

    def leave(self, listener: Listener) -> None:
        """Send a listener nothing more. It is safe to call this for one that has already been let go."""
        if listener in self._core.listeners:
            self._core.listeners.remove(listener)

    def session_created(self) -> str:
        """Return the `session.created` event as JSON text, which an unfiltered data channel receives first."""
        return self._core.session_created()

    def receive(self, message: str | bytes) -> None:
        """Do what a client event asks; after the end of the call, ignore it."""
        if not self.ended:
            self._client_events.handle(message)

    def hear(self, level_db: float, duration_ms: float) -> None:
        """Take the next piece of the microphone's audio: its loudness in dBFS and its length in milliseconds."""
        self._turns.hear(level_db, duration_ms)

    def play_on(self, output: Output) -> None:
        """Play on `output` whatever the assistant says from now on."""
        self._playback.output = output

    def later(self, delay_ms: float, action: Callable[[], None]) -> None:
        """Call `action` after `delay_ms` milliseconds, unless the call has ended by then."""
        self._core.later(delay_ms, action)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background; it is cancelled when the call ends."""
        self._core.spawn(work)

    def at_end(self, action: Callable[[], None]) -> None:
        """Call `action` once, when the call has ended."""
        self._at_end.append(action)

    async def speak(self, words: str, speech_ms: int, answer: str | None) -> None:
        """Let the caller say what a test scripts, without media. This takes `speech_ms` milliseconds, as speech would.

        With `answer`, the assistant answers with these words instead of its own.
        """
        finish = self._turns.start()
        await asyncio.sleep(speech_ms / 1000)
        finish(words, answer)

    def reach_cap(self) -> None:
        """End the call as the service does after 60 minutes."""
        self._core.publish(error_event(invalid("session_expired", CAP_REASON).error))
        self.end("max_duration", 1001, CAP_REASON)

    def end(self, why: str, code: int = 1000, reason: str = "") -> None:
        """End the call: stop its media and let all listeners go. Only the first call of this method has an effect.

        `why` is kept as `ended_by`; `code` and `reason` are for the close frames of the sidebands.
        """
        if self.ended:
            return
        self._state, self.ended_by = CallState.ENDED, why
        logger.info("call %s ended: %s", self.id, why)
        self._responder.close()
        self._playback.close()
        self._core.close(code, reason)
        for action in self._at_end:
            action()
