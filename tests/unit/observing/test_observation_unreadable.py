"""Tests that events which cannot be read are noted in the record, and how often."""

from switchboard.observing.observation import Observation
from switchboard.realtime import events
from switchboard.record.lines import Fault
from tests.examples import MIDNIGHT, call


def test_unreadable_events() -> None:
    """Each type of event that cannot be read is noted once in a call, also when another observer takes over."""
    text, done = (events.Unreadable(event_id="e1", kind=f"response.{kind}") for kind in ("output_text.done", "done"))
    seen = Observation(call(), keep_words=False)
    (fault,) = seen.receive(text, MIDNIGHT)

    assert isinstance(fault, Fault)
    assert (fault.source, fault.event_id, fault.error.code) == ("gateway", "e1", "event_unreadable")
    assert "response.output_text.done" in (fault.error.message or "")
    assert seen.receive(text, MIDNIGHT + 1) == []
    assert len(seen.receive(done, MIDNIGHT + 2)) == 1

    other = Observation(call(), keep_words=False)
    other.resume([call(), fault])
    assert other.receive(text, MIDNIGHT + 3) == []
    assert len(other.receive(done, MIDNIGHT + 4)) == 1
    assert other.limit_due() == (MIDNIGHT + 300, "max_idle_seconds")
