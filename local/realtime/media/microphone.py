"""This program records a WAV file for a browser's fake microphone.

    python -m local.realtime.media.microphone OUT.wav 2 "Hello there" 6

A number is a silence of that many seconds; anything else is spoken. Give the file to Chromium with
`--use-file-for-fake-audio-capture=OUT.wav%noloop`. (The beep of Chromium's own fake microphone never pauses, so a voice
detector would never hear a turn end.)
"""

import sys
import wave
from collections.abc import Sequence
from pathlib import Path

from local.realtime.media.speech import RATE, engine, frames

_VOICE, _WORDS_PER_MINUTE = "m3", 160
_USAGE = 'usage: python -m local.realtime.media.microphone OUT.wav [SECONDS | "WORDS"] ...'


def record(path: Path, script: Sequence[str | float]) -> None:
    """Write a mono 16-bit WAV file at 48 kHz, in which words are spoken and numbers are seconds of silence."""
    voiced = engine()
    with wave.open(str(path), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(RATE)
        for part in script:
            if isinstance(part, str):
                spoken = frames(voiced.pcm(part, _VOICE, _WORDS_PER_MINUTE), voiced.rate)
                recording.writeframes(b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in spoken))
            else:
                recording.writeframes(bytes(round(part * RATE) * 2))


def main(arguments: Sequence[str]) -> None:
    """Record what the command line asks for.

    Raises:
        SystemExit: The command line has no script.
    """
    if len(arguments) < 2:
        raise SystemExit(_USAGE)
    record(Path(arguments[0]), [_number_or_words(argument) for argument in arguments[1:]])


def _number_or_words(argument: str) -> str | float:
    try:
        return float(argument)
    except ValueError:
        return argument


if __name__ == "__main__":
    main(sys.argv[1:])
