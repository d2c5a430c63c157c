"""Tests what the lines of a journal mean for the trace and the figures of their call."""

from collections.abc import Iterable
from typing import Any

import pytest

from switchboard.observing.story import Story, Told
from switchboard.realtime.objects import ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record import lines as journal
from switchboard.record.lines import Line
from switchboard.settings import Prices
from switchboard.telemetry.figures import COST, RESPONSE_LATENCY, TOKEN_USAGE, TOKENS, Figure, Measurement
from switchboard.telemetry.port import Work
from tests.examples import MIDNIGHT, call

USAGE = ResponseUsage(
    total_tokens=150,
    input_tokens=100,
    output_tokens=50,
    input_token_details=TokenDetails(
        text_tokens=60,
        audio_tokens=40,
        cached_tokens=30,
        cached_tokens_details=TokenDetails(text_tokens=20, audio_tokens=10),
    ),
    output_token_details=TokenDetails(text_tokens=10, audio_tokens=40),
)
PRICES = Prices(currency="EUR", audio_output=1_000_000, transcription_minute=6)


def told(lines: Iterable[Line], story: Story | None = None) -> list[Told]:
    story = story or Story(call(), PRICES)
    return [one for line in lines for one in story.tell(line)]


def works(found: Iterable[Told]) -> list[Work]:
    return [one for one in found if isinstance(one, Work)]


def values(found: Iterable[Told], figure: Figure) -> list[Measurement]:
    return [one for one in found if isinstance(one, Measurement) and one.figure is figure]


def turn(at: float = MIDNIGHT, name: str = "1", usage: ResponseUsage | None = USAGE, **done: Any) -> list[Line]:
    """Return the lines of one turn: a second of speech, an answer after 0.4 s, and three seconds of audio."""
    return [
        journal.SpeechStarted(at=at, item_id=f"q{name}"),
        journal.SpeechStopped(at=at + 1, item_id=f"q{name}"),
        journal.ResponseStarted(at=at + 1.1, response_id=f"r{name}"),
        journal.PlaybackStarted(at=at + 1.4, response_id=f"r{name}"),
        journal.ResponseDone(at=at + 2, response_id=f"r{name}", usage=usage, **done),
        journal.PlaybackStopped(at=at + 4.4, response_id=f"r{name}"),
    ]


def test_a_turn() -> None:
    """A turn is one span, from the caller's speech to the end of the answer's audio, in the conventions' words."""
    (span,) = works(told(turn()))

    assert (span.name, span.kind, span.error) == ("chat gpt-realtime", "client", "")
    assert (span.start, span.end) == (MIDNIGHT, MIDNIGHT + 4.4)
    assert span.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "azure.ai.openai",
        "gen_ai.request.model": "gpt-realtime",
        "gen_ai.conversation.id": "rtc_1",
        "gen_ai.response.id": "r1",
        "gen_ai.response.finish_reasons": ["completed"],
        "gen_ai.output.type": "speech",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.cache_read.input_tokens": 30,
        "server.address": "contoso.openai.azure.com",
        "switchboard.call_id": "rtc_1",
        "switchboard.turn.spoken": True,
        "switchboard.turn.interrupted": False,
        "switchboard.response.latency": 0.4,
        "switchboard.tokens.text_input": 40,
        "switchboard.tokens.text_cached_input": 20,
        "switchboard.tokens.audio_input": 30,
        "switchboard.tokens.audio_cached_input": 10,
        "switchboard.tokens.text_output": 10,
        "switchboard.tokens.audio_output": 40,
    }


def test_the_figures_of_a_turn() -> None:
    """A turn has one latency, its tokens by kind and by direction, and its cost."""
    found = told(turn())

    assert [(one.value, one.attributes) for one in values(found, RESPONSE_LATENCY)] == [
        (0.4, {"gen_ai.request.model": "gpt-realtime"})
    ]
    assert sum(one.value for one in values(found, TOKENS)) == 150
    assert [(one.value, one.attributes["gen_ai.token.type"]) for one in values(found, TOKEN_USAGE)] == [
        (100, "input"),
        (50, "output"),
    ]
    assert [(one.value, one.attributes["switchboard.currency"]) for one in values(found, COST)] == [(40, "EUR")]
    assert not values(told(turn(), Story(call(), None)), COST)


