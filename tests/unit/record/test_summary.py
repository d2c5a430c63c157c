"""Tests what a call summary says, and that the same journal always gives the same bytes."""

import json
import random
from typing import Any

from switchboard.realtime.objects import ErrorDetail, ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record.encoding import decode_lines, encode_lines
from switchboard.record.lines import (
    AnyLine,
    Attached,
    BrowserReport,
    CallEnded,
    Detached,
    Fault,
    HangUpRequested,
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
    Watching,
)
from switchboard.record.summary import CallSummary, encode_summary, fold
from tests.examples import MIDNIGHT, call


def at(seconds: float) -> float:
    return MIDNIGHT + seconds


def usage(text: int, audio: int, cached: int = 0) -> ResponseUsage:
    return ResponseUsage(
        total_tokens=text + audio + 50,
        input_tokens=text + audio,
        output_tokens=50,
        input_token_details=TokenDetails(
            text_tokens=text,
            audio_tokens=audio,
            cached_tokens=cached,
            cached_tokens_details=TokenDetails(text_tokens=cached),
        ),
        output_token_details=TokenDetails(text_tokens=10, audio_tokens=40),
    )


# A caller asks, is answered, asks again while the answer still plays, types a line, and hangs up.
JOURNAL: list[AnyLine] = [
    call(),
    Attached(at=at(0.4)),
    SpeechStarted(at=at(2), event_id="e1", item_id="u1", audio_ms=1900),
    SpeechStopped(at=at(3.5), event_id="e2", item_id="u1", audio_ms=3400),
    ItemAdded(at=at(3.51), event_id="e3", item_id="u1", role="user"),
    ResponseStarted(at=at(3.55), event_id="e4", response_id="r1"),
    ItemAdded(at=at(3.6), event_id="e5", item_id="a1", previous_item_id="u1", role="assistant"),
    PlaybackStarted(at=at(3.9), event_id="e6", response_id="r1"),
    # The caller's words are known only after the answer has begun.
    Transcript(
        at=at(4),
        event_id="e7",
        item_id="u1",
        role="user",
        text="What time is it?",
        usage=TranscriptionUsage(
            total_tokens=20, input_tokens=15, output_tokens=5, input_token_details=TokenDetails(audio_tokens=15)
        ),
    ),
    Transcript(at=at(4.5), event_id="e8", item_id="a1", role="assistant", text="It is midnight, and a fine one."),
    ResponseDone(at=at(4.6), event_id="e9", response_id="r1", item_ids=["a1"], usage=usage(100, 15)),
    SpeechStarted(at=at(5), event_id="e10", item_id="u2"),
    PlaybackStopped(at=at(5.01), event_id="e11", response_id="r1", cut=True),
    ItemTruncated(at=at(5.02), event_id="e12", item_id="a1", audio_end_ms=1100),
    SpeechStopped(at=at(6), event_id="e13", item_id="u2"),
    ItemAdded(at=at(6.01), event_id="e14", item_id="u2", previous_item_id="a1", role="user"),
    ResponseStarted(at=at(6.05), event_id="e15", response_id="r2"),
    ItemAdded(at=at(6.06), event_id="e16", item_id="a2", previous_item_id="u2", role="assistant"),
    PlaybackStarted(at=at(6.25), event_id="e17", response_id="r2"),
    Transcript(at=at(6.3), event_id="e18", item_id="u2", role="user", text="Thanks!"),
    Transcript(at=at(6.4), event_id="e19", item_id="a2", role="assistant", text="You are welcome."),
    ResponseDone(at=at(6.5), event_id="e20", response_id="r2", item_ids=["a2"], usage=usage(140, 30, cached=64)),
    PlaybackStopped(at=at(8), event_id="e21", response_id="r2"),
    Fault(at=at(8.5), event_id="e22", source="service", error=ErrorDetail(type="invalid_request_error", code="x")),
    ItemAdded(at=at(9), event_id="e23", item_id="u3", previous_item_id="a2", role="user", text="Bye"),
    HangUpRequested(at=at(10), reason="hung_up_by_caller"),
    Detached(at=at(10.1), how="clean", code=1000),
    CallEnded(at=at(10.2), reason="peer_left"),
]


def summary(lines: list[AnyLine]) -> CallSummary:
    found = fold(lines)
    assert found is not None
    return found


def document(lines: list[AnyLine]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode_summary(summary(lines)))
    return found


def test_who_when_and_why() -> None:
    """Times are in ISO 8601, and the request to hang up explains the end better than `peer_left` does."""
    found = document(JOURNAL)

    assert found["call_id"] == "rtc_1"
    assert found["caller"] == {"id": "aad:ada", "name": "ada@example.com"}
    assert (found["started"], found["ended"]) == ("2026-11-21T00:00:00.000Z", "2026-11-21T00:00:10.200Z")
    assert (found["duration_seconds"], found["end_reason"]) == (10.2, "hung_up_by_caller")


def test_transcript_in_the_conversations_order() -> None:
    """The transcript follows the chain of items, not the moments at which the words became known.

    An interrupted answer says how much of it the caller heard.
    """
    said = [
        (line["role"], line["text"], line["interrupted"], line["audio_end_ms"])
        for line in document(JOURNAL)["transcript"]
    ]

    assert said == [
        ("user", "What time is it?", False, None),
        ("assistant", "It is midnight, and a fine one.", True, 1100),
        ("user", "Thanks!", False, None),
        ("assistant", "You are welcome.", False, None),
        ("user", "Bye", False, None),
    ]


