"""Tests what an observer does about the tools of a call that it takes over."""

from switchboard.observing.tool_turns import ToolTurns
from switchboard.realtime import events
from switchboard.realtime.objects import Item
from switchboard.record.lines import AnyLine, ItemAdded, ResponseStarted
from switchboard.record.tool_lines import ToolStarted
from tests.unit.observing.function_calls import MESSAGE, done, error, finished, item, turns


def started(call_id: str = "call_1", item_id: str = "f1") -> ToolStarted:
    return ToolStarted(at=1.0, tool_call_id=call_id, name="weather", item_id=item_id)


def taken_over(*lines: AnyLine) -> tuple[ToolTurns, list[str]]:
    known = turns()
    known.resume(lines)
    known.attach()
    return known, [item_id for _, item_id in known.take_questions()]


def test_a_tool_that_was_running_when_the_observer_was_killed() -> None:
    """The successor asks for the call and then for its answer; where there is none, the tool runs again."""
    known, asked = taken_over(started())
    assert asked == ["f1"]
    assert known.hear(events.ItemRetrieved(item=item())) == []
    ((check_id, output_id),) = known.take_questions()
    assert (check_id, output_id) == ("switchboard_answered_call_1", "item_74196fe72e4cdc135c1033e0")
    (found,) = known.hear(error(check_id))
    assert (found.id, found.output_id, found.begun_before, found.answered) == ("call_1", output_id, True, False)
    known.answered(found)
    assert known.next_response() == {}


def test_a_tool_that_had_answered_when_the_observer_was_killed() -> None:
    """It does not run again, and the model is asked to go on if nobody has done so."""
    known, _ = taken_over(started())
    known.hear(events.ItemRetrieved(item=item()))
    known.take_questions()
    output = Item(id="o1", type="function_call_output", call_id="call_1")
    (found,) = known.hear(events.ItemRetrieved(item=output))
    assert found.answered
    known.answered(found)
    assert known.next_response() == {}


def test_a_tool_that_had_answered_and_was_followed_by_a_response() -> None:
    known, _ = taken_over(started(), ResponseStarted(at=2.0, response_id="r2"))
    known.hear(events.ItemRetrieved(item=item()))
    known.take_questions()
    (found,) = known.hear(events.ItemRetrieved(item=Item(id="o1", type="function_call_output", call_id="call_1")))
    known.answered(found)
    assert known.next_response() is None


def test_a_function_call_that_nobody_began_to_answer() -> None:
    """The observer was killed before it could note that the tool ran, or no observer heard the response."""
    known, asked = taken_over(ItemAdded(at=1.0, item_id="f1", kind="function_call"))
    assert asked == ["f1"]
    known.hear(events.ItemRetrieved(item=item()))
    ((check_id, _),) = known.take_questions()
    (found,) = known.hear(error(check_id))
    assert not found.begun_before


def test_a_sideband_that_breaks_while_the_observer_asks() -> None:
    """The questions are asked again on the next one, and only those that were not answered."""
    known, _ = taken_over(started(), started("call_2", "f2"))
    known.hear(events.ItemRetrieved(item=item(1)))
    ((check_id, output_id),) = known.take_questions()
    assert known.take_questions() == []
    known.attach()
    assert known.take_questions() == [("switchboard_f2", "f2"), (check_id, output_id)]
    known.hear(error("switchboard_f2"))
    assert known.hear(error(check_id)) != []
    known.attach()
    assert known.take_questions() == []


def test_a_response_that_ends_while_the_observer_asks() -> None:
    """The function call that it contains is taken up once."""
    known, _ = taken_over(started())
    known.hear(events.ItemRetrieved(item=item()))
    assert len(known.hear(done(item()))) == 1
    assert known.hear(error("switchboard_answered_call_1")) == []


def test_what_has_been_answered_is_not_looked_at() -> None:
    added = ItemAdded(at=1.0, item_id="f1", kind="function_call")
    known, asked = taken_over(added, started(), finished(), ItemAdded(at=3.0, item_id="u1"))
    assert asked == []
    assert known.hear(events.ItemRetrieved(item=item())) == []
    assert known.take_questions() == []


def test_an_answer_that_nobody_asked_for() -> None:
    output = Item(id="o1", type="function_call_output", call_id="call_1")
    known = turns()
    assert known.hear(events.ItemRetrieved(item=output)) == []
    assert known.hear(done(item())) == []
    assert known.hear(events.ItemRetrieved(item=MESSAGE)) == []
