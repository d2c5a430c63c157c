"""Voice detection by level: when does somebody start and stop speaking? Knows no clock and no socket.

The service's own detector is a model; this one compares loudness with a limit, which is enough for one microphone in a
quiet room and for tests. `semantic_vad` becomes a longer or shorter pause.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

_LOUDEST_LIMIT_DB = -25.0
_QUIETEST_LIMIT_DB = -65.0
_ONSET_MS = 60  # a click is shorter than a syllable
_PAUSES_MS = {"high": 300, "medium": 600, "auto": 600, "low": 1200}


class Speech(Enum):
    """What a detector found out with the latest audio."""

    STARTED = "started"
    STOPPED = "stopped"


@dataclass
class Detector:
    """One microphone's speech; feed it audio levels in order."""

    limit_db: float
    """Loudness (dBFS, RMS) from which a frame counts as voice."""
    silence_ms: int
    """So much quiet ends the speech."""
    speaking: bool = False
    _voiced_ms: float = 0
    _quiet_ms: float = 0

    def feed(self, level_db: float, duration_ms: float) -> Speech | None:
        """Take the next piece of audio; the answer is what it changed."""
        if level_db >= self.limit_db:
            self._voiced_ms += duration_ms
            self._quiet_ms = 0
            if not self.speaking and self._voiced_ms >= _ONSET_MS:
                self.speaking = True
                return Speech.STARTED
            return None
        self._quiet_ms += duration_ms
        if not self.speaking:
            # Syllables have gaps: forget the voice only after as much quiet as it lasted.
            self._voiced_ms = max(0, self._voiced_ms - duration_ms)
        elif self._quiet_ms >= self.silence_ms:
            self.speaking = False
            self._voiced_ms = 0
            return Speech.STOPPED
        return None


def detector(turn_detection: dict[str, Any] | None) -> Detector | None:
    """A detector for the session's `turn_detection`; None when turns are not detected."""
    if turn_detection is None:
        return None
    if turn_detection["type"] == "semantic_vad":
        return Detector(limit_db(0.5), _PAUSES_MS[turn_detection["eagerness"]])
    return Detector(limit_db(turn_detection["threshold"]), turn_detection["silence_duration_ms"])


def limit_db(threshold: float) -> float:
    """The loudness that a `threshold` (0..1) stands for, in dBFS; 0.5 is -45."""
    return _QUIETEST_LIMIT_DB + threshold * (_LOUDEST_LIMIT_DB - _QUIETEST_LIMIT_DB)
