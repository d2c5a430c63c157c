"""This module detects from its loudness when a voice starts and stops. It knows neither clock nor socket.

The service's own detector is a model. This one compares loudness with a limit, which is enough for one microphone in a
quiet room and for tests; it imitates `semantic_vad` by waiting for a longer or a shorter pause.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

_LOUDEST_LIMIT_DB = -25.0
_QUIETEST_LIMIT_DB = -65.0
# A click is shorter than this, a syllable is longer.
_ONSET_MS = 60
_PAUSES_MS = {"high": 300, "medium": 600, "auto": 600, "low": 1200}


class Speech(Enum):
    """A detector returns one of these when the latest piece of audio made a difference."""

    STARTED = "started"
    STOPPED = "stopped"


@dataclass
class Detector:
    """A detector follows the speech at one microphone."""

    limit_db: float
    """The loudness from which a piece of audio counts as voice, as RMS in dBFS."""
    silence_ms: int
    """How much quiet ends the speech, in milliseconds."""
    speaking: bool = False
    """Whether somebody is speaking at this moment."""
    _voiced_ms: float = 0
    _quiet_ms: float = 0

    def feed(self, level_db: float, duration_ms: float) -> Speech | None:
        """Take the next piece of audio, and return what it changed, if anything.

        `level_db` is its loudness as RMS in dBFS, and `duration_ms` its length in milliseconds.
        """
        if level_db >= self.limit_db:
            self._voiced_ms += duration_ms
            self._quiet_ms = 0
            if not self.speaking and self._voiced_ms >= _ONSET_MS:
                self.speaking = True
                return Speech.STARTED
            return None
        self._quiet_ms += duration_ms
        if not self.speaking:
            # There are gaps between syllables, so the voice is forgotten only after as much quiet as there was voice.
            self._voiced_ms = max(0, self._voiced_ms - duration_ms)
        elif self._quiet_ms >= self.silence_ms:
            self.speaking = False
            self._voiced_ms = 0
            return Speech.STOPPED
        return None


def detector(turn_detection: dict[str, Any] | None) -> Detector | None:
    """Return a detector for the session's `turn_detection`, or None when the session does not detect turns."""
    if turn_detection is None:
        return None
    if turn_detection["type"] == "semantic_vad":
        return Detector(limit_db(0.5), _PAUSES_MS[turn_detection["eagerness"]])
    return Detector(limit_db(turn_detection["threshold"]), turn_detection["silence_duration_ms"])


def limit_db(threshold: float) -> float:
    """Return the loudness in dBFS that a `threshold` from 0 to 1 stands for; 0.5 is -45 dBFS."""
    return _QUIETEST_LIMIT_DB + threshold * (_LOUDEST_LIMIT_DB - _QUIETEST_LIMIT_DB)
