"""Provides a caller for tests: a real WebRTC peer (aiortc).

Its microphone hums on demand, and it measures how loud the audio is that it receives.
"""

import array
import asyncio
import contextlib
import json
import math
from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

RATE = 48000
SAMPLES = 960  # 20 ms
_TONE_HZ = 220
_LOUD = array.array("h", (round(9000 * math.sin(2 * math.pi * _TONE_HZ * n / RATE)) for n in range(RATE)))
_AUDIBLE_RMS = 300


class Microphone(MediaStreamTrack):
    """Sends silence, or a tone while `humming` is true."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.humming = False
        self._sent = 0
        self._began = 0.0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now = asyncio.get_running_loop().time()
        self._began = self._began or now
        await asyncio.sleep(self._began + self._sent / RATE - now)
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        start = self._sent % RATE
        frame.planes[0].update(_LOUD[start : start + SAMPLES].tobytes() if self.humming else bytes(SAMPLES * 2))
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sent, Fraction(1, RATE)
        self._sent += SAMPLES
        return frame


class Caller:
    """Acts as one end of a call, as a browser would. Use `caller()` to get one."""

    def __init__(self, label: str) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.microphone = Microphone()
        self.connection.addTrack(self.microphone)
        self.channel = self.connection.createDataChannel(label)
        self.events: list[dict[str, Any]] = []
        """What came over the data channel."""
        self.call_id = ""
        """Set by whoever places the call."""
        self.opened = asyncio.Event()
        self.closed = asyncio.Event()
        self.energy = 0.0
        """Like getStats' totalAudioEnergy: the sum of (RMS / full scale)² x seconds."""
        self.loud_now = False
        """Whether the latest 20 ms were audible."""
        self._news = asyncio.Event()
        self._ears: asyncio.Task[None] | None = None
        self.channel.on("open", self.opened.set)
        self.channel.on("close", self.closed.set)
        self.channel.on("message", self._received)
        self.connection.on("track", self._hear)

    async def offer(self) -> str:
        """Return an SDP offer without candidates, as a browser sends it that does not wait for ICE gathering."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        lines = self.connection.localDescription.sdp.splitlines()
        return "\r\n".join(line for line in lines if "candidate" not in line) + "\r\n"

    async def accept(self, answer: str) -> None:
        """Take the SDP answer and wait for the data channel to open."""
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await asyncio.wait_for(self.opened.wait(), 10)

    def send(self, **event: Any) -> None:
        """Send a client event over the data channel."""
        self.channel.send(json.dumps(event))

    async def wait_for(self, kind: str, *, after: int = 0, seconds: float = 10) -> dict[str, Any]:
        """Wait for the first event of that type from position `after` in `events`, and return it."""
        return await self.until(
            lambda: next((each for each in self.events[after:] if each["type"] == kind), None), seconds, kind
        )

    async def until(self, condition: Callable[[], Any], seconds: float = 10, what: str = "") -> Any:
        """Wait until a condition on this caller's state is true, and return its value."""
        try:
            async with asyncio.timeout(seconds):
                while not (value := condition()):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            seen = [each["type"] for each in self.events]
            raise AssertionError(f"no {what or condition} among {seen}") from None
        return value

    async def close(self) -> None:
        """Leave the call, as a browser does when its page is closed."""
        await self.connection.close()
        if self._ears is not None:
            await self._ears

    def _received(self, message: str) -> None:
        self.events.append(json.loads(message))
        self._news.set()

    def _hear(self, track: MediaStreamTrack) -> None:
        self._ears = asyncio.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame: Any = await track.recv()
                samples = array.array("h", bytes(frame.planes[0])[: frame.samples * 4])[::8]
                power = sum(sample * sample for sample in samples) / max(1, len(samples))
                self.energy += power / 32768**2 * frame.samples / frame.sample_rate
                self.loud_now = math.sqrt(power) > _AUDIBLE_RMS
                self._news.set()


@contextlib.asynccontextmanager
async def caller(label: str = "oai-events") -> AsyncIterator[Caller]:
    """Provide a caller that has not called anybody yet, and close it when the block ends."""
    peer = Caller(label)
    try:
        yield peer
    finally:
        await peer.close()
