"""This module plays clips to the caller, one after the other, and publishes the `output_audio_buffer` events.

Once a WebRTC peer has connected, a clip ends when its last packet has been sent. Before that, and in calls without
media, a clip ends when as much time has passed as it would have taken to play it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from local.realtime.clip import PACKET_MS, Clip
from local.realtime.protocol.events import Event, event


class Output(Protocol):
    """This port plays sound to the caller."""

    async def play(self, clip: Clip) -> None:
        """Play a clip and return when it has ended; cancelling this coroutine stops the sound at once."""


@dataclass(frozen=True)
class Cut:
    """A cut says that a clip was stopped before its end."""

    item_id: str
    """The conversation item that was being spoken."""
    audio_end_ms: int
    """How much of the clip had been played, in milliseconds; 0 for a clip that was still waiting."""


@dataclass
class _Entry:
    response_id: str
    item_id: str
    clip: Clip


class Playback:
    """This class is the queue of the clips of one call; `publish` receives the events about them."""

    def __init__(self, publish: Callable[[Event], None]) -> None:
        self.output: Output | None = None
        """Where clips are played; None until a WebRTC peer has connected."""
        self._publish = publish
        self._queue: deque[_Entry] = deque()
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0

    @property
    def playing(self) -> bool:
        """Return whether a clip is playing at this moment."""
        return self._task is not None

    def add(self, response_id: str, item_id: str, clip: Clip) -> None:
        """Play a clip after those that are waiting, or at once when none is playing."""
        self._queue.append(_Entry(response_id, item_id, clip))
        if self._task is None:
            self._start_next()

    def shorten(self, response_id: str, clip: Clip) -> None:
        """Play only `clip`, the part of a cancelled response that had been made, in place of all of it."""
        entry = next((entry for entry in self._queue if entry.response_id == response_id), None)
        if entry is None:
            return
        entry.clip = clip
        if entry is self._queue[0] and self._task is not None:
            self._task.cancel()
            rest = Clip(clip.packets[self._played_ms() // PACKET_MS :])
            self._task = asyncio.create_task(self._play(rest))

    def clear(self) -> list[Cut]:
        """Stop the sound at once. Return what was cut: the clip that was playing, then those that were waiting."""
        if self._task is None:
            return []
        self._task.cancel()
        self._task = None
        cuts = [Cut(entry.item_id, 0) for entry in self._queue]
        cuts[0] = Cut(self._queue[0].item_id, min(self._played_ms(), self._queue[0].clip.duration_ms))
        self._publish(event("output_audio_buffer.cleared", response_id=self._queue[0].response_id))
        self._queue.clear()
        return cuts

    def close(self) -> None:
        """Stop without publishing anything, because the call has ended."""
        if self._task is not None:
            self._task.cancel()
        self._queue.clear()

    def _start_next(self) -> None:
        entry = self._queue[0]
        self._publish(event("output_audio_buffer.started", response_id=entry.response_id))
        self._began = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._play(entry.clip))

    async def _play(self, clip: Clip) -> None:
        if self.output is not None:
            await self.output.play(clip)
        else:
            await asyncio.sleep(clip.duration_ms / 1000)
        self._task = None
        self._publish(event("output_audio_buffer.stopped", response_id=self._queue.popleft().response_id))
        if self._queue:
            self._start_next()

    def _played_ms(self) -> int:
        return round((asyncio.get_running_loop().time() - self._began) * 1000)
