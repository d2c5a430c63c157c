"""Tests who said what, in which order, and how the turns of a call went."""

import pytest

from switchboard.record.conversation import Conversation, Turn, Utterance
from switchboard.record.lines import (
    AnyLine,
    ItemAdded,
    ItemDeleted,
    ItemTruncated,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from tests.unit.record.short_call import JOURNAL, at


def texts(lines: list[AnyLine]) -> list[str | None]:
    return [line.text for line in Conversation(lines).transcript()]


def test_transcript_in_the_conversations_order() -> None:
    """The transcript follows the chain of items, not the moments at which the words became known.

    An interrupted answer says how much of it the caller heard.
    """
    said = [(line.role, line.text, line.interrupted, line.audio_end_ms) for line in Conversation(JOURNAL).transcript()]

    assert said == [
        ("user", "What time is it?", False, None),
        ("assistant", "It is midnight, and a fine one.", True, 1100),
        ("user", "Thanks!", False, None),
        ("assistant", "You are welcome.", False, None),
        ("user", "Bye", False, None),
    ]


def test_turns() -> None:
    """The latency of a turn runs from the end of the caller's speech to the first audio of the answer."""
    first, second = Conversation(JOURNAL).turns()

    assert first == Turn(
        item_id="u1",
        response_id="r1",
        speech_started="2026-11-21T00:00:02.000Z",
        speech_stopped="2026-11-21T00:00:03.500Z",
        audio_started="2026-11-21T00:00:03.900Z",
        audio_stopped="2026-11-21T00:00:05.010Z",
        response_latency_ms=400,
        status="completed",
        interrupted=True,
    )
    assert (second.item_id, second.response_latency_ms, second.interrupted) == ("u2", 250, False)


def test_words_are_left_out() -> None:
    """With ARCHIVE_TRANSCRIPTS=off the journal has no words, but it still shows who spoke and when."""
    lines: list[AnyLine] = [Transcript(at=at(1), item_id="u1", role="user")]

    assert Conversation(lines).transcript() == [Utterance("u1", "user", None, "2026-11-21T00:00:01.000Z", False, None)]


def test_deleted_items_are_not_in_the_transcript() -> None:
    """An item that was removed from the conversation is not in the transcript."""
    lines = [*JOURNAL[:-3], ItemDeleted(at=at(9.5), event_id="e24", item_id="u3")]

    assert texts(lines) == texts(JOURNAL)[:-1]


def test_an_item_that_is_not_in_the_journal() -> None:
    """Speech that was never transcribed is no line of the transcript; neither is an item without words."""
    lines: list[AnyLine] = [
        SpeechStarted(at=at(1), item_id="u1"),
        ItemAdded(at=at(2), item_id="u1", role="user"),
        ItemAdded(at=at(3), item_id="s1", previous_item_id="u1", role="system", text="Be brief."),
    ]

    assert Conversation(lines).transcript() == []


def test_the_first_line_about_an_item_counts() -> None:
    """A second line fills in what the first one left open, and overrides nothing."""
    lines: list[AnyLine] = [
        SpeechStarted(at=at(1), item_id="u1"),
        SpeechStarted(at=at(1.5), item_id="u1"),
        SpeechStopped(at=at(2), item_id="u1"),
        SpeechStopped(at=at(2.5), item_id="u1"),
        Transcript(at=at(3), item_id="u1", role="assistant", text="One"),
        Transcript(at=at(4), item_id="u1", role="user", text="Two"),
        ItemAdded(at=at(4.5), item_id="u1", role="assistant", text="Three"),
        ResponseStarted(at=at(5), response_id="r1"),
        PlaybackStarted(at=at(6), response_id="r1"),
        PlaybackStarted(at=at(6.5), response_id="r1"),
        PlaybackStopped(at=at(7), response_id="r1"),
        PlaybackStopped(at=at(7.5), response_id="r1"),
        ResponseDone(at=at(8), response_id="r1", status="incomplete"),
        ResponseDone(at=at(9), response_id="r1", status="completed"),
    ]
    conversation = Conversation(lines)

    assert conversation.transcript() == [Utterance("u1", "user", "One", "2026-11-21T00:00:01.000Z", False, None)]
    assert conversation.turns() == [
        Turn(
            item_id="u1",
            response_id="r1",
            speech_started="2026-11-21T00:00:01.000Z",
            speech_stopped="2026-11-21T00:00:02.000Z",
            audio_started="2026-11-21T00:00:06.000Z",
            audio_stopped="2026-11-21T00:00:07.000Z",
            response_latency_ms=4000,
            status="incomplete",
            interrupted=False,
        )
    ]


def test_an_answer_to_nobody() -> None:
    """An answer that no speech came before, to a typed message for example, has neither question nor latency."""
    lines: list[AnyLine] = [
        ResponseStarted(at=at(1), response_id="r1"),
        PlaybackStarted(at=at(2), response_id="r1"),
    ]

    assert Conversation(lines).turns() == [
        Turn(None, "r1", None, None, "2026-11-21T00:00:02.000Z", None, None, None, False)
    ]


def test_only_the_first_answer_has_a_latency() -> None:
    """What follows a tool call is a second answer to the same words; it answers no silence of the caller's."""
    lines: list[AnyLine] = [
        SpeechStopped(at=at(1), item_id="u1"),
        ResponseStarted(at=at(2), response_id="r1"),
        ResponseStarted(at=at(3), response_id="r2"),
        PlaybackStarted(at=at(4), response_id="r2"),
    ]

    assert [(turn.item_id, turn.response_latency_ms) for turn in Conversation(lines).turns()] == [
        ("u1", None),
        (None, None),
    ]


def test_latency_is_never_negative() -> None:
    """Audio that was heard before the end of the speech was journalled counts as an answer without delay."""
    lines: list[AnyLine] = [
        SpeechStopped(at=at(2), item_id="u1"),
        ResponseStarted(at=at(2), response_id="r1"),
        PlaybackStarted(at=at(1.9), response_id="r1"),
    ]

    (turn,) = Conversation(lines).turns()
    assert turn.response_latency_ms == 0


@pytest.mark.parametrize(
    ("line", "cut"),
    [
        (ResponseDone(at=at(2), response_id="r1", item_ids=["a0", "a1"], reason="turn_detected"), True),
        (ResponseDone(at=at(2), response_id="r1", item_ids=["a0", "a1"], reason="client_cancelled"), True),
        (ResponseDone(at=at(2), response_id="r1", item_ids=["a0", "a1"], reason="max_output_tokens"), False),
        (ResponseDone(at=at(2), response_id="r1", item_ids=["a0", "a1"]), False),
        (PlaybackStopped(at=at(2), response_id="r1", cut=True), True),
        (PlaybackStopped(at=at(2), response_id="r1"), False),
        (ItemTruncated(at=at(2), item_id="a1", audio_end_ms=700), True),
    ],
)
def test_an_answer_and_its_item_are_interrupted_together(line: AnyLine, cut: bool) -> None:
    """Whichever of the two the service reports on, the transcript and the turn agree."""
    lines: list[AnyLine] = [
        ResponseStarted(at=at(1), response_id="r1"),
        Transcript(at=at(1), item_id="a1", role="assistant", text="Well"),
        line,
        ResponseDone(at=at(3), response_id="r1", item_ids=["a1", "never heard of"]),
        # Nothing that comes later takes it back.
        PlaybackStopped(at=at(4), response_id="r1"),
    ]
    conversation = Conversation(lines)

    assert [turn.interrupted for turn in conversation.turns()] == [cut]
    assert [line.interrupted for line in conversation.transcript()] == [cut]


def test_only_what_was_interrupted_is() -> None:
    """An interruption stays with its own answer."""
    lines: list[AnyLine] = [
        Transcript(at=at(1), item_id="a1", role="assistant", text="One"),
        Transcript(at=at(2), item_id="a2", role="assistant", text="Two"),
        ResponseDone(at=at(1), response_id="r1", item_ids=["a1"], reason="turn_detected"),
        ResponseDone(at=at(2), response_id="r2", item_ids=["a2"]),
    ]

    assert [line.interrupted for line in Conversation(lines).transcript()] == [True, False]


def test_who_spoke_without_an_item() -> None:
    """A transcript says itself whose words it has; typed words of either side are kept."""
    lines: list[AnyLine] = [
        Transcript(at=at(1), item_id="a1", role="assistant", text="Hello"),
        ItemAdded(at=at(2), item_id="a2", previous_item_id="a1", role="assistant", text="In writing"),
    ]

    assert [(line.role, line.text) for line in Conversation(lines).transcript()] == [
        ("assistant", "Hello"),
        ("assistant", "In writing"),
    ]
