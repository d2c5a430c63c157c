"""These tests use the emulator as a real WebRTC peer: sound both ways, the data channel, its filter, a call's end."""

import asyncio
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from local.realtime.protocol.events import FILTERED_EVENTS
from tests.emulator import Emulator
from tests.service.peer import Caller, Microphone
from tests.service.realtime import Service, call_id
from tests.wait import eventually

TRANSCRIBED = {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}
ARTICLES_ELEVEN = {
    *("input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"),
    *("output_audio_buffer.started", "output_audio_buffer.stopped"),
    "conversation.item.input_audio_transcription.completed",
    *("conversation.item.added", "conversation.item.created"),
    *("response.output_text.delta", "response.output_text.done"),
    *("response.output_audio_transcript.delta", "response.output_audio_transcript.done"),
}


@pytest.fixture
def service(emulator: Emulator) -> Service:
    return Service(emulator.url)


async def hum(peer: Caller, seconds: float) -> None:
    """Speak for a while. The pause afterwards is left to the caller."""
    peer.microphone.humming = True
    await asyncio.sleep(seconds)
    peer.microphone.humming = False


async def test_the_answer_is_heard(service: Service) -> None:
    """Speech is detected by its level, answered aloud, and transcribed for both sides."""
    async with service.caller(audio=TRANSCRIBED) as peer:
        await peer.wait_for("session.created")
        quiet = peer.energy
        await hum(peer, 0.6)
        started = await peer.wait_for("output_audio_buffer.started")
        await peer.until(lambda: peer.loud_now, what="sound")
        stopped = await peer.wait_for("output_audio_buffer.stopped")
        heard = await peer.wait_for("conversation.item.input_audio_transcription.completed")
        done = await peer.wait_for("response.done")

        assert quiet == pytest.approx(0, abs=1e-6)
        assert peer.energy > 0.005
        assert started["response_id"] == stopped["response_id"] == done["response"]["id"]
        assert heard["transcript"].startswith("(speech of 0.")
        assert done["response"]["output"][0]["content"][0]["transcript"].startswith("I heard you speak for 0.")
        await peer.until(lambda: not peer.loud_now, what="silence")


async def test_the_filter_lets_eleven_events_through(service: Service, emulator: Emulator) -> None:
    """With webrtcfilter=on, the page receives only these events, while a sideband receives them and all others."""
    async with service.caller(filtered=True, audio=TRANSCRIBED) as peer, service.sideband(peer.call_id) as sideband:
        emulator.turn(peer.call_id, "Hello", "Good morning.")
        await peer.wait_for("output_audio_buffer.stopped")
        await sideband.wait_for("output_audio_buffer.stopped")
        passed = [event for event in sideband.events if event["type"] in ARTICLES_ELEVEN]
        hidden = set(sideband.types) - ARTICLES_ELEVEN

        assert FILTERED_EVENTS == ARTICLES_ELEVEN
        assert peer.events == passed
        assert hidden >= {"response.created", "response.done", "conversation.item.done", "input_audio_buffer.committed"}
        assert emulator.calls()[peer.call_id]["filter"] is True


async def test_the_filter_does_not_bind_the_page(service: Service) -> None:
    """The filter is for events to the page, which may still send any event. It receives no errors either."""
    async with service.caller(filtered=True) as peer, service.sideband(peer.call_id) as sideband:
        peer.send(type="session.update", session={"type": "realtime", "instructions": "Obey the page."})
        peer.send(type="nonsense", event_id="n")
        peer.send(type="response.create", response={"output_modalities": ["text"]})
        updated = await sideband.wait_for("session.updated")
        refused = await sideband.wait_for("error")
        await peer.wait_for("response.output_text.done")

        assert updated["session"]["instructions"] == "Obey the page."
        assert refused["error"]["event_id"] == "n"
        assert {event["type"] for event in peer.events} <= ARTICLES_ELEVEN


async def test_without_the_filter_both_get_the_same(service: Service, emulator: Emulator) -> None:
    async with service.caller() as peer, service.sideband(peer.call_id) as sideband:
        emulator.turn(peer.call_id, "Hello", "Good morning.")
        await peer.wait_for("output_audio_buffer.stopped")
        await sideband.wait_for("output_audio_buffer.stopped")

        assert peer.events[0]["type"] == "session.created"
        assert peer.events[1:] == sideband.events


