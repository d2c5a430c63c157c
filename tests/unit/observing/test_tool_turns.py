"""Tests when tools run, and when the model is asked to go on."""

import pytest

from switchboard.observing.goodbye import SAY
from switchboard.observing.tool_turns import RESPOND_EVENT, FunctionCall
from switchboard.realtime import events
from switchboard.realtime.objects import Item
from switchboard.record.tool_lines import ToolStarted
from tests.unit.observing.function_calls import MESSAGE, answer, created, done, error, finished, item, turns, typed


def test_a_function_call_and_its_answer() -> None:
    """When the answer has been sent the model is asked to go on, once."""
    known = turns()
    known.hear(created())
    (found,) = known.hear(done(item()))

    assert found == FunctionCall(
        id="call_1", name="weather", arguments="{}", item_id="f1", response_id="r1", refusal=None
    )
    assert known.next_response() is None
    answer(known, found)
    assert known.next_response() == {}
    assert known.next_response() is None


def test_several_function_calls_of_one_response() -> None:
    """The model is asked once, after the last answer."""
    known = turns()
    found = known.hear(done(*(item(number) for number in range(30))))
    assert len(found) == 30
    for each in found[:-1]:
        answer(known, each)
        assert known.next_response() is None
    known.answered(found[-1])
    assert known.next_response() == {}


@pytest.mark.parametrize(
    "other",
    [
        MESSAGE,
        item(name="tool_of_the_page"),
        item(name=None),
        item(call_id=None),
        item(status="incomplete"),
    ],
)
def test_what_is_not_for_the_gateway(other: Item) -> None:
    """Functions that the page has offered are the page's business; and a call must be complete."""
    assert turns().hear(done(other)) == []


def test_a_call_that_was_cut_off() -> None:
    """The response has reached its longest. The model is told, and asked to go on, instead of waiting for ever."""
    known = turns()
    (found,) = known.hear(done(item(status="incomplete"), status="incomplete"))
    assert found.refusal == "invalid_arguments"
    answer(known, found)
    assert known.next_response() == {}


def test_a_call_is_taken_up_once() -> None:
    """The event may come twice, and another observer may have been faster."""
    known = turns()
    known.hear(events.ItemAdded(item=Item(id="o2", type="function_call_output", call_id="call_2")))
    known.hear(events.ItemAdded(item=item(3)))

    assert [each.id for each in known.hear(done(item(1), item(2)))] == ["call_1"]
    assert known.hear(done(item(1), item(2))) == []


def test_a_caller_who_interrupts_the_response_that_calls_a_tool() -> None:
    """The tool does not run. It gets an answer, but the model answers the caller and not that."""
    known = turns()
    (found,) = known.hear(done(item(), status="cancelled"))
    assert found.refusal == "interrupted"
    answer(known, found)
    assert known.next_response() is None


def test_a_caller_who_speaks_while_a_tool_runs() -> None:
    """The service answers the caller without knowing the tool's answer. So the model is asked afterwards."""
    known = turns()
    (found,) = known.hear(done(item()))
    known.hear(events.SpeechStarted())
    known.hear(events.SpeechStopped())
    known.hear(created())
    answer(known, found)
    assert known.next_response() is None
    known.hear(done(MESSAGE, response="r2"))
    assert known.next_response() == {}


def test_a_caller_who_speaks_when_a_tool_ends() -> None:
    """The response to the caller has read the tool's answer already, and no other one is needed."""
    known = turns()
    (found,) = known.hear(done(item()))
    known.hear(events.SpeechStarted())
    answer(known, found)
    assert known.next_response() is None
    known.hear(events.SpeechStopped())
    assert known.next_response() is None
    known.hear(created())
    known.hear(done(MESSAGE, response="r2"))
    assert known.next_response() is None


def test_a_caller_whose_speech_is_not_answered() -> None:
    """Without voice detection that answers, the gateway asks for the response."""
    known = turns()
    (found,) = known.hear(done(item()))
    known.hear(events.SpeechStarted())
    answer(known, found)
    known.quiet()
    assert known.next_response() == {}