def test_turns() -> None:
    """The latency of a turn runs from the end of the caller's speech to the first audio of the answer."""
    first, second = document(JOURNAL)["turns"]

    assert (first["item_id"], first["response_id"], first["response_latency_ms"]) == ("u1", "r1", 400)
    assert (first["interrupted"], second["interrupted"]) == (True, False)
    assert (second["item_id"], second["response_latency_ms"], second["status"]) == ("u2", 250, "completed")
    assert summary(JOURNAL).interruptions == 1


def test_usage_by_kind() -> None:
    """All responses add up, cancelled ones too; transcription is billed separately and stays separate."""
    found = document(JOURNAL)["usage"]

    assert (found["responses"], found["total"]) == (2, 385)
    assert found["input"] == {
        "text": 240,
        "audio": 45,
        "image": 0,
        "cached_text": 64,
        "cached_audio": 0,
        "cached_image": 0,
    }
    assert found["output"] == {"text": 20, "audio": 80}
    assert found["transcription"] == {"input_text": 0, "input_audio": 15, "output": 5, "seconds": 0}


def test_errors() -> None:
    """The summary lists what went wrong while the call went on."""
    (error,) = document(JOURNAL)["errors"]

    assert (error["source"], error["type"], error["code"]) == ("service", "invalid_request_error", "x")


def test_same_journal_same_bytes() -> None:
    """Folding a journal again, also after writing and reading it, gives the same bytes."""
    once = encode_summary(summary(JOURNAL))

    assert encode_summary(summary(JOURNAL)) == once
    assert encode_summary(summary(list(decode_lines(encode_lines(JOURNAL))))) == once


def test_two_observers() -> None:
    """If every line occurs twice, the second a little later, nothing said, billed or counted changes."""
    twice: list[AnyLine] = []
    for line in JOURNAL:
        twice += [line, line]

    assert encode_summary(summary(twice)) == encode_summary(summary(JOURNAL))


def test_events_in_any_order() -> None:
    """The transcript has the order of the chain of items, whatever order the lines have."""
    shuffled = JOURNAL[2:]
    random.Random(1).shuffle(shuffled)

    assert [line.text for line in summary([*JOURNAL[:2], *shuffled]).transcript] == [
        line.text for line in summary(JOURNAL).transcript
    ]


def test_words_are_left_out() -> None:
    """With ARCHIVE_TRANSCRIPTS=off the journal has no words, but it still shows who spoke and when."""
    silent: list[AnyLine] = [call(), Transcript(at=at(1), item_id="u1", role="user")]

    (line,) = document(silent)["transcript"]
    assert (line["role"], line["text"]) == ("user", None)


def test_call_under_way() -> None:
    """A journal without an end can be folded too; the page sees that summary during the call."""
    found = summary(JOURNAL[:12])

    assert found.ended is None
    assert found.end_reason is None
    assert found.duration_seconds == 5.0


def test_deleted_items_are_not_in_the_transcript() -> None:
    """An item that was removed from the conversation is not in the transcript."""
    lines = [*JOURNAL[:-3], ItemDeleted(at=at(9.5), event_id="e24", item_id="u3")]

    assert "Bye" not in [line.text for line in summary(lines).transcript]


def test_function_calls_keep_the_order() -> None:
    """A tool's items are links of the chain, but nobody's words."""
    lines: list[AnyLine] = [
        call(),
        Transcript(at=at(4), item_id="a9", role="assistant", text="It is foggy."),
        ItemAdded(at=at(1), event_id="e1", item_id="u1", role="user", text="Weather?"),
        ItemAdded(at=at(2), event_id="e2", item_id="f1", previous_item_id="u1", kind="function_call"),
        ItemAdded(at=at(3), event_id="e3", item_id="o1", previous_item_id="f1", kind="function_call_output"),
        ItemAdded(at=at(3.5), event_id="e4", item_id="a9", previous_item_id="o1", role="assistant"),
    ]

    assert [line.text for line in summary(lines).transcript] == ["Weather?", "It is foggy."]


def test_a_long_call() -> None:
    """An hour of conversation is folded completely and in the chain's order."""
    items = [
        ItemAdded(
            at=at(number),
            event_id=f"e{number}",
            item_id=f"i{number}",
            previous_item_id=f"i{number - 1}" if number else None,
            role="user",
            text=str(number),
        )
        for number in range(2000)
    ]

    assert [line.text for line in summary([call(), *items]).transcript] == [str(number) for number in range(2000)]


def test_gaps() -> None:
    """A gap runs from an observer's last line to the next observer's first one."""
    lines: list[AnyLine] = [
        call(),
        Attached(at=at(0.5)),
        Watching(at=at(30.5)),
        # The observer is killed; another one comes.
        Attached(at=at(95.5)),
        Detached(at=at(100), how="lost"),
        Attached(at=at(103)),
        Detached(at=at(110), how="clean"),
        CallEnded(at=at(110.2), reason="peer_left"),
    ]

    assert [(gap["from"], gap["seconds"]) for gap in document(lines)["gaps"]] == [
        ("2026-11-21T00:00:30.500Z", 65.0),
        ("2026-11-21T00:01:40.000Z", 3.0),
    ]


def test_never_observed() -> None:
    """If no observer ever heard the call, all of it is a gap, and the summary says so."""
    (gap,) = document([call(), CallEnded(at=at(60), reason="observer_failed")])["gaps"]

    assert gap["seconds"] == 60


def test_reports_are_marked_as_the_browsers() -> None:
    """Reported figures are marked as the browser's, because nobody has checked them."""
    lines = [*JOURNAL, BrowserReport(at=at(11), figures={"rtt_ms": 34})]

    assert document(lines)["reports"] == [
        {"at": "2026-11-21T00:00:11.000Z", "reported_by": "browser", "figures": {"rtt_ms": 34}}
    ]


def test_journal_of_nobody() -> None:
    """A journal without its first line gives no summary."""
    assert fold([Attached(at=1)]) is None
    assert fold([]) is None
