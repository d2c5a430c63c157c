"""This module holds what the parts of a call share: its session, its conversation, its listeners, its clock."""

import asyncio
import copy
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from local.realtime.options import Options
from local.realtime.protocol.dialect import Dialect
from local.realtime.protocol.events import FILTERED_EVENTS, Event, event
from local.realtime.talk.conversation import Conversation


class Listener(Protocol):
    """A listener receives the events of a call; a data channel is one, and so is an attached sideband."""

    filtered: bool
    """Whether the listener receives only the events that `webrtcfilter=on` lets through."""

    def send(self, message: str) -> None:
        """Take one event as JSON text. This method never blocks."""

    def end(self, code: int, reason: str) -> None:
        """Close, because the call has ended; `code` and `reason` are for the close frame of a WebSocket."""


class Core:
    """The core of one call is what all the other parts of the call build on; it knows none of them.

    Everything happens on the thread of the event loop on which the core is created.
    """

    def __init__(self, call_id: str, session: dict[str, Any], options: Options, dialect: Dialect) -> None:
        self.id = call_id
        self.options = options
        self.dialect = dialect
        self.session = {**copy.deepcopy(session), "expires_at": int(time.time() + options.max_call_seconds)}
        """The session object in GA's form. It is replaced, not changed, by `session.update`."""
        self.conversation = Conversation()
        self.listeners: list[Listener] = []
        """Everybody who receives the call's events."""
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timers: set[asyncio.TimerHandle] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def clock_ms(self) -> int:
        """Return the time since the call began, in milliseconds."""
        return round((self._loop.time() - self._began) * 1000)

    def publish(self, *events: Event) -> None:
        """Send events to all listeners. Each listener receives the same event with the same `event_id`."""
        for message in filter(None, map(self.dialect.outgoing, events)):
            text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
            for listener in list(self.listeners):
                if not listener.filtered or message["type"] in FILTERED_EVENTS:
                    listener.send(text)

    def session_created(self) -> str:
        """Return `session.created` as JSON text in the dialect of the call."""
        created = event("session.created", session=self.session)
        return json.dumps(self.dialect.outgoing(created), ensure_ascii=False)

    def later(self, delay_ms: float, action: Callable[[], None]) -> None:
        """Call `action` after `delay_ms` milliseconds, unless the call has ended by then."""

        def act() -> None:
            self._timers.discard(timer)
            action()

        timer = self._loop.call_later(delay_ms / 1000, act)
        self._timers.add(timer)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background; it is cancelled when the call ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self, code: int, reason: str) -> None:
        """Cancel the timers and background tasks, and let all listeners go."""
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        for listener in self.listeners:
            listener.end(code, reason)
        self.listeners.clear()
