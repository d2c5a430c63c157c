"""This module is the WebRTC peer of a call: it answers the SDP offer, speaks, listens and carries the data channel."""

import array
import asyncio
import functools
import logging
import math
import operator
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import aioice.ice
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from local.realtime.errors import invalid
from local.realtime.media.answer_sdp import azure_answer
from local.realtime.media.track import Track

logger = logging.getLogger(__name__)

# One sample in eight is enough to tell how loud a frame is.
_EVERY_NTH_SAMPLE = 8
_SILENT_DB = -127.0
# These are the codecs that the service answers. Opus is first, because the emulator sends nothing else.
_CODECS = ("opus", "PCMU", "PCMA")


class Call(Protocol):
    """This port is what a peer needs of its call. All methods are called on the event loop's thread."""

    @property
    def id(self) -> str:
        """Return the call's identifier, for log lines."""

    @property
    def ended(self) -> bool:
        """Return whether the call has ended."""

    def join(self, listener: "Channel") -> None:
        """Send every event from now on to the data channel."""

    def session_created(self) -> str:
        """Return the `session.created` event as JSON text."""

    def receive(self, message: str | bytes) -> None:
        """Do what a client event asks, which has arrived on the data channel."""

    def hear(self, level_db: float, duration_ms: float) -> None:
        """Take the next piece of the microphone's audio: its loudness in dBFS and its length in milliseconds."""

    def play_on(self, output: Track) -> None:
        """Play on this track whatever the assistant says from now on."""

    def later(self, delay_ms: float, action: Callable[[], None]) -> None:
        """Call `action` after `delay_ms` milliseconds, unless the call has ended by then."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background until the call ends."""

    def at_end(self, action: Callable[[], None]) -> None:
        """Call `action` once, when the call has ended."""

    def end(self, why: str) -> None:
        """End the call; `why` is what the control plane then shows as `ended_by`."""


class Peer:
    """A peer is the service's end of the media connection of one call.

    `filtered` says that the data channel receives only the events of `webrtcfilter=on`. When no browser has connected
    within `connect_seconds`, the peer closes its sockets, and the call goes on without media.
    """

    def __init__(self, call: Call, *, filtered: bool, connect_seconds: float) -> None:
        _offer_loopback()
        self._call = call
        self._track = Track()
        self._filtered = filtered
        self._connected = False
        # Without this, aiortc would ask a public STUN server for the address of this machine.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._speaker = self._connection.addTransceiver(self._track)
        capabilities = RTCRtpSender.getCapabilities("audio").codecs
        self._speaker.setCodecPreferences(
            [codec for name in _CODECS for codec in capabilities if codec.mimeType == f"audio/{name}"]
        )
        self._connection.on("connectionstatechange", self._state_changed)
        self._connection.on("datachannel", self._channel_opened)
        self._connection.on("track", self._track_added)
        self._closing: asyncio.Task[None] | None = None
        call.at_end(self.close)
        call.later(connect_seconds * 1000, self._give_up)

    @property
    def state(self) -> str:
        """Return `connecting`, `connected` or `closed`; or `none` when it was closed before a browser connected."""
        if self._closing is not None:
            return "closed" if self._connected else "none"
        return "connected" if self._connected else "connecting"

    async def answer(self, offer: str) -> str:
        """Return the SDP answer to an SDP offer, which may have candidates or not. Do not wait for the browser.

        Raises:
            ServiceError: The offer cannot be answered.
        """
        if "\na=fingerprint:" not in offer:
            # Without this check, aiortc would fail only in the DTLS handshake, when the call already exists.
            raise invalid("invalid_offer", "The SDP offer has no fingerprint.")
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except (ValueError, IndexError, KeyError, AttributeError, AssertionError, OperationError) as error:
            # These are the ways in which aiortc's parser fails on text that is not SDP.
            raise invalid("invalid_offer", "The SDP offer could not be parsed.") from error
        if self._speaker.mid is None or len(self._connection.getTransceivers()) != 1:
            raise invalid("invalid_offer", "The SDP offer must have exactly one audio section and no video.")
        answer = self._connection.localDescription.sdp
        if "opus/48000" not in answer:
            raise invalid("invalid_offer", "The SDP offer must offer Opus.")
        return azure_answer(answer)

    def close(self) -> None:
        """Begin to close the connection. It is safe to call this more than once."""
        if self._closing is None:
            self._track.stop()
            self._closing = asyncio.create_task(self._connection.close())

    async def closed(self) -> None:
        """Wait until the sockets are closed, if `close` was called."""
        if self._closing is not None:
            await self._closing

    def _give_up(self) -> None:
        if not self._connected:
            logger.info("call %s: no browser connected", self._call.id)
            self.close()

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self._connected = True
            self._call.play_on(self._track)
        elif state in ("failed", "closed") and self._closing is None:
            self._call.end("peer_left")

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if self._call.ended:
            return
        events = Channel(channel, self._connection, filtered=self._filtered)
        if not self._filtered:
            events.send(self._call.session_created())
        self._call.join(events)
        channel.on("message", self._call.receive)
        channel.on("close", lambda: self._call.end("peer_left"))

    def _track_added(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self._call.spawn(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._call.hear(level_db(frame), frame.samples * 1000 / frame.sample_rate)
        except MediaStreamError:
            logger.debug("call %s: the microphone's track ended", self._call.id)


class Channel:
    """A channel is the data channel of a peer, as a listener to the call's events."""

    def __init__(self, channel: RTCDataChannel, connection: RTCPeerConnection, *, filtered: bool) -> None:
        self.filtered = filtered
        """Whether the channel receives only the events of `webrtcfilter=on`."""
        self._channel = channel
        self._connection = connection

    def send(self, message: str) -> None:
        """Send one event as JSON text, if the channel is open."""
        if self._channel.readyState == "open":
            self._channel.send(message)

    def end(self, code: int, reason: str) -> None:
        """Close the channel, so that the browser learns of the end at once instead of when ICE notices it.

        A data channel has no close frame, so `code` and `reason` are not used.
        """
        del code, reason
        if self._connection.connectionState == "connected":
            self._channel.close()


def level_db(frame: Any) -> float:
    """Return the loudness of a frame of 16-bit samples, as RMS in dBFS."""
    channels = len(frame.layout.channels)
    samples = array.array("h", bytes(frame.planes[0])[: frame.samples * channels * 2])[::_EVERY_NTH_SAMPLE]
    power = sum(map(operator.mul, samples, samples)) / max(1, len(samples))
    return 10 * math.log10(power / 32768**2) if power else _SILENT_DB


@functools.cache
def _offer_loopback() -> None:
    """Make aioice offer 127.0.0.1 as a candidate, for all peers of this process.

    aioice leaves that address out and has no setting for it, and a laptop without a network has no other address.
    """
    interfaces = aioice.ice.get_host_addresses

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1", *(interfaces(use_ipv4, use_ipv6) if use_ipv4 else [])]

    aioice.ice.get_host_addresses = with_loopback
