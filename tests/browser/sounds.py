"""Make what the fake microphone plays: bursts of sound that a voice detector takes for speech."""

import math
import struct
import wave
from collections.abc import Iterable
from pathlib import Path

RATE = 48_000
PITCH = 140
SYLLABLE_SECONDS = 0.18


def write_speech(path: Path, seconds: float, bursts: Iterable[tuple[float, float]]) -> Path:
    """Write a wav file with a voice-like sound in each burst, a pair of start and length in seconds; else silence."""
    spans = [(start, start + length) for start, length in bursts]
    frames = bytearray()
    for index in range(int(seconds * RATE)):
        time = index / RATE
        loud = any(start <= time < end for start, end in spans)
        frames += struct.pack("<h", int(_voice(time) * 12_000) if loud else 0)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(frames))
    return path


def _voice(time: float) -> float:
    """Return one sample of a low voice that speaks in syllables. Browsers suppress a steady tone as noise."""
    syllable = abs(math.sin(math.pi * time / SYLLABLE_SECONDS))
    pitch = PITCH * (1 + 0.12 * math.sin(2.3 * time))
    return syllable * sum(math.sin(2 * math.pi * pitch * n * time) / n for n in range(1, 8)) / 2
