"""The WebRTC peer of one call: takes the offer, speaks, listens, and carries the data channel."""

import array
import asyncio
import logging
import math
import operator
from typing import Any

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
from local.realtime.media.track import Voice
from local.realtime.talk.call import Call, CallState

logger = logging.getLogger(__name__)

_EVERY_NTH_SAMPLE = 8  # enough to tell how loud a frame is
_SILENT_DB = -127.0
_CODECS = ("opus", "PCMU", "PCMA")  # what the service answers; Opus first, as the voice is sent in nothing else
_interfaces = aioice.ice.get_host_addresses


def _with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return ["127.0.0.1", *(_interfaces(use_ipv4, use_ipv6) if use_ipv4 else [])]


# aioice leaves 127.0.0.1 out and has no setting for it; a laptop without a network has nothing else.
aioice.ice.get_host_addresses = _with_loopback


class Peer:
    """The service's end of a call's media connection."""

    def __init__(self, call: Call, *, filtered: bool) -> None:
        self._call = call
        self._voice = Voice()
        self._filtered = filtered
        self._connected = False
        # No ICE servers: aiortc's default is a public STUN server.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._speaker = self._connection.addTransceiver(self._voice)
        capabilities = RTCRtpSender.getCapabilities("audio").codecs
        self._speaker.setCodecPreferences(
            [codec for name in _CODECS for codec in capabilities if codec.mimeType == f"audio/{name}"]
        )
        self._connection.on("connectionstatechange", self._state_changed)
        self._connection.on("datachannel", self._channel_opened)
        self._connection.on("track", self._track_added)
        self._closing: asyncio.Task[None] | None = None
        call.on_end.append(self.close)
        call.later(call.options.connect_seconds * 1000, self._give_up)

    @property
    def state(self) -> str:
        """`connecting`, `connected`, `closed`, or `none` when nobody came."""
        if self._closing is not None:
            return "closed" if self._connected else "none"
        return "connected" if self._connected else "connecting"

    async def answer(self, offer: str) -> str:
        """Answer an SDP offer, with or without candidates. Does not wait for the other side.

        Raises:
            ServiceError: the offer cannot be answered.
        """
        if "\na=fingerprint:" not in offer:  # aiortc would notice in the DTLS handshake only
            raise invalid("invalid_offer", "The SDP offer has no fingerprint.")
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except (ValueError, IndexError, KeyError, AttributeError, AssertionError, OperationError) as error:
            # aiortc's parser fails in these ways on what is no SDP.
            raise invalid("invalid_offer", "The SDP offer could not be parsed.") from error
        if self._speaker.mid is None or len(self._connection.getTransceivers()) != 1:
            raise invalid("invalid_offer", "The SDP offer must have exactly one audio section and no video.")
        answer = self._connection.localDescription.sdp
        if "opus/48000" not in answer:
            raise invalid("invalid_offer", "The SDP offer must offer Opus.")
        return azure_answer(answer)

    def close(self) -> None:
        """Let the connection go, at once and for good."""
        if self._closing is None:
            self._voice.stop()
            self._closing = asyncio.create_task(self._connection.close())

    async def closed(self) -> None:
        """Wait until the sockets are gone."""
        if self._closing is not None:
            await self._closing

    def _give_up(self) -> None:
        if not self._connected:
            logger.info("call %s: no peer came", self._call.id)
            self.close()

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self._connected = True
            self._call.playback.output = self._voice
        elif state in ("failed", "closed") and self._closing is None:
            self._call.end("peer_left")

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if self._call.state is CallState.ENDED:
            return
        events = _Channel(channel, self._connection, filtered=self._filtered)
        if not self._filtered:
            events.send(self._call.session_created())
        self._call.listeners.append(events)
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
                    self._call.turns.hear(level_db(frame), frame.samples * 1000 / frame.sample_rate)
        except MediaStreamError:
            logger.debug("call %s: the microphone's track ended", self._call.id)


class _Channel:
    """The data channel as a listener."""

    def __init__(self, channel: RTCDataChannel, connection: RTCPeerConnection, *, filtered: bool) -> None:
        self.filtered = filtered
        self._channel = channel
        self._connection = connection

    def send(self, message: str) -> None:
        if self._channel.readyState == "open":
            self._channel.send(message)

    def end(self, code: int, reason: str) -> None:
        """Close it, so that the browser learns of the end without waiting for ICE to notice."""
        del code, reason
        if self._connection.connectionState == "connected":
            self._channel.close()


def level_db(frame: Any) -> float:
    """Loudness of a frame of 16-bit samples: RMS in dBFS."""
    channels = len(frame.layout.channels)
    samples = array.array("h", bytes(frame.planes[0])[: frame.samples * channels * 2])[::_EVERY_NTH_SAMPLE]
    power = sum(map(operator.mul, samples, samples)) / max(1, len(samples))
    return 10 * math.log10(power / 32768**2) if power else _SILENT_DB
