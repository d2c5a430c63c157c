"""These tests check that the emulator's speech is audible, is kept, and can feed a browser's fake microphone."""

import array
import math
import wave
from pathlib import Path

import av
import pytest

from local.realtime.clip import PACKET_MS, Clip
from local.realtime.media import microphone
from local.realtime.media.speech import RATE, SILENCE, Synthesizer
from local.realtime.talk.detector import Detector, Speech


def loudness(samples: "array.array[int]") -> float:
    """Return the loudness as RMS in dBFS."""
    power = sum(sample * sample for sample in samples) / max(1, len(samples))
    return 10 * math.log10(power / 32768**2) if power else -127.0


def decoded(packets: tuple[bytes, ...]) -> list["array.array[int]"]:
    """Return the samples of each packet, as any Opus decoder returns them."""
    decoder = av.CodecContext.create("libopus", "r")
    decoder.format, decoder.layout, decoder.sample_rate = "s16", "mono", RATE
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]
    return [array.array("h", bytes(frame.planes[0])[: frame.samples * 2]) for frame in frames]


async def test_words_are_audible() -> None:
    """Speech is about as loud and as long as people's, and comes in packets of 20 ms."""
    synthesizer = Synthesizer()
    clip = await synthesizer.say("Good morning, how can I help you today?", "marin")
    synthesizer.close()
    samples = decoded(clip.packets)

    assert 1500 < clip.duration_ms < 5000
    assert {len(piece) for piece in samples} == {RATE * PACKET_MS // 1000}
    assert -35 < loudness(array.array("h", b"".join(piece.tobytes() for piece in samples))) < -10


async def test_voices_and_speeds_differ_and_are_kept() -> None:
    synthesizer = Synthesizer()
    marin, ash = await synthesizer.say("Good morning", "marin"), await synthesizer.say("Good morning", "ash")
    fast = await synthesizer.say("Good morning", "marin", 1.5)
    again = await synthesizer.say("Good morning", "marin")
    synthesizer.close()

    assert marin.packets != ash.packets
    assert fast.duration_ms < marin.duration_ms
    assert again is marin


async def test_words_without_a_sound() -> None:
    synthesizer = Synthesizer()
    clip = await synthesizer.say("", "marin")
    synthesizer.close()

    assert clip.duration_ms < 100


def test_silence_is_silent() -> None:
    assert all(not any(samples) for samples in decoded((SILENCE, SILENCE)))


def test_the_first_part_of_a_clip() -> None:
    clip = Clip((b"a", b"b", b"c", b"d"))

    assert (clip.first(0.5).packets, clip.first(0).duration_ms, clip.first(1)) == ((b"a", b"b"), 0, clip)


def test_a_recording_for_a_fake_microphone(tmp_path: Path) -> None:
    """A number becomes silence, and words become what the emulator's own detector takes for speech."""
    path = tmp_path / "microphone.wav"
    microphone.main([str(path), "1", "Hello there", "1.5"])
    with wave.open(str(path), "rb") as recording:
        rate, channels, width = recording.getframerate(), recording.getnchannels(), recording.getsampwidth()
        samples = array.array("h", recording.readframes(recording.getnframes()))
    ear, found, frame = Detector(-45, 200), [], RATE // 50
    for start in range(0, len(samples), frame):
        change = ear.feed(loudness(samples[start : start + frame]), 20)
        if change:
            found.append((change, start / RATE))

    assert (rate, channels, width) == (RATE, 1, 2)
    assert not any(samples[:RATE])
    assert [change for change, _ in found] == [Speech.STARTED, Speech.STOPPED]
    assert 1 < found[0][1] < 1.3


def test_a_recording_needs_a_script() -> None:
    with pytest.raises(SystemExit):
        microphone.main(["only-a-file.wav"])
