"""Tests that telemetry which is off does nothing at all."""

import pytest

from switchboard.telemetry.figures import CALLS_LIVE, Measurement
from switchboard.telemetry.port import OFF, Event, Work


def test_off() -> None:
    """Everything may be asked of it, and it is always the same span that it gives."""
    with OFF.span("connect", {"a": 1}, kind="client", parent="00-1-2-01", start=0.0) as span:
        span.set({"b": 2})
        span.event(Event("fault", 0.0))
        span.fail("call_not_found")
        span.work(Work(name="chat", start=0.0, end=1.0))
        assert OFF.current() is span
        assert OFF.traceparent() == ""
    OFF.measure(Measurement(CALLS_LIVE, 1))
    OFF.flush()
    OFF.close()

    assert not OFF.on


def test_off_hides_no_error() -> None:
    """An error of the block passes through."""
    with pytest.raises(KeyError), OFF.span("connect"):
        raise KeyError
