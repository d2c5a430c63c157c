"""Tests what is known of a goodbye from the journal and from the service."""

import pytest

from switchboard.observing.goodbye import SAY, Goodbye
from switchboard.realtime import events
from switchboard.realtime.objects import Item, Response
from switchboard.record import lines
from switchboard.record.lines import AnyLine
from switchboard.record.tool_lines import ToolFinished

ENDS = ToolFinished(at=1.0, tool_call_id="call_1", name="end_call", outcome="completed", ends_call=True)
ANSWERS = lines.ResponseStarted(at=2.0, response_id="r2")
PLAYS = lines.PlaybackStarted(at=3.0, response_id="r2")
STOPS = lines.PlaybackStopped(at=4.0, response_id="r2")


def resumed(*journal: AnyLine) -> Goodbye:
    known = Goodbye()
    for line in journal:
        known.resume(line)
    known.attach()
    return known


@pytest.mark.parametrize(
    ("journal", "wanted", "over"),
    [
        ((), False, False),
        ((ENDS,), True, False),
        ((ENDS, ANSWERS), True, True),
        ((ENDS, ANSWERS, PLAYS), True, False),
        ((ENDS, ANSWERS, PLAYS, STOPS), True, True),
        ((ENDS, ANSWERS, lines.SpeechStarted(at=5.0, item_id="u1")), False, False),
        ((ENDS, lines.ItemAdded(at=5.0, item_id="u1", role="user")), False, False),
        ((ENDS, lines.ItemAdded(at=5.0, item_id="o1", kind="function_call_output")), True, False),
        ((ToolFinished(at=1.0, tool_call_id="c", name="weather", outcome="completed"), ANSWERS), False, False),
    ],
)
def test_what_the_journal_says(journal: tuple[AnyLine, ...], *, wanted: bool, over: bool) -> None:
    """An observer that takes the call over knows that it shall end."""
    known = resumed(*journal)
    assert (known.wanted, known.over) == (wanted, over)


def test_what_was_played_before_is_unknown_unless_it_is_a_goodbye() -> None:
    assert not resumed(PLAYS).playing
    assert resumed(ENDS, ANSWERS, PLAYS).playing


def test_what_the_service_says() -> None:
    known = Goodbye()
    known.wanted = True
    for event, over in (
        (events.ResponseCreated(response=Response(id="r", metadata=SAY)), False),
        (events.ResponseCreated(response=Response(id="r2")), True),
        (events.PlaybackStarted(response_id="r2"), False),
        (events.ItemAdded(item=Item(id="m", role="assistant")), False),
        (events.PlaybackStopped(response_id="r2"), True),
        (events.SpeechStarted(item_id="u1"), False),
    ):
        known.hear(event)
        assert known.over is over
    assert not known.wanted
