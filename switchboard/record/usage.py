"""What a call used, added up by kind: the service bills text, audio and cached tokens differently."""

from collections.abc import Iterable

import msgspec

from switchboard.realtime.events import ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record.lines import AnyLine, ResponseDone, Transcript


class InputUsage(msgspec.Struct):
    """Input tokens by kind. The cached ones are part of their kind, not added to it."""

    text: int = 0
    audio: int = 0
    image: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    cached_image: int = 0


class OutputUsage(msgspec.Struct):
    """Output tokens by kind."""

    text: int = 0
    audio: int = 0


class TranscriptionTotal(msgspec.Struct):
    """What the transcription deployment billed, in tokens or in seconds of audio; no part of the responses' usage."""

    input_text: int = 0
    input_audio: int = 0
    output: int = 0
    seconds: float = 0.0


class Usage(msgspec.Struct):
    """`total` is the responses' total_tokens, cancelled responses included; `responses` counts them."""

    responses: int
    total: int
    input: InputUsage
    output: OutputUsage
    transcription: TranscriptionTotal


def total_usage(lines: Iterable[AnyLine]) -> Usage:
    """Add up each response and each transcription once, however often the journal holds it."""
    usage = Usage(0, 0, InputUsage(), OutputUsage(), TranscriptionTotal())
    responses: dict[str, ResponseUsage] = {}
    transcriptions: dict[str, TranscriptionUsage] = {}
    for line in lines:
        if isinstance(line, ResponseDone) and line.usage:
            responses.setdefault(line.response_id, line.usage)
        elif isinstance(line, Transcript) and line.usage:
            transcriptions.setdefault(line.item_id, line.usage)
    for response in responses.values():
        _add_response(usage, response)
    for transcription in transcriptions.values():
        _add_transcription(usage.transcription, transcription)
    return usage


def _add_response(usage: Usage, bill: ResponseUsage) -> None:
    taken, given = bill.input_token_details, bill.output_token_details
    # Where the service does not break the cached tokens down, they are text: instructions come first in a context.
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
