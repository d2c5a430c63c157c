"""Says how a live call stands, for its page and for the operators who look at it. This module does no I/O."""

from typing import Literal

import msgspec

from switchboard.record.lines import AnyLine, Fault, Line
from switchboard.record.summary import ErrorRecord, error_record
from switchboard.record.times import iso
from switchboard.record.tool_lines import HandOverRequested
from switchboard.record.tool_uses import HandOverRecord
from switchboard.record.usage import Bills, Usage

# A heartbeat that says something new may come so many seconds after the last one, and need not wait for its time.
SOON_SECONDS = 5.0
# So many different errors are told, and so much of each message, so that a heartbeat stays small.
MOST_ERRORS, MESSAGE_CHARACTERS = 10, 300


class Dues(msgspec.Struct, frozen=True):
    """Says when a limit ends the call if nothing happens. Times are Unix seconds."""

    longest: float
    """When the call has lasted as long as it may, or must end because the budget is spent."""
    idle: float | None
    """When the call has been idle too long; None while somebody speaks."""


class Standing(msgspec.Struct, frozen=True):
    """How a live call stands, as far as its observer has heard."""

    usage: Usage = msgspec.field(default_factory=Usage.nothing)
    """What the call has been billed for so far."""
    speaking: Literal["caller", "assistant"] | None = None
    """Who speaks: the caller, if both do; None if nobody does, or if nobody hears the call."""
    errors: int = 0
    """How many things went wrong so far."""
    hand_over: HandOverRecord | None = None
    """The latest request for an operator; None if a tool has never handed the call over."""
    attached: bool = False
    """Whether an observer has ever heard the call."""
    faults: tuple[ErrorRecord, ...] = ()
    """The first MOST_ERRORS errors that differ, without the end of a long message."""
    dues: Dues | None = None
    """When the limits end the call; None until the observer that holds the call has written a heartbeat."""


NOTHING_HEARD = Standing()
"""How a call stands of which nobody has heard anything."""


class Tally:
    """Counts what the lines of a call's journal say about how it stands."""

    def __init__(self) -> None:
        self._bills = Bills()
        self._errors = 0
        self._faults: dict[tuple[str | None, ...], ErrorRecord] = {}
        self._hand_over: HandOverRecord | None = None

    def note(self, line: AnyLine | Line) -> None:
        """Take over what a line says."""
        self._bills.note(line)
        if isinstance(line, Fault):
            self._note_fault(error_record(line))
        if isinstance(line, HandOverRequested):
            self._hand_over = HandOverRecord(iso(line.at), line.reason)

    def standing(
        self, speaking: Literal["caller", "assistant"] | None, *, attached: bool = False, dues: Dues | None = None
    ) -> Standing:
        """Return how the call stands while this side speaks, and while the limits end it at `dues`."""
        return Standing(
            self._bills.total(),
            speaking,
            self._errors,
            self._hand_over,
            attached,
            tuple(self._faults.values()),
            dues,
        )

    def _note_fault(self, fault: ErrorRecord) -> None:
        self._errors += 1
        kind = (fault.source, fault.type, fault.code, fault.message)
        if len(self._faults) < MOST_ERRORS and kind not in self._faults:
            message = fault.message and fault.message[:MESSAGE_CHARACTERS]
            self._faults[kind] = msgspec.structs.replace(fault, message=message)


def longest_silence(said: Standing, now: Standing) -> float:
    """Return how many seconds the heartbeat that says `now` may wait after the one that said `said`.

    A call that is handed over is shown at once, and so is an end that comes sooner than was said, because the page has
    to warn of it. Other news is told soon: so news costs one heartbeat in SOON_SECONDS at the most. Usage is no news,
    because it grows with every answer.
    """
    if now.dues and said.dues and now.dues.longest < said.dues.longest:
        return 0.0
    if now.hand_over and said.hand_over is None:
        return 0.0
    news = (said.speaking, said.errors, said.hand_over) != (now.speaking, now.errors, now.hand_over)
    return SOON_SECONDS if news else float("inf")
