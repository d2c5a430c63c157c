"""Tests when a call ends that a tool has asked to end."""

import pytest

from switchboard.observing.tool_turns import ToolTurns
from switchboard.realtime import events
from switchboard.realtime.objects import Item
from tests.unit.observing.function_calls import MESSAGE, answer, created, done, item, turns, typed


def ended(*output: Item) -> ToolTurns:
    """Return what is known when a tool has asked for the call to end, and its answer has been sent."""
    known = turns()
    (found,) = known.hear(done(*output, item()))
    known.end_call()
    answer(known, found)
    return known


def test_a_goodbye() -> None:
    """The call ends when the goodbye has been played, and not before."""
    known = ended()
    assert not known.over
    assert known.next_response() == {"tool_choice": "none"}
    for event in (created(), events.PlaybackStarted(), done(MESSAGE, response="r2")):
        known.hear(event)
        assert not known.over
    known.hear(events.PlaybackStopped())
    assert known.over


def test_a_goodbye_in_the_same_response() -> None:
    """A model that has said goodbye before it called the tool does not say it again."""
    known = turns()
    known.hear(events.PlaybackStarted())
    (found,) = known.hear(done(MESSAGE, item()))
    known.end_call()
    answer(known, found)
    assert known.next_response() is None
    assert not known.over
    known.hear(events.PlaybackStopped())
    assert known.over


def test_a_goodbye_in_writing() -> None:
    known = ended()
    known.hear(created())
    known.hear(done(MESSAGE, response="r2"))
    assert known.over


@pytest.mark.parametrize("event", [events.SpeechStarted(), typed()])
def test_a_caller_who_has_something_left_to_say(event: events.Event) -> None:
    known = ended()
    known.hear(created())
    known.hear(events.PlaybackStarted())
    known.hear(event)
    known.hear(events.PlaybackCleared())
    known.hear(done(MESSAGE, response="r2", status="cancelled"))
    assert not known.over
    assert not known.ending
