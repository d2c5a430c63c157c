"""Tests what a call summary says, and that the same journal always gives the same bytes."""

import json
from typing import Any

import msgspec
import pytest

from switchboard.realtime.objects import ErrorDetail
from switchboard.record.archive import median_latency_ms
from switchboard.record.encoding import decode_lines, encode_lines
from switchboard.record.lines import (
    AnyLine,
    Attached,
    BrowserReport,
    CallEnded,
    Detached,
    EventSent,
    Fault,
    HangUpRequested,
    ResponseDone,
    ResponseStarted,
    Watching,
)
from switchboard.record.summary import CallSummary, encode_summary, fold
from switchboard.record.times import iso
from tests.examples import call
from tests.unit.record.short_call import JOURNAL, at


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


def test_call_under_way() -> None:
    """A journal without an end can be folded too; the page sees that summary during the call."""
    found = summary(JOURNAL[:12])

    assert found.ended is None
    assert found.end_reason is None
    assert found.duration_seconds == 5.0


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
        ("2026-11-21T00:01:50.000Z", 0.2),
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


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        # The observer hung up at a limit: that is why, whatever else somebody asked for.
        (
            [
                HangUpRequested(at=at(1), reason="hung_up_by_caller"),
                CallEnded(at=at(2), reason="max_idle_seconds"),
            ],
            "max_idle_seconds",
        ),
        # Somebody asked for the end of a call that had ended.
        (
            [
                CallEnded(at=at(1), reason="peer_left"),
                HangUpRequested(at=at(2), reason="hung_up_by_caller"),
            ],
            "peer_left",
        ),
        # The first who asked, and the first who saw the end, are right.
        (
            [
                HangUpRequested(at=at(1), reason="hung_up_by_operator"),
                HangUpRequested(at=at(1.5), reason="hung_up_by_caller"),
                CallEnded(at=at(2), reason="peer_left"),
                CallEnded(at=at(3), reason="unknown"),
            ],
            "hung_up_by_operator",
        ),
    ],
)
def test_why_a_call_ended(lines: list[AnyLine], reason: str) -> None:
    """A request to hang up explains why the browser is gone, and nothing else."""
    found = summary([call(), Attached(at=at(0.1)), *lines])

    assert found.end_reason == reason
    assert found.ended == next(iso(line.at) for line in lines if isinstance(line, CallEnded))


def test_lines_that_repeat_an_event() -> None:
    """One event gives one line of each type, however many observers write it and whenever."""
    error = ErrorDetail(type="server_error", code="x", message="The model is away.")
    lines: list[AnyLine] = [
        call(),
        ResponseDone(at=at(1), event_id="e1", response_id="r1", status="failed"),
        Fault(at=at(1), event_id="e1", source="response", error=error),
        ResponseDone(at=at(1.2), event_id="e1", response_id="r1", status="failed"),
        Fault(at=at(1.2), event_id="e1", source="response", error=error),
        Fault(at=at(1.2), event_id="e2", source="response", error=error),
    ]
    found = summary(lines)

    assert [turn.status for turn in found.turns] == ["failed"]
    assert [msgspec.structs.astuple(error) for error in found.errors] == [
        ("2026-11-21T00:00:01.000Z", "response", "server_error", "x", "The model is away."),
        ("2026-11-21T00:00:01.200Z", "response", "server_error", "x", "The model is away."),
    ]


def test_lines_that_come_from_no_event() -> None:
    """Without an event only a line that is the same in everything is a repetition."""
    lines: list[AnyLine] = [
        call(),
        EventSent(at=at(1), operator="aad:eve", event="response.cancel", outcome="answered"),
        EventSent(at=at(1), operator="aad:eve", event="response.cancel", outcome="answered"),
        EventSent(at=at(2), operator="aad:eve", event="response.cancel", outcome="refused"),
    ]

    assert document(lines)["steering"] == [
        {
            "at": f"2026-11-21T00:00:0{second}.000Z",
            "operator": "aad:eve",
            "event": "response.cancel",
            "outcome": outcome,
        }
        for second, outcome in ((1, "answered"), (2, "refused"))
    ]


def test_what_the_first_line_says() -> None:
    """Everything that the call was created with stands in the summary, and whether anybody heard it."""
    created = call(assistant="help", language="tr", protocol="preview", signalling="token")
    found = document([created])

    names = ("deployment", "endpoint", "protocol", "signalling", "assistant", "voice", "language")
    assert {name: found[name] for name in names} == {
        "deployment": "gpt-realtime",
        "endpoint": "https://contoso.openai.azure.com",
        "protocol": "preview",
        "signalling": "token",
        "assistant": "help",
        "voice": "marin",
        "language": "tr",
    }
    assert (found["schema"], found["observed"], found["duration_seconds"]) == (1, False, 0)
    assert document(JOURNAL)["observed"] is True


def test_summary_for_people() -> None:
    """The archive's bytes are indented JSON that ends with a line feed."""
    archived = encode_summary(summary(JOURNAL))

    assert archived.startswith(b'{\n  "schema": 1,\n  "call_id": "rtc_1"')
    assert archived.endswith(b"}\n")


def test_median_latency() -> None:
    """The log shows the middle one of the latencies, and nothing where no turn has one."""
    assert median_latency_ms(summary(JOURNAL)) == 325
    assert median_latency_ms(summary([call(), ResponseStarted(at=at(1), response_id="r1")])) is None
    assert summary(JOURNAL).interruptions == 1


def test_an_end_that_nobody_saw() -> None:
    """A call that was found to be over ended at some time after it was last known to be up, and the summary says so."""
    lines: list[AnyLine] = [
        call(),
        Attached(at=at(0.5), observer="a"),
        Watching(at=at(30.25), observer="a"),
        CallEnded(at=at(95), reason="peer_left", seen=False),
    ]
    found = document(lines)

    assert (found["ended"], found["duration_seconds"]) == ("2026-11-21T00:00:30.250Z", 30.25)
    assert found["end_seen"] is False
    assert [(gap["from"], gap["to"]) for gap in found["gaps"]] == [
        ("2026-11-21T00:00:30.250Z", "2026-11-21T00:01:35.000Z")
    ]
    never = document([call(), CallEnded(at=at(60), reason="observer_failed", seen=False)])
    assert (never["ended"], never["duration_seconds"]) == ("2026-11-21T00:00:00.000Z", 0)
    assert document(JOURNAL)["end_seen"] is True
    assert document([call()])["end_seen"] is True


def test_what_comes_after_the_end() -> None:
    """A line that is written after the end, such as a late report, does not make the call longer."""
    lines = [*JOURNAL, *(BrowserReport(at=at(90 + number), figures={"n": number}) for number in range(3))]
    found = document(lines)

    assert found["duration_seconds"] == 10.2
    assert [report["figures"]["n"] for report in found["reports"]] == [0, 1, 2]
