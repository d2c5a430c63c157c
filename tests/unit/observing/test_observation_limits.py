"""Tests when a limit ends a call, and what the call has cost until then."""

from switchboard.observing.observation import Observation
from switchboard.realtime import events
from switchboard.realtime.objects import (
    Response,
    ResponseUsage,
)
from switchboard.record.lines import (
    Attached,
    ResponseDone,
)
from tests.examples import MIDNIGHT, call


def observation(*, keep_words: bool = True) -> Observation:
    return Observation(call(), keep_words=keep_words)


SPOKEN = events.TranscriptionCompleted(event_id="e2", item_id="u2", transcript="Good morning")


def test_playing_and_speaking_are_kept_apart() -> None:
    """The end of the one does not make the other silent."""
    seen = observation()
    seen.receive(events.SpeechStarted(item_id="u1"), MIDNIGHT + 1)
    seen.receive(events.PlaybackStopped(response_id="r1"), MIDNIGHT + 2)
    assert seen.idle_due() is None

    seen.receive(events.PlaybackStarted(response_id="r2"), MIDNIGHT + 3)
    seen.receive(events.SpeechStopped(item_id="u1"), MIDNIGHT + 4)
    assert seen.idle_due() is None

    seen.receive(events.PlaybackStopped(response_id="r2"), MIDNIGHT + 5)
    assert seen.idle_due() == MIDNIGHT + 305


def test_activity_never_goes_back() -> None:
    """A line that was written late does not make a call idle earlier."""
    seen = observation()
    seen.receive(SPOKEN, MIDNIGHT + 100)
    seen.receive(SPOKEN, MIDNIGHT + 50)

    assert seen.idle_due() == MIDNIGHT + 400


def test_both_limits_at_once() -> None:
    """If both are due at the same moment, the longest time is named: silence is then not the caller's fault."""
    seen = Observation(call(max_call_seconds=300), keep_words=True)

    assert seen.limit_due() == (MIDNIGHT + 300, "max_call_seconds")


def test_whether_an_observer_was_there() -> None:
    """A journal tells a call that somebody heard from one that nobody heard yet."""
    seen = observation()
    seen.resume([call()])
    assert not seen.attached

    seen.resume([call(), Attached(at=MIDNIGHT)])
    assert seen.attached


def test_the_budget_is_spent() -> None:
    """The end is announced once, binds like a limit, and an observer that takes over knows of it."""
    seen = observation()
    line = seen.announce(MIDNIGHT + 130, MIDNIGHT + 100)
    assert line is not None
    assert seen.announce(MIDNIGHT + 140, MIDNIGHT + 110) is None
    assert seen.limit_due() == (MIDNIGHT + 130, "budget_spent")

    successor = observation()
    successor.resume([call(), line])
    assert successor.limit_due() == (MIDNIGHT + 130, "budget_spent")


def test_an_announcement_after_the_longest_time() -> None:
    """A call that ends anyway before the announced moment ends for its own limit."""
    seen = observation()
    seen.receive(SPOKEN, MIDNIGHT + 1790)
    seen.announce(MIDNIGHT + 1820, MIDNIGHT + 1790)

    assert seen.limit_due() == (MIDNIGHT + 1800, "max_call_seconds")


def test_what_the_call_has_been_billed_for() -> None:
    """What the journal says and what this observer hears is added up."""
    bill = ResponseUsage(total_tokens=10)
    seen = observation()
    seen.resume([call(), ResponseDone(at=MIDNIGHT, response_id="r1", usage=bill)])
    seen.receive(events.ResponseDone(response=Response(id="r2", status="completed", usage=bill)), MIDNIGHT + 1)

    assert (seen.standing().usage.responses, seen.standing().usage.total) == (2, 20)


def test_a_call_that_a_tool_has_ended() -> None:
    """It is due at once, before any other limit."""
    known = Observation(call(), keep_words=True)
    known.finish(MIDNIGHT + 7)

    assert known.limit_due() == (MIDNIGHT + 7, "ended_by_assistant")


def test_a_call_that_waits_for_tools() -> None:
    """It is not idle before the last tool has ended, and then the idle time begins anew."""
    seen = observation()
    seen.tool_began()
    seen.tool_began()
    seen.tool_ended(MIDNIGHT + 5)
    assert seen.idle_due() is None
    seen.tool_ended(MIDNIGHT + 9)

    assert seen.idle_due() == MIDNIGHT + 9 + call().max_idle_seconds
