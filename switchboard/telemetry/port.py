"""What the gateway asks of telemetry. The classes here do nothing: they are what runs where TELEMETRY is off."""

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import msgspec

from switchboard.telemetry.figures import Attributes, Measurement

Kind = Literal["internal", "client", "producer"]
"""Whether a span is work of the gateway itself, a request to somebody else, or the sending of a queue message.

The Functions host itself makes the spans of the requests and messages that arrive; another one of that kind would count
each of them twice.
"""


class Event(msgspec.Struct, frozen=True):
    """Is something that happened at one moment of a span."""

    name: str
    """What happened."""
    at: float
    """When, in Unix seconds."""
    attributes: Attributes = {}
    """More about it; no words of a caller and no secrets."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Is a span that is over, and is known only afterwards."""

    name: str
    """What was done."""
    kind: Kind = "internal"
    """Who did it."""
    start: float
    """When it began, in Unix seconds."""
    end: float
    """When it ended, in Unix seconds."""
    attributes: Attributes = {}
    """More about it; no words of a caller and no secrets."""
    error: str = ""
    """The code of the error with which it failed; empty if it did not."""


class Span:
    """Is a piece of work that goes on. This one records nothing."""

    def set(self, attributes: Attributes) -> None:
        """Add attributes to the span."""

    def event(self, event: Event) -> None:
        """Note that something happened in the span."""

    def fail(self, code: str) -> None:
        """Mark the span as failed, with the code of the error. The text of an error never goes into a span."""

    def work(self, work: Work) -> None:
        """Record a piece of work that was done within this span and is over."""


_NOTHING = nullcontext(Span())


class Telemetry:
    """Records traces and figures, and is shared by all threads. This one records nothing. No method raises or blocks.

    An instance lives as long as the process, and `close` ends it.
    """

    on = False
    """Whether anything is recorded."""

    def span(
        self,
        name: str,  # noqa: ARG002  the arguments are the port's
        attributes: Attributes | None = None,  # noqa: ARG002
        *,
        kind: Kind = "internal",  # noqa: ARG002
        parent: str = "",  # noqa: ARG002
        start: float | None = None,  # noqa: ARG002
    ) -> AbstractContextManager[Span]:
        """Return a context manager that opens a span for its block; spans of the block become its children.

        `parent` is the W3C traceparent of work elsewhere that the span continues; if it is empty or cannot be read, the
        span continues the one that is open here, or begins a trace. `start` is when the work began, in Unix seconds;
        None for now. If the block raises, the span fails with the error's code or, without one, its class.
        """
        return _NOTHING

    def current(self) -> Span:
        """Return the span that is open in this thread or task."""
        return _NOTHING.enter_result

    def traceparent(self) -> str:
        """Return the W3C traceparent of the open span, or an empty text if there is none."""
        return ""

    def measure(self, *measurements: Measurement) -> None:
        """Record values of figures."""

    def flush(self) -> None:
        """Send what has been recorded so far. Blocks on the network for some seconds at most."""

    def close(self) -> None:
        """Send what has been recorded, and record nothing more. Blocks on the network for some seconds at most."""


OFF = Telemetry()
"""Records nothing."""
