"""Says which calls a list shows, in which order, and where its next page begins. This module does no I/O."""

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, NamedTuple

import msgspec

from switchboard.errors import QueryInvalid
from switchboard.operating.rows import CallRow
from switchboard.record.index_lines import IndexLine

# A list without `from` shows the last so many UTC days.
USUAL_DAYS = 7
# All live calls of a large gateway fit on one page, so that whoever follows them asks once.
MOST_ROWS, USUAL_ROWS = 500, 50

Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-11-21"])]


class CallsQuery(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """This is the query of GET /api/calls."""

    state: Annotated[str, msgspec.Meta(pattern="^(live|ended)$")] | None = None
    """`live` for calls that are up, `ended` for archived calls; both if it is missing."""
    first: Day | None = None
    """The first UTC day on which the calls began; six days before the last one if it is missing."""
    last: Day | None = None
    """The last UTC day on which the calls began; today if it is missing."""
    caller: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    """The id of the caller exactly as records have it, or their name; in a name, upper and lower case are the same."""
    assistant: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    """The name of the assistant."""
    reason: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    """Why the call ended, such as `peer_left`."""
    words: Annotated[str, msgspec.Meta(min_length=2, max_length=100)] | None = None
    """A text that occurs in what was said or typed in an archived call; upper and lower case are the same."""
    mine: Annotated[str, msgspec.Meta(pattern="^(true|false)$")] | None = None
    """`true` for the caller's own calls only. Whoever is no operator must ask for them."""
    # With None beside it, the text `null` would be read as None.
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)] = USUAL_ROWS
    """How many calls a page has at the most."""
    after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    """The token `next` of the page before."""


class Position(NamedTuple):
    """Is a place in the order of calls: by start, and of equal ones by id, the newest first."""

    started: str
    """The start of the call there, in ISO 8601, UTC, with milliseconds."""
    call_id: str
    """The id of the call there; empty for a place before all calls of that moment."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Says which calls a list shows."""

    state: str = ""
    """`live`, `ended`, or empty for both."""
    first: date
    """The first UTC day on which the calls began."""
    last: date
    """The last UTC day on which the calls began."""
    caller: str | None = None
    """The id of the caller; None for all callers."""
    person: str | None = None
    """The id of the caller, or their name in whatever case; None for all callers."""
    assistant: str | None = None
    """The name of the assistant; None for all."""
    reason: str | None = None
    """Why the calls ended; None for whatever reason."""
    words: str | None = None
    """The text that occurs in the calls, in lower case; None if it does not matter."""
    limit: int = USUAL_ROWS
    """How many calls a page has at the most."""
    after: Position | None = None
    """The last place of the page before; None for the first page."""

    @property
    def wants_live(self) -> bool:
        """Return whether live calls are shown. Nobody has archived their words or their end yet."""
        return self.state != "ended" and self.words is None and self.reason is None

    @property
    def wants_archived(self) -> bool:
        """Return whether archived calls are shown."""
        return self.state != "live"

    def days(self) -> Iterator[str]:
        """Yield the days that are still to be read, such as `2026-11-21`, the newest first."""
        day = self.last
        if self.after:
            day = min(day, read_day(self.after.started[:10]))
        while day >= self.first:
            yield day.isoformat()
            day -= timedelta(days=1)

    def takes(self, call: IndexLine) -> bool:
        """Return whether an archived call is shown, apart from its words and from the page that it is on."""
        return (
            self._is_of(call.caller_id, call.caller_name)
            and (self.assistant is None or call.assistant == self.assistant)
            and (self.reason is None or call.end_reason == self.reason)
        )

    def takes_live(self, row: CallRow) -> bool:
        """Return whether a live call is shown, apart from the page that it is on."""
        return (
            self._is_of(row.caller.id, row.caller.name)
            and (self.assistant is None or row.assistant == self.assistant)
            and self.first.isoformat() <= row.started[:10] <= self.last.isoformat()
        )

    def _is_of(self, caller_id: str, name: str) -> bool:
        """Return whether calls of this caller are shown. Only a caller's id, and no name, says whose a call is."""
        if self.caller is not None and caller_id != self.caller:
            return False
        return self.person is None or caller_id == self.person or name.casefold() == self.person.casefold()

    def is_ahead(self, position: Position) -> bool:
        """Return whether what stands at this position comes after the page before."""
        return self.after is None or position < self.after


def read_selection(query: CallsQuery, caller: str | None, now: float) -> Selection:
    """Return what the query selects at `now` (Unix seconds). `caller` is whose calls alone may be shown, or None.

    Raises QueryInvalid if a day does not exist, if the days are in the wrong order, or if the token is not a token.
    """
    last = read_day(query.last) if query.last else datetime.fromtimestamp(now, UTC).date()
    first = read_day(query.first) if query.first else last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise QueryInvalid("`from` is later than `to`.")
    return Selection(
        state=query.state or "",
        first=first,
        last=last,
        caller=caller,
        person=query.caller,
        assistant=query.assistant,
        reason=query.reason,
        words=query.words.casefold() if query.words else None,
        limit=query.limit,
        after=read_token(query.after) if query.after else None,
    )


def read_day(text: str) -> date:
    """Return the day that a text such as `2026-11-21` names. Raises QueryInvalid if there is no such day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise QueryInvalid(f"There is no day {text}.") from None
    # Nobody called before; and there is a day before each of these, whatever is subtracted from it.
    if day.year < 2000:
        raise QueryInvalid(f"The day {text} is too long ago.")
    return day


def token(position: Position) -> str:
    """Return a position as a text for a URL, which `read_token` reads."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_token(text: str) -> Position:
    """Return the position in a token. Raises QueryInvalid if it is not one."""
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Position)
    except (ValueError, msgspec.MsgspecError):
        raise QueryInvalid("`after` is not a token of a page.") from None
    read_day(found.started[:10])
    return found


def position_of(call: CallRow | IndexLine) -> Position:
    """Return the place of a call in the order."""
    return Position(call.started, call.call_id)


def says(summary: bytes, words: str) -> bool:
    """Return whether a call summary has these words, which are in lower case, in what was said or typed."""
    try:
        transcript = msgspec.json.decode(summary, type=_Transcript).transcript
    except msgspec.MsgspecError:
        return False
    return any(words in line.text.casefold() for line in transcript if line.text)


class _Line(msgspec.Struct):
    text: str | None


class _Transcript(msgspec.Struct):
    transcript: list[_Line]
