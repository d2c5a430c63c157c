"""What the caller hears: clips one after the other, in real time, and the `output_audio_buffer` events about them.

With a media peer the peer's track reports how much it has sent; without one, time passes as if somebody listened.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from local.realtime.media.speech import PACKET_MS, Clip
from local.realtime.protocol.events import Event, event


class Output(Protocol):
    """Something that sounds."""

    async def play(self, clip: Clip) -> None:
        """Play a clip to its end; cancelling stops it at once."""


@dataclass(frozen=True)
class Cut:
    """A clip that was stopped before its end."""

    item_id: str
    audio_end_ms: int
    """So much of it had been played."""


@dataclass
class _Entry:
    response_id: str
    item_id: str
    clip: Clip


class Playback:
    """The queue of clips of one call."""

    def __init__(self, publish: Callable[[Event], None]) -> None:
        self.output: Output | None = None
        """The connected peer's track, if there is one."""
        self._publish = publish
        self._queue: deque[_Entry] = deque()
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0

    @property
    def playing(self) -> bool:
        """Whether something is to be heard right now."""
        return self._task is not None

    def add(self, response_id: str, item_id: str, clip: Clip) -> None:
        """Play a clip, after those that are waiting. Starts at once when nothing plays."""
        self._queue.append(_Entry(response_id, item_id, clip))
        if self._task is None:
            self._start_next()

    def shorten(self, response_id: str, clip: Clip) -> None:
        """The response was cancelled: only `clip`, the part that had been made, will be heard."""
        entry = next((entry for entry in self._queue if entry.response_id == response_id), None)
        if entry is None:
            return
        entry.clip = clip
        if entry is self._queue[0] and self._task is not None:
            self._task.cancel()
            rest = Clip(clip.packets[self._played_ms() // PACKET_MS :])
            self._task = asyncio.create_task(self._play(rest))

    def clear(self) -> list[Cut]:
        """Silence at once. Returns what was cut off: the clip that was playing, and those that were waiting."""
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
        """Stop without a word: the call is over."""
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
