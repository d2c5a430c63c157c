"""Adds up what a call used, separately for each kind of token.

The service bills text, audio, image and cached tokens at different prices.
"""

from collections.abc import Iterable

import msgspec

from switchboard.realtime.objects import ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record.lines import AnyLine, Line, ResponseDone, Transcript


class InputUsage(msgspec.Struct):
    """Counts the input tokens of all responses. Each response is billed for the whole conversation before it, again."""

    text: int = 0
    """Text tokens, cached ones included."""
    audio: int = 0
    """Audio tokens, cached ones included."""
    image: int = 0
    """Image tokens, cached ones included."""
    cached_text: int = 0
    """How many of the text tokens came from the service's cache."""
    cached_audio: int = 0
    """How many of the audio tokens came from the service's cache."""
    cached_image: int = 0
    """How many of the image tokens came from the service's cache."""


class OutputUsage(msgspec.Struct):
    """Counts the output tokens of all responses."""

    text: int = 0
    """Text tokens."""
    audio: int = 0
    """Audio tokens."""


class TranscriptionTotal(msgspec.Struct):
    """Says what the transcription deployment was billed for. It is billed separately from the responses.

    Some transcription models are billed by tokens, others by the duration of the audio.
    """

    input_text: int = 0
    """Text tokens that went in, such as the transcription prompt."""
    input_audio: int = 0
    """Audio tokens that went in: the caller's speech."""
    output: int = 0
    """Tokens of the transcripts that came out."""
    seconds: float = 0.0
    """The duration of the audio in seconds, where the model is billed by duration."""


class Usage(msgspec.Struct):
    """Says what a call was billed for."""

    responses: int
    """How many responses were billed, cancelled ones included."""
    total: int
    """The responses' input and output tokens together, as the service adds them up."""
    input: InputUsage
    """The responses' input tokens."""
    output: OutputUsage
    """The responses' output tokens."""
    transcription: TranscriptionTotal
    """The transcriptions' bill; `total` does not contain it."""

    @classmethod
    def nothing(cls) -> "Usage":
        """Return the usage of a call that was billed for nothing."""
        return cls(0, 0, InputUsage(), OutputUsage(), TranscriptionTotal())

    def add(self, other: "Usage") -> None:
        """Add another usage to this one, kind by kind."""
        self.responses += other.responses
        self.total += other.total
        for ours, theirs in (
            (self.input, other.input),
            (self.output, other.output),
            (self.transcription, other.transcription),
        ):
            for name in ours.__struct_fields__:
                setattr(ours, name, getattr(ours, name) + getattr(theirs, name))
        self.transcription.seconds = round(self.transcription.seconds, 3)


class Bills:
    """Adds up the bills in a journal, line by line. A response or transcription that occurs twice counts once."""

    def __init__(self) -> None:
        self._usage = Usage.nothing()
        self._responses: set[str] = set()
        self._transcriptions: set[str] = set()

    def note(self, line: AnyLine | Line) -> None:
        """Add what a line was billed for. Most lines are no bills."""
        if isinstance(line, ResponseDone) and line.usage:
            if line.response_id not in self._responses:
                self._responses.add(line.response_id)
                _add_response(self._usage, line.usage)
        elif isinstance(line, Transcript) and line.usage and line.item_id not in self._transcriptions:
            self._transcriptions.add(line.item_id)
            _add_transcription(self._usage.transcription, line.usage)

    def total(self) -> Usage:
        """Return the sum so far. Bills that are noted later do not change it."""
        total = Usage.nothing()
        total.add(self._usage)
        return total


def total_usage(lines: Iterable[AnyLine]) -> Usage:
    """Return the sum of all bills in a journal. A response or transcription that occurs twice counts once."""
    bills = Bills()
    for line in lines:
        bills.note(line)
    return bills.total()


def _add_response(usage: Usage, bill: ResponseUsage) -> None:
    taken, given = bill.input_token_details, bill.output_token_details
    # If the service does not say which kind the cached tokens are, count them as text: the instructions, which are
    # text, come first in the context, and the cache holds the beginning of a context.
    cached = taken.cached_tokens_details or TokenDetails(text_tokens=taken.cached_tokens)
    usage.responses += 1
    usage.total += bill.total_tokens
    usage.input.text += taken.text_tokens
    usage.input.audio += taken.audio_tokens
    usage.input.image += taken.image_tokens
    usage.input.cached_text += cached.text_tokens
    usage.input.cached_audio += cached.audio_tokens
    usage.input.cached_image += cached.image_tokens
    usage.output.text += given.text_tokens
    usage.output.audio += given.audio_tokens


def _add_transcription(total: TranscriptionTotal, bill: TranscriptionUsage) -> None:
    total.input_text += bill.input_token_details.text_tokens
    total.input_audio += bill.input_token_details.audio_tokens
    total.output += bill.output_tokens
    total.seconds = round(total.seconds + bill.seconds, 3)