def test_another_response_that_is_faster() -> None:
    """The service refuses a second response; the gateway asks again when the first one is done."""
    known = turns()
    (found,) = known.hear(done(item()))
    answer(known, found)
    known.next_response()
    known.hear(error(RESPOND_EVENT, "conversation_already_has_active_response"))
    assert known.next_response() is None
    known.hear(done(MESSAGE, response="r2"))
    assert known.next_response() == {}


def test_a_service_that_refuses_the_response() -> None:
    """The gateway does not ask for it for ever."""
    known = turns()
    (found,) = known.hear(done(item()))
    answer(known, found)
    known.next_response()
    known.hear(error(RESPOND_EVENT, "server_error"))
    assert known.next_response() is None


def test_errors_and_events_about_something_else() -> None:
    known = turns()
    assert known.hear(events.ErrorEvent()) == []
    assert known.hear(error("somebody_elses")) == []
    assert known.hear(events.ItemDeleted(item_id="i1")) == []


def test_rounds() -> None:
    """A model that goes on calling tools is told to stop, and must answer in words. The next turn is a new one."""
    known = turns(rounds=2)
    refusals = []
    for number in range(3):
        (found,) = known.hear(done(item(number), response=f"r{number}"))
        refusals.append(found.refusal)
        answer(known, found)
        last = known.next_response()
        known.hear(created())

    assert refusals == [None, None, "too_many_calls"]
    assert last == {"tool_choice": "none"}
    known.hear(typed())
    (found,) = known.hear(done(item(9), response="r9"))
    assert found.refusal is None


def test_calls_of_one_call() -> None:
    """They are counted over all turns, and over all observers of the call."""
    known = turns(calls=3)
    known.resume([ToolStarted(at=1.0, tool_call_id="call_8", name="weather"), finished("call_8")])
    found = known.hear(done(item(1), item(2), item(3)))

    assert [each.refusal for each in found] == [None, None, "too_many_calls"]


def test_words_for_a_slow_tool() -> None:
    """They are said while nobody speaks, and the response that says them does not count as the model's answer."""
    known = turns()
    assert known.may_say()
    for begins, ends in (
        (events.SpeechStarted(), None),
        (created(SAY), done(MESSAGE, response="say")),
        (events.PlaybackStarted(), events.PlaybackStopped()),
        (events.PlaybackStarted(), events.PlaybackCleared()),
    ):
        known = turns()
        known.hear(begins)
        assert not known.may_say()
        if ends is not None:
            known.hear(ends)
            assert known.may_say()

    (found,) = known.hear(done(item()))
    answer(known, found)
    known.hear(created(SAY))
    known.hear(done(MESSAGE, response="say"))
    assert known.next_response() == {}


def test_another_observer_that_is_faster() -> None:
    """Whoever has answered also asks the model to go on. This observer does neither."""
    known = turns()
    (found,) = known.hear(done(item()))
    known.hear(events.ItemAdded(item=Item(id=found.output_id, type="function_call_output", call_id=found.id)))
    assert known.has_answer(found)
    known.answered(found)
    assert known.next_response() is None


def test_another_observer_that_answers_at_the_same_time() -> None:
    """The service refuses the second answer and the second request to go on, and neither is sent again."""
    known = turns()
    (found,) = known.hear(done(item()))
    known.answered(found)
    assert known.next_response() == {}
    known.hear(events.ItemAdded(item=Item(id=found.output_id, type="function_call_output", call_id=found.id)))
    known.hear(created())
    known.hear(error(found.answer_event, "item_already_exists"))
    known.hear(error(RESPOND_EVENT, "conversation_already_has_active_response"))
    known.hear(done(MESSAGE, response="r2"))
    assert known.next_response() is None


def test_an_answer_that_a_response_has_not_read() -> None:
    """A response that began before the answer was in the conversation cannot know it."""
    known = turns()
    (found,) = known.hear(done(item()))
    known.answered(found)
    known.next_response()
    known.hear(created())
    known.hear(error(RESPOND_EVENT, "conversation_already_has_active_response"))
    known.hear(done(MESSAGE, response="r2"))
    assert known.next_response() == {}


def test_a_tool_of_an_mcp_server() -> None:
    """When the service is done with it the model is asked to go on, unless somebody else has asked by then."""
    known = turns()
    known.owe()
    assert known.next_response() == {}
    known.owe()
    known.hear(created())
    assert known.next_response() is None
