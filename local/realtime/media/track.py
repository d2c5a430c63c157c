"""This module is the audio track that the caller hears: silence, and clips when the assistant speaks."""

import asyncio
from collections.abc import Iterator
from fractions import Fraction

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import Packet
from av.stream import Stream

from local.realtime.clip import PACKET_MS, Clip
from local.realtime.media.speech import RATE, SILENCE

# After a longer stall than this, the packets that were missed are skipped rather than sent in one burst.
_LATE_SECONDS = 0.2


class Track(MediaStreamTrack):
    """This track sends one encoded Opus packet every 20 ms, so that a call costs no encoding."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0
        self._sent = 0
        self._clip: Iterator[bytes] | None = None
        self._played: asyncio.Future[None] | None = None

    async def play(self, clip: Clip) -> None:
        """Play a clip instead of the one that is playing, and return when its last packet was sent.

        Cancelling this coroutine stops the sound at once.
        """
        played = self._played = asyncio.get_running_loop().create_future()
        self._clip = iter(clip.packets)
        try:
            await played
        finally:
            if self._played is played:
                self._clip = self._played = None

    async def recv(self) -> "Packet[Stream]":
        """Return the packet for the next 20 ms, when it is time to send it.

        Raises:
            MediaStreamError: The track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        now = asyncio.get_running_loop().time()
        if now - self._next > _LATE_SECONDS:
            self._next = now
        await asyncio.sleep(self._next - now)
        self._next += PACKET_MS / 1000
        packet = Packet(self._payload())
        packet.pts = self._sent * RATE * PACKET_MS // 1000
        packet.time_base = Fraction(1, RATE)
        self._sent += 1
        return packet

    def _payload(self) -> bytes:
        payload = next(self._clip, None) if self._clip is not None else None
        if payload is None:
            self._clip = None
            if self._played is not None and not self._played.done():
                self._played.set_result(None)
            return SILENCE
        return payload