def test_a_transcription() -> None:
    """What a transcription is billed for counts too, by duration or by tokens; without a bill nothing counts."""
    by_duration = journal.Transcript(
        at=MIDNIGHT, item_id="q1", role="user", usage=TranscriptionUsage(type="duration", seconds=30)
    )
    by_tokens = journal.Transcript(
        at=MIDNIGHT,
        item_id="q2",
        role="user",
        usage=TranscriptionUsage(output_tokens=7, input_token_details=TokenDetails(audio_tokens=5)),
    )

    assert [one.value for one in values(told([by_duration]), COST)] == [3]
    assert {one.attributes["switchboard.token.kind"]: one.value for one in values(told([by_tokens]), TOKENS)} == {
        "transcription_input": 5,
        "transcription_output": 7,
    }
    assert told([journal.Transcript(at=MIDNIGHT, item_id="q1", role="user", text="Swordfish")]) == []


def test_an_answer_in_text() -> None:
    """An answer without audio ends with its response, and one to a typed message has no latency."""
    silent = ResponseUsage(total_tokens=2, output_tokens=2, output_token_details=TokenDetails(text_tokens=2))
    found = told(
        [
            journal.ResponseStarted(at=MIDNIGHT, response_id="r1"),
            journal.ResponseDone(at=MIDNIGHT + 1, response_id="r1", usage=silent),
        ]
    )
    (span,) = works(found)

    assert (span.start, span.end, span.attributes["gen_ai.output.type"]) == (MIDNIGHT, MIDNIGHT + 1, "text")
    assert span.attributes["switchboard.turn.spoken"] is False
    assert "switchboard.response.latency" not in span.attributes
    assert not values(found, RESPONSE_LATENCY)


def test_lines_in_another_order() -> None:
    """Audio may end before its response is done, and a second start of the audio changes nothing."""
    speech, stop, begin, start, done, end = turn()
    found = told([speech, stop, begin, start, start, end, done])

    assert [one.end for one in works(found)] == [MIDNIGHT + 4.4]
    assert len(values(found, RESPONSE_LATENCY)) == 1


def test_audio_that_answers_a_typed_message() -> None:
    """Audio that answers no speech has no latency."""
    found = told(turn()[2:])

    assert works(found)[0].attributes["gen_ai.output.type"] == "speech"
    assert not values(found, RESPONSE_LATENCY)


def test_a_response_without_a_bill() -> None:
    """If the service does not say what a response cost, the turn says nothing of it."""
    found = told(turn(usage=None))

    assert not [name for name in works(found)[0].attributes if name.startswith("gen_ai.usage")]
    assert not values(found, TOKENS)


def test_audio_that_comes_after_its_response() -> None:
    """A short answer may be done before its audio starts; its turn waits for the audio."""
    speech, stop, begin, start, done, end = turn()
    found = told([speech, stop, begin, done, start, end])

    assert len(works(found)) == 1
    assert len(values(found, RESPONSE_LATENCY)) == 1


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        ("cancelled", "turn_detected", ""),
        ("incomplete", "content_filter", "content_filter"),
        ("failed", None, "failed"),
    ],
)
def test_a_response_that_was_not_completed(status: str, reason: str | None, error: str) -> None:
    """An interruption is the course of a conversation; a response that fails makes its turn fail."""
    lines = turn(status=status, reason=reason)
    (span,) = works(told([*lines[:3], lines[4]]))

    assert span.error == error
    assert span.attributes["gen_ai.response.finish_reasons"] == [reason or status]
    assert span.attributes["switchboard.turn.interrupted"] is (reason == "turn_detected")


def test_audio_that_was_cut() -> None:
    """Audio that was cut off makes the turn an interrupted one."""
    *before, _ = turn()
    (span,) = works(told([*before, journal.PlaybackStopped(at=MIDNIGHT + 2.2, response_id="r1", cut=True)]))

    assert (span.attributes["switchboard.turn.interrupted"], span.end) == (True, MIDNIGHT + 2.2)


def test_lines_that_come_twice() -> None:
    """A line that is there twice is told once: the journal may hold it twice after two observers."""
    once = told(turn())

    assert told([line for line in turn() for _ in range(2)]) == once
    assert told([*turn(), *turn()]) == once


def test_lines_without_a_beginning() -> None:
    """Audio of a response that nobody heard beginning is no turn, but its bill counts, and then it is one."""
    *_, start, done, end = turn()
    assert told([start, end]) == []

    found = told([start, done, end])
    assert len(works(found)) == 1
    assert sum(one.value for one in values(found, TOKENS)) == 150


def test_another_observer_goes_on() -> None:
    """What the journal held is not told again, and a turn that was open is told as a whole by the second observer."""
    lines = [*turn(), *turn(MIDNIGHT + 10, "2")]
    for cut in range(len(lines) + 1):
        first, second = Story(call(), PRICES), Story(call(), PRICES)
        second.resume(lines[:cut])  # type: ignore[arg-type]

        assert [*told(lines[:cut], first), *told(lines[cut:], second)] == told(lines), cut
