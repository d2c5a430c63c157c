"""Tests what the index says of a call, and that its last line of a call counts."""

import msgspec

from switchboard.record.index_lines import IndexLine, decode_index, encode_index, index_line, without_call
from switchboard.record.summary import CallSummary, fold
from switchboard.record.tool_lines import HandOverRequested, ToolStarted
from tests.unit.record.short_call import JOURNAL


def summary() -> CallSummary:
    found = fold(JOURNAL)
    assert found is not None
    return found


def line(call_id: str, **fields: object) -> IndexLine:
    return msgspec.structs.replace(index_line(summary()), call_id=call_id, **fields)


def test_what_the_line_says() -> None:
    """The line has the caller, the times, the figures and the whole usage, and not one word of the call."""
    folded = summary()
    found = index_line(folded)

    assert (found.call_id, found.caller_id, found.caller_name) == ("rtc_1", "aad:ada", "ada@example.com")
    assert (found.started, found.seconds, found.end_reason) == ("2026-11-21T00:00:00.000Z", 10.2, "hung_up_by_caller")
    assert found.turns == len(folded.turns)
    assert found.usage == folded.usage
    assert found.latencies_ms == [turn.response_latency_ms for turn in folded.turns if turn.response_latency_ms]
    words = [one.text for one in folded.transcript if one.text]
    assert words
    assert not any(text in encode_index([found]).decode() for text in words)


def test_a_call_under_way_has_no_end() -> None:
    found = fold(JOURNAL[:3])
    assert found is not None
    assert index_line(found).end_reason is None


def test_a_call_that_continues_another() -> None:
    """The line names the call before, so that a deletion finds the one after."""
    found = fold([msgspec.structs.replace(JOURNAL[0], continues="rtc_0"), *JOURNAL[1:]])
    assert found is not None
    assert (index_line(found).continues, index_line(summary()).continues) == ("rtc_0", "")


def test_tools_and_handing_over() -> None:
    """The line counts the tool calls, and says that the model asked for a person."""
    asked = ToolStarted(at=3, tool_call_id="call_1", name="hand_over")
    lines = [*JOURNAL[:3], asked, HandOverRequested(at=4, tool_call_id="call_1", reason="Swordfish")]
    found = fold(lines)
    assert found is not None
    assert (index_line(found).tool_calls, index_line(found).handed_over) == (1, True)
    assert (index_line(summary()).tool_calls, index_line(summary()).handed_over) == (0, False)


def test_the_last_line_of_a_call_counts() -> None:
    """Lines come back as they were written, a call's last one counts, and damaged lines are skipped."""
    first, other, last = line("rtc_1"), line("rtc_2"), line("rtc_1", turns=9)
    index = encode_index([first, other]) + b'{"call_id":\nnonsense \xff\n' + encode_index([last])

    assert decode_index(index) == [last, other]
    assert decode_index(b"") == []


def test_a_call_that_is_forgotten() -> None:
    """Nothing of the index names the call any more; whoever continued it no longer says so."""
    index = encode_index([line("rtc_1"), line("rtc_2", continues="rtc_1"), line("rtc_1"), line("rtc_3")])
    left = without_call(index, "rtc_1")

    assert b"rtc_1" not in left
    assert decode_index(left) == [line("rtc_2"), line("rtc_3")]
    assert without_call(b"", "rtc_1") == b""
