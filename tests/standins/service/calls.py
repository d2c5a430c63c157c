"""A call: it is created, joined, talks, and ends. What happens goes to its sidebands and into the ledger."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tests.standins.service.events import Conversation, Pace, Step
from tests.standins.service.ledger import JSON, Truth

# Nobody has typed a sentence at the moment at which the browser joins.
TYPING_SECONDS = 1.0


class Listener(Protocol):
    """Describes an attached sideband."""

    def hear(self, event: JSON) -> None:
        """Take an event of the call."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """End with a close frame, after what has been heard."""
        ...

    def drop(self) -> None:
        """End at once, without a close frame."""
        ...


class Call:
    """Acts out one call. Nobody who has not joined within `join_seconds` keeps it up."""

    def __init__(self, truth: Truth, rng: random.Random, pace: Pace, join_seconds: float) -> None:
        self.truth = truth
        self.conversation = Conversation(rng, pace)
        self.listeners: list[Listener] = []
        self._rng = rng
        self._only = pace.only
        self._tasks: set[asyncio.Task[Any]] = set()
        self._speaking = asyncio.Lock()
        self._events = 0
        self.talking = False
        """Whether the conversation that a browser came for is still going on."""
        self._start(self._unless_joined(join_seconds))

    @property
    def up(self) -> bool:
        """Return whether the call goes on."""
        return self.truth.ended is None

    def join(self, turns: int, pause: float, *, leave: bool = False, functions: Sequence[tuple[str, str]] = ()) -> None:
        """Let the browser come in and hold a conversation of so many turns, with pauses of about `pause` seconds.

        With `leave` it goes away afterwards; otherwise it stays, silent. In about half of the turns the model calls one
        of the `functions`, each given by its name and its arguments.
        """
        self.truth.joined, self.talking = time.time(), True
        self._start(self._talk(turns, pause, leave=leave, functions=functions))

    def leave(self) -> None:
        """Let the browser go away."""
        self.end("peer")

    def answer(self) -> bool:
        """Begin a response that somebody on the sideband asked for. Return False if another one is under way."""
        if self.conversation.response is not None:
            return False
        self._start(self._speak(self.conversation.goes_on()))
        return True

    def create(self, item: JSON) -> bool:
        """Put an item into the conversation. Return False if there is one of its id."""
        steps = self.conversation.create(item)
        for _, event in steps or ():
            self.emit(event)
        return steps is not None

    def end(self, by: str, code: int = 1000, reason: str = "") -> None:
        """End the call. A response under way is billed for what it was, and then the sidebands close."""
        if not self.up:
            return
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        if self.conversation.response is not None:
            self.emit(self.conversation.response_done("cancelled", reason="client_cancelled"))
        self.truth.ended, self.truth.ended_by = time.time(), by
        for listener in list(self.listeners):
            listener.close(code, reason)

    def emit(self, event: JSON) -> None:
        """Send an event to all who listen; it becomes part of the truth."""
        if not self.up or (self._only and event["type"] not in self._only):
            return
        self._events += 1
        event = {"event_id": f"event_{self.truth.call_id[-12:]}_{self._events}", **event}
        self.truth.events.append((time.time(), event))
        for listener in list(self.listeners):
            listener.hear(event)

    async def _unless_joined(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.truth.joined is None:
            self.end("nobody_joined")

    async def _talk(self, turns: int, pause: float, *, leave: bool, functions: Sequence[tuple[str, str]]) -> None:
        for _ in range(turns):
            if functions and self._rng.random() < 0.5:
                await asyncio.sleep(TYPING_SECONDS)
                await self._speak(self.conversation.asks_for(*self._rng.choice(functions)))
                await asyncio.sleep(pause * self._rng.uniform(0.5, 1.5))
                continue
            kind = self._rng.random()
            typed = kind < 0.15
            if typed:
                await asyncio.sleep(TYPING_SECONDS)
            await self._speak(self.conversation.typed() if typed else self.conversation.spoken(interrupted=kind > 0.85))
            await asyncio.sleep(pause * self._rng.uniform(0.5, 1.5))
        self.talking = False
        if leave:
            self.leave()

    async def _speak(self, steps: Iterator[Step]) -> None:
        async with self._speaking:
            for wait, event in steps:
                if wait:
                    await asyncio.sleep(wait)
                self.emit(event)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
