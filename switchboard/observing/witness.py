"""Watches what the journal of a call holds, and tells telemetry of it."""

import logging
from collections.abc import Callable, Iterable, Sequence
from time import time

from switchboard.observing.story import Story
from switchboard.record.lines import AnyLine, Attached, Line
from switchboard.telemetry.figures import JOURNAL_LAG, Measurement
from switchboard.telemetry.port import Event, Span, Telemetry, Work

log = logging.getLogger(__name__)


class Witness:
    """Is told of the lines of one call. This one does nothing. No method raises or blocks."""

    def resume(self, lines: Iterable[AnyLine]) -> None:
        """Take over what the journal held before this observer wrote to it."""

    def kept(self, lines: Sequence[Line]) -> None:
        """Note that the journal now holds these lines, which this observer has written."""


NOBODY = Witness()
"""Watches nothing."""


class Telling(Witness):
    """Tells the story of a call to its open `span` and to the figures. `clock` returns Unix seconds."""

    def __init__(self, story: Story, span: Span, telemetry: Telemetry, clock: Callable[[], float] = time) -> None:
        self._story = story
        self._span = span
        self._telemetry = telemetry
        self._clock = clock

    def resume(self, lines: Iterable[AnyLine]) -> None:
        """Take over what the journal held, and say in the trace whether somebody has heard the call before."""
        lines = list(lines)
        self._span.set({"switchboard.observer.resumed": any(isinstance(line, Attached) for line in lines)})
        self._safely(lambda: self._story.resume(lines))

    def kept(self, lines: Sequence[Line]) -> None:
        """Tell what the lines mean, and how long each was on its way into the journal."""
        self._safely(lambda: self._tell(lines))

    def _tell(self, lines: Sequence[Line]) -> None:
        now = self._clock()
        for line in lines:
            self._telemetry.measure(Measurement(JOURNAL_LAG, max(0.0, now - line.at)))
            for told in self._story.tell(line):
                if isinstance(told, Event):
                    self._span.event(told)
                elif isinstance(told, Work):
                    self._span.work(told)
                else:
                    self._telemetry.measure(told)

    def _safely(self, work: Callable[[], None]) -> None:
        """Do the work. A fault in it must never cost the record of the call or its observation."""
        try:
            work()
        except Exception:
            log.exception("telemetry of a call failed; the call goes on")
