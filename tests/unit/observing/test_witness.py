"""Tests that what the journal holds reaches telemetry, and that a fault of telemetry stops there."""

from collections.abc import Iterator

import pytest

from switchboard.observing.story import Story, Told
from switchboard.observing.witness import NOBODY, Telling
from switchboard.record.lines import AnyLine, Attached, Line
from tests.examples import MIDNIGHT, call
from tests.unit.observing.test_story import turn
from tests.unit.telemetry.recorder import Recorder


def test_nobody() -> None:
    """Where telemetry is off, nobody is told."""
    NOBODY.resume([Attached(at=MIDNIGHT)])
    NOBODY.kept([Attached(at=MIDNIGHT)])


@pytest.mark.parametrize(
    ("before", "resumed"), [([], False), ([call()], False), ([call(), Attached(at=MIDNIGHT)], True)]
)
def test_telling(before: list[AnyLine], resumed: bool) -> None:
    """Turns become spans within the observer's own, with its events and the figures, and each line has its lag."""
    recorder = Recorder()
    with recorder.telemetry.span("observe_call") as span:
        witness = Telling(Story(call(), None), span, recorder.telemetry, clock=lambda: MIDNIGHT + 5)
        witness.resume(before)
        witness.kept([Attached(at=MIDNIGHT + 6), *turn()])
    told, outer = recorder.spans()

    assert told.name == "chat gpt-realtime"
    assert told.parent == outer.context
    assert outer.attributes == {"switchboard.observer.resumed": resumed}
    assert [event.name for event in outer.events] == ["observer.attached"]
    assert recorder.value("switchboard.journal.lag") == 7
    assert recorder.value("switchboard.response.latency") == 1


def test_a_fault_of_telemetry(caplog: pytest.LogCaptureFixture) -> None:
    """A fault in the story is logged, and the observer never learns of it."""

    class Broken(Story):
        def tell(self, line: Line) -> Iterator[Told]:
            raise ZeroDivisionError

    recorder = Recorder()
    with recorder.telemetry.span("observe_call") as span:
        witness = Telling(Broken(call(), None), span, recorder.telemetry)
        witness.resume([Attached(at=MIDNIGHT)])
        witness.kept([Attached(at=MIDNIGHT)])

    assert [record.exc_info is not None for record in caplog.records] == [True, True]
