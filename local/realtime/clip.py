"""This module defines a clip: encoded speech in the form in which the rooms hand it to each other."""

from dataclasses import dataclass

PACKET_MS = 20
"""The length of one Opus packet, in milliseconds."""


@dataclass(frozen=True)
class Clip:
    """A clip is speech that has been synthesised and encoded, so that sending it costs next to nothing."""

    packets: tuple[bytes, ...]
    """Opus packets in playing order, each holding `PACKET_MS` of sound."""

    @property
    def duration_ms(self) -> int:
        """Return how long the clip sounds, in milliseconds."""
        return len(self.packets) * PACKET_MS

    def first(self, share: float) -> "Clip":
        """Return the beginning of the clip; `share` says how much of it, from 0 (nothing) to 1 (all)."""
        return Clip(self.packets[: round(len(self.packets) * share)])
