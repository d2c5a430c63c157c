"""Tests which changes of a journal leave the summary as it is, and how much of it each one leaves.

A journal is not written once and in order: a write whose reply was lost is repeated, a queue delivers a message twice,
and two observers of one call write the same events, each in the order in which the service sent them.

- A block that is written twice changes nothing at all.
- A second observer of the same events changes nothing at all if its clock agrees, however the two take turns. If it
  hears them a little later, only times change, and by no more than that.
- If every event was heard by one of the two, nothing that was said or billed is lost. Only the assignment of an answer
  to a question, and so the latency, may be missing.
- In any order whatever, the transcript's order, its words and the bill are the same.
"""

from random import Random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchboard.record.lines import AnyLine
from switchboard.record.summary import CallSummary, encode_summary, fold
from tests.examples import call
from tests.unit.record.drawn_journals import EVENTS, RANDOMS, interleaved, written_by

LATE = 0.03


def summary(lines: list[AnyLine]) -> CallSummary:
    found = fold(lines)
    assert found is not None
    return found


def said_and_billed(found: CallSummary) -> dict[str, Any]:
    """Return what a summary says beside times, and beside which question an answer belongs to."""
    return {
        "transcript": [(line.role, line.text, line.interrupted, line.audio_end_ms) for line in found.transcript],
        "turns": sorted((turn.response_id, turn.status, turn.interrupted) for turn in found.turns),
        "usage": found.usage,
        "errors": [(error.source, error.type) for error in found.errors],
        "end": (found.ended, found.end_reason, found.end_seen),
        "gaps": found.gaps,
    }


@given(EVENTS, st.data())
def test_blocks_that_are_written_twice(events: list[AnyLine], data: st.DataObject) -> None:
    """A repeated block, whichever lines are in it, changes no byte of the summary."""
    journal = [call(), *written_by("a", events)]
    begin = data.draw(st.integers(0, len(journal)))
    end = data.draw(st.integers(begin, len(journal)))

    repeated = [*journal[:end], *journal[begin:end], *journal[end:]]
    assert encode_summary(summary(repeated)) == encode_summary(summary(journal))


@given(EVENTS, RANDOMS)
def test_two_observers(events: list[AnyLine], random: Random) -> None:
    """The lines of a second observer change no byte of the summary, however the two take turns."""
    alone = written_by("a", events)
    both = interleaved(alone, written_by("b", events), random)

    assert encode_summary(summary([call(), *both])) == encode_summary(summary([call(), *alone]))


@given(EVENTS, RANDOMS)
def test_a_second_observer_that_is_late(events: list[AnyLine], random: Random) -> None:
    """What was said and billed, and which answer belongs to which question, does not depend on who wrote it first."""
    alone = summary([call(), *written_by("a", events)])
    both = summary([call(), *interleaved(written_by("a", events), written_by("b", events, late=LATE), random)])

    assert said_and_billed(both) == said_and_billed(alone)
    for mine, other in zip(both.turns, alone.turns, strict=True):
        assert (mine.item_id, mine.response_id) == (other.item_id, other.response_id)
        if other.response_latency_ms is not None:
            assert abs((mine.response_latency_ms or 0) - other.response_latency_ms) <= LATE * 1000
        else:
            assert mine.response_latency_ms is None


@given(EVENTS, RANDOMS)
def test_two_observers_that_heard_a_part_each(events: list[AnyLine], random: Random) -> None:
    """As long as one of the two heard each event, everything that was said or billed is in the summary."""
    heard = [random.choice(["a", "b", "both"]) for _ in events]
    mine = [line for line, by in zip(events, heard, strict=True) if by != "b"]
    other = [line for line, by in zip(events, heard, strict=True) if by != "a"]
    both = interleaved(written_by("a", mine), written_by("b", other), random)

    found = said_and_billed(summary([call(), *both]))
    expected = said_and_billed(summary([call(), *written_by("a", events)]))
    assert {**found, "errors": sorted(found["errors"])} == {**expected, "errors": sorted(expected["errors"])}


@given(EVENTS, st.data())
def test_a_redelivered_message(events: list[AnyLine], data: st.DataObject) -> None:
    """An observer is killed, and another one begins with the same message: nothing that was heard is counted twice."""
    killed = data.draw(st.integers(0, len(events)))
    heard_again = data.draw(st.integers(0, killed))
    first = written_by("a", events)[: killed + 1]
    second = written_by("b", events[heard_again:])

    redelivered = summary([call(), *first, call(), *second])
    assert said_and_billed(redelivered) == said_and_billed(summary([call(), *written_by("a", events)]))


@given(EVENTS, RANDOMS)
def test_any_order(events: list[AnyLine], random: Random) -> None:
    """The chain of items orders the transcript, and each bill counts once, whatever order the lines have."""
    in_order = said_and_billed(summary([call(), *events]))
    shuffled = said_and_billed(summary([call(), *random.sample(events, len(events))]))

    for field in ("transcript", "turns", "usage"):
        assert shuffled[field] == in_order[field]
    assert sorted(shuffled["errors"]) == sorted(in_order["errors"])


@given(EVENTS, st.data())
def test_a_call_under_way(events: list[AnyLine], data: st.DataObject) -> None:
    """At any moment a journal folds, and what it says of the transcript is what will still be said at the end."""
    journal = [call(), *written_by("a", events)]
    known = data.draw(st.integers(1, len(journal)))
    now, later = summary(journal[:known]), summary(journal)

    texts = [line.text for line in later.transcript]
    assert [text for text in texts if text in {line.text for line in now.transcript}] == [
        line.text for line in now.transcript
    ]
    assert now.usage.total <= later.usage.total
    assert msgspec.json.decode(encode_summary(now))["call_id"] == "rtc_1"
