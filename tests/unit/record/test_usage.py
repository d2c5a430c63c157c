"""Tests that what the service bills is added up by kind, each bill once."""

from typing import Any

from switchboard.realtime.objects import ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record.lines import AnyLine, ResponseDone, Transcript
from switchboard.record.usage import InputUsage, OutputUsage, TranscriptionTotal, Usage, total_usage
from tests.unit.record.short_call import JOURNAL, at


def test_usage_by_kind() -> None:
    """All responses add up, cancelled ones too; transcription is billed separately and stays separate."""
    assert total_usage(JOURNAL) == Usage(
        responses=2,
        total=385,
        input=InputUsage(text=240, audio=45, cached_text=64),
        output=OutputUsage(text=20, audio=80),
        transcription=TranscriptionTotal(input_audio=15, output=5),
    )


def bill(**details: Any) -> ResponseUsage:
    return ResponseUsage(total_tokens=100, input_token_details=TokenDetails(**details))


def done(response_id: str, usage: ResponseUsage | None) -> ResponseDone:
    return ResponseDone(at=at(1), response_id=response_id, usage=usage)


def test_nothing_used() -> None:
    """Without a bill everything is nought; a response without one is not counted."""
    assert total_usage([done("r1", None), Transcript(at=at(1), item_id="u1", role="user")]) == Usage(
        0, 0, InputUsage(), OutputUsage(), TranscriptionTotal()
    )


def test_cached_tokens_by_kind() -> None:
    """The service says of which kind the cached tokens were; they remain part of their kind."""
    details = TokenDetails(
        text_tokens=500,
        audio_tokens=300,
        image_tokens=200,
        cached_tokens=60,
        cached_tokens_details=TokenDetails(text_tokens=30, audio_tokens=20, image_tokens=10),
    )
    found = total_usage([done("r1", ResponseUsage(input_token_details=details)), done("r2", bill(image_tokens=7))])

    assert found.input == InputUsage(text=500, audio=300, image=207, cached_text=30, cached_audio=20, cached_image=10)


def test_cached_tokens_of_unknown_kind() -> None:
    """Where the service names no kind they count as text: the instructions come first in what is cached."""
    found = total_usage([done("r1", bill(text_tokens=80, audio_tokens=20, cached_tokens=64)), done("r2", bill())])

    assert found.input == InputUsage(text=80, audio=20, cached_text=64)
    assert (found.responses, found.total) == (2, 200)


def test_each_bill_once() -> None:
    """The first bill of a response or a transcription counts, also if a later line has another one."""
    by_tokens = TranscriptionUsage(output_tokens=5, input_token_details=TokenDetails(text_tokens=2, audio_tokens=3))
    by_time = TranscriptionUsage(type="duration", seconds=1.25)
    lines: list[AnyLine] = [
        done("r1", None),
        done("r1", bill(text_tokens=10)),
        done("r1", bill(text_tokens=20)),
        Transcript(at=at(1), item_id="u1", role="user"),
        Transcript(at=at(2), item_id="u1", role="user", usage=by_tokens),
        Transcript(at=at(3), item_id="u1", role="user", usage=by_time),
        Transcript(at=at(4), item_id="u2", role="user", usage=by_tokens),
    ]
    found = total_usage(lines)

    assert (found.responses, found.total, found.input.text) == (1, 100, 10)
    assert found.transcription == TranscriptionTotal(input_text=4, input_audio=6, output=10, seconds=0)


def test_transcription_by_the_second() -> None:
    """Seconds are added up without the dust that adding decimal fractions leaves."""
    lines: list[AnyLine] = [
        Transcript(
            at=at(number),
            item_id=f"u{number}",
            role="user",
            usage=TranscriptionUsage(type="duration", seconds=seconds),
        )
        for number, seconds in enumerate((0.1, 0.2, 1.005))
    ]

    assert total_usage(lines).transcription == TranscriptionTotal(seconds=1.305)


def test_usages_add_up() -> None:
    """Each kind is added to its own, and a call that was billed for nothing adds nothing."""
    one = Usage(1, 10, InputUsage(text=1, audio=2), OutputUsage(text=3), TranscriptionTotal(output=4, seconds=0.1))
    total = Usage.nothing()
    for usage in (one, one, Usage.nothing()):
        total.add(usage)

    expected = Usage(2, 20, InputUsage(text=2, audio=4), OutputUsage(text=6), TranscriptionTotal(output=8, seconds=0.2))
    assert total == expected
