"""Defines what a measurement asks of its stand-ins, as values."""

import msgspec


class Scene(msgspec.Struct, frozen=True):
    """Says how slow the stand-ins are, and how the calls talk. Times are in seconds."""

    mint: float = 0.08
    """How long the service takes for a client secret."""
    answer: float = 0.12
    """How long the service takes for an SDP answer."""
    storage: float = 0.005
    """How long each storage operation takes."""
    turns: int = 1
    """How many turns each call has before its browser leaves."""
    pause: float = 0.1
    """How long a call is quiet after a turn, about."""
    speech: float = 0.3
    """How long the caller speaks in a turn, about."""
    playback: float = 0.3
    """How long the model is heard after its answer is complete, about."""
    words: int = 6
    """How many words an answer has, about; each comes in an event of its own."""
    only: tuple[str, ...] = ()
    """The types of events that the service sends; empty if it sends all."""
    threshold: int | None = None
    """The host's `newBatchThreshold`; None for that of host.json."""
    env: dict[str, str] = {}
    """App settings beside those of the example."""


BUSY = Scene()
"""Short calls, so that many of them fit into a measurement: 25 events in a second."""

LEAN = Scene(
    only=(
        *("input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "conversation.item.added"),
        *("conversation.item.input_audio_transcription.completed", "response.created"),
        *("response.output_audio_transcript.done", "response.done"),
    )
)
"""The same calls with 8 events each, which are those that a record of a turn is made of."""

# An answer of 25 words takes 10 s at 150 words a minute. In recorded traffic of Azure's service, an answer of 8 words
# came in 12 deltas, so 25 words come in about 37; its events come faster than they are spoken. The caller speaks for
# 4 s, and nobody for 2 s. With the 20 events that every spoken turn has, that makes about 3.4 events a second.
TALK = Scene(turns=1000, pause=2.0, speech=4.0, playback=10.0, words=37)
"""Real talk, by recorded traffic; the call ends at its limit."""