async def test_speaking_over_the_answer_silences_it(service: Service, emulator: Emulator) -> None:
    """When the caller interrupts through the microphone, the sound stops at once, and the item is cut there."""
    async with service.caller() as peer:
        emulator.turn(peer.call_id, "Count", "One two three four five six seven eight nine ten eleven twelve.")
        await peer.wait_for("output_audio_buffer.started")
        await peer.until(lambda: peer.energy > 0.002, what="sound")
        await hum(peer, 0.3)
        truncated = await peer.wait_for("conversation.item.truncated")
        await peer.until(lambda: not peer.loud_now, 1, "silence")
        energy = peer.energy
        started = next(event for event in peer.events[5:] if event["type"] == "input_audio_buffer.speech_started")
        stopped = await peer.wait_for("input_audio_buffer.speech_stopped", after=peer.events.index(started))
        later = peer.energy

        assert 0 < truncated["audio_end_ms"] < 3000
        assert later - energy < 0.001
        assert stopped["item_id"] == started["item_id"]


async def test_a_client_silences_the_answer(service: Service, emulator: Emulator) -> None:
    """A page silences the answer with output_audio_buffer.clear on the data channel."""
    async with service.caller() as peer:
        emulator.turn(peer.call_id, "Count", "One two three four five six seven eight nine ten eleven twelve.")
        await peer.until(lambda: peer.energy > 0.002, what="sound")
        peer.send(type="output_audio_buffer.clear")
        await peer.wait_for("output_audio_buffer.cleared")

        await peer.until(lambda: not peer.loud_now, 1, "silence")


async def test_without_turn_detection_the_client_decides(service: Service) -> None:
    """With turn_detection null, nothing happens by itself.

    A commit makes an item, and there is no answer until the client asks for one.
    """
    session: dict[str, Any] = {"audio": {"input": {"turn_detection": None}}, "output_modalities": ["text"]}
    async with service.caller(**session) as peer:
        await hum(peer, 0.5)
        peer.send(type="input_audio_buffer.commit")
        committed = await peer.wait_for("input_audio_buffer.committed")
        await peer.wait_for("conversation.item.done")
        peer.send(type="response.create")
        await peer.wait_for("response.done")
        types = [event["type"] for event in peer.events]

        assert "input_audio_buffer.speech_started" not in types
        assert committed["previous_item_id"] is None
        assert types.index("response.created") > types.index("conversation.item.done")


async def test_any_label_will_do(service: Service) -> None:
    async with service.caller(label="realtime-channel") as peer:
        await peer.wait_for("session.created")


async def test_hanging_up_closes_the_channel_at_once(service: Service, emulator: Emulator) -> None:
    async with service.caller() as peer:
        began = asyncio.get_running_loop().time()
        assert (await asyncio.to_thread(service.hang_up, peer.call_id)).status_code == 200
        await asyncio.wait_for(peer.closed.wait(), 5)

        assert asyncio.get_running_loop().time() - began < 1
        assert emulator.calls()[peer.call_id]["peer"] == "closed"


@pytest.mark.parametrize("how", ["connection", "channel"])
async def test_the_call_ends_when_the_caller_leaves(service: Service, emulator: Emulator, how: str) -> None:
    """When the caller closes the connection, or only its channel, the sideband is closed cleanly."""
    async with service.caller() as peer, service.sideband(peer.call_id) as sideband:
        if how == "connection":
            await peer.close()
        else:
            peer.channel.close()

        assert await sideband.wait_closed() == (1000, "")
        assert emulator.calls()[peer.call_id]["ended_by"] == "peer_left"


async def test_a_caller_may_come_without_a_channel(service: Service, emulator: Emulator) -> None:
    """An offer of audio alone is answered, and the peers connect."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTrack(Microphone())
    await connection.setLocalDescription(await connection.createOffer())
    answer = await asyncio.to_thread(service.post_call, connection.localDescription.sdp)
    try:
        await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await eventually(lambda: emulator.calls()[call_id(answer)]["peer"] == "connected", "connected")
        assert "m=application" not in answer.text
    finally:
        await connection.close()
