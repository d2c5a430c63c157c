"""Tests what a story tells of the end, of limits, faults and tools, and that it agrees with the call's summary."""

import json

import msgspec
import pytest

from switchboard.observing.story import Story, ended, tokens_by_kind
from switchboard.realtime.objects import ErrorDetail
from switchboard.record import lines as journal
from switchboard.record.lines import Line
from switchboard.record.summary import fold
from switchboard.record.tool_lines import HandOverRequested, ToolFinished, ToolStarted
from switchboard.record.usage import total_usage
from switchboard.telemetry.figures import JOURNAL_LAG, RESPONSE_LATENCY, TOKENS
from switchboard.telemetry.port import Event, Work
from tests.examples import MIDNIGHT, call
from tests.unit.observing.test_story import PRICES, told, turn, values, works
from tests.unit.record.short_call import JOURNAL


def test_the_end() -> None:
    """The end is an event, and what was not over is told as unfinished. An end that was there before is no end."""
    end = journal.CallEnded(at=MIDNIGHT + 9, reason="max_call_seconds")
    story = Story(call(), PRICES)
    span, event = told([*turn()[:3], end], story)[-2:]

    assert isinstance(span, Work)
    assert (span.end, span.error) == (MIDNIGHT + 9, "")
    assert span.attributes["gen_ai.response.finish_reasons"] == ["unfinished"]
    assert event == Event("call.ended", MIDNIGHT + 9, {"switchboard.end.reason": "max_call_seconds"})
    assert story.ended == end
    later = Story(call(), PRICES)
    later.resume([end])
    assert later.ended is None
    assert [(one.figure.name, one.value) for one in ended("peer_left", 12.5)] == [
        ("switchboard.calls.ended", 1),
        ("switchboard.call.duration", 12.5),
    ]


@pytest.mark.parametrize(
    ("line", "name", "attributes"),
    [
        (journal.Attached(at=1), "observer.attached", {}),
        (journal.Detached(at=1, how="lost"), "observer.detached", {"switchboard.detached.how": "lost"}),
        (
            journal.LimitAnnounced(at=1, reason="budget_spent", due=2),
            "call.limit_announced",
            {"switchboard.limit": "budget_spent"},
        ),
        (
            journal.HangUpRequested(at=1, reason="max_idle_seconds"),
            "call.hang_up_requested",
            {"switchboard.limit": "max_idle_seconds"},
        ),
        (
            journal.Fault(at=1, source="service", error=ErrorDetail("server_error", "rate_limit", "Swordfish")),
            "fault",
            {"switchboard.fault.source": "service", "error.type": "rate_limit"},
        ),
        (
            journal.Fault(at=1, source="gateway", error=ErrorDetail()),
            "fault",
            {"switchboard.fault.source": "gateway", "error.type": "_OTHER"},
        ),
    ],
)
def test_events(line: Line, name: str, attributes: dict[str, str]) -> None:
    """Limits, faults and changes of who hears the call are events, without anybody's words."""
    assert told([line]) == [Event(name, 1, attributes)]


def test_no_words() -> None:
    """Nothing that a journal says in words is told: a whole call's story has none of its texts."""
    lines = JOURNAL
    story = json.dumps([msgspec.to_builtins(one) for one in told(lines)])
    words = [line.text for line in lines if isinstance(line, journal.Transcript | journal.ItemAdded) and line.text]

    assert words
    assert not [text for text in words if text in story]


def test_it_agrees_with_the_summary() -> None:
    """The turns, the latencies and the tokens of a call's story are those of its summary."""
    lines = JOURNAL
    found, summary = told(lines), fold(lines)
    assert summary is not None

    assert [one.attributes["gen_ai.response.id"] for one in works(found)] == [one.response_id for one in summary.turns]
    assert [round(one.value * 1000) for one in values(found, RESPONSE_LATENCY)] == [
        one.response_latency_ms for one in summary.turns if one.response_latency_ms is not None
    ]
    assert sum(one.value for one in values(found, TOKENS)) == sum(tokens_by_kind(total_usage(lines)).values())
    assert not values(found, JOURNAL_LAG)


def test_the_span_of_the_observer() -> None:
    """The observer's own span says which call and which model."""
    attributes = Story(call(signalling="token"), None).attributes()

    assert (attributes["switchboard.call_id"], attributes["switchboard.signalling"]) == ("rtc_1", "token")


def test_a_tool() -> None:
    """A tool that ran is a span of its own, without its arguments and its result."""
    began = ToolStarted(at=MIDNIGHT, tool_call_id="call_1", name="search", arguments="Swordfish")
    done = ToolFinished(
        at=MIDNIGHT + 2, tool_call_id="call_1", name="search", outcome="completed", ms=1990, result="Swordfish"
    )
    (span,) = works(told([began, done, done]))

    assert (span.name, span.start, span.end, span.error) == ("execute_tool search", MIDNIGHT, MIDNIGHT + 2, "")
    assert span.attributes == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.id": "call_1",
        "gen_ai.conversation.id": "rtc_1",
        "switchboard.call_id": "rtc_1",
        "switchboard.tool.outcome": "completed",
    }


def test_a_tool_whose_start_is_unknown() -> None:
    """Where the start of a tool was not told, its length says when it began."""
    done = ToolFinished(at=MIDNIGHT + 2, tool_call_id="call_1", name="search", outcome="timed_out", ms=500)
    (span,) = works(told([done]))

    assert (span.start, span.end, span.error) == (MIDNIGHT + 1.5, MIDNIGHT + 2, "timed_out")


def test_a_tool_that_did_not_run() -> None:
    """A tool that was refused has no length. It may be one that the model has made up, so it is not named."""
    done = ToolFinished(at=MIDNIGHT, tool_call_id="call_1", name="Swordfish", outcome="unknown_tool")
    (span,) = works(told([done]))

    assert (span.name, span.start, span.end, span.error) == ("execute_tool", MIDNIGHT, MIDNIGHT, "unknown_tool")
    assert "gen_ai.tool.name" not in span.attributes


def test_a_hand_over() -> None:
    """That the model asked for an operator is an event, without its reason."""
    asked = HandOverRequested(at=1, tool_call_id="call_1", reason="Swordfish")

    assert told([asked]) == [Event("call.hand_over_requested", 1)]
