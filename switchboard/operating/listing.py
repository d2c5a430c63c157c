"""Lists calls, live and archived, from the small blobs of the live ones and from the indexes of the days."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from time import monotonic, time

from azure.core.exceptions import ResourceNotFoundError

from switchboard.observing.live import LAPSE_SECONDS, Listed, LiveCall, LiveCalls
from switchboard.operating.days import Days
from switchboard.operating.rows import CallPage, CallRow, archived_row, live_row
from switchboard.operating.selection import Position, Selection, position_of, says, token
from switchboard.record.index_lines import IndexLine
from switchboard.record.names import summary_name_of
from switchboard.settings import Prices
from switchboard.storage import Storage, storage_errors

# One request reads the indexes of so many days at the most, and so many summaries when it looks for words.
MOST_DAYS = 31
MOST_SUMMARIES = 256
# So many summaries are read at the same time, and after so many seconds no more of them.
BATCH = 32
WORDS_SECONDS = 0.15


class Listing:
    """Lists calls. Methods block on the network and may raise StorageUnavailable."""

    def __init__(
        self,
        storage: Storage,
        days: Days,
        live: LiveCalls,
        executor: Executor,
        prices: Prices | None,
    ) -> None:
        self._storage = storage
        self._days = days
        self._live = live
        self._executor = executor
        self._prices = prices
        # What the live calls' blobs said when they were read last, by call and by version.
        self._known: dict[str, tuple[str, LiveCall]] = {}

    def page(self, selection: Selection) -> CallPage:
        """Return a page of the calls that are selected."""
        live = self._live_rows(selection)
        if not selection.wants_archived:
            rows = list(live)
            return _full(rows, selection) if len(rows) > selection.limit else CallPage(rows, None)
        return self._archived_page(selection, {position_of(row): row for row in live})

    def _archived_page(self, selection: Selection, live: dict[Position, CallRow]) -> CallPage:
        found: list[CallRow] = []
        summaries, until = MOST_SUMMARIES, monotonic() + WORDS_SECONDS
        days = list(islice(selection.days(), MOST_DAYS + 1))
        for day, calls in self._days.each(days[:MOST_DAYS]):
            lines = _ahead(calls, selection)
            while batch := list(islice(lines, BATCH if selection.words else selection.limit)):
                said = self._with_words(batch, selection.words)
                for line, fits in zip(batch, said, strict=True):
                    found += _before(live, position_of(line))
                    found += [archived_row(line, self._prices)] if fits else []
                    if len(found) >= selection.limit:
                        return _full(found, selection)
                summaries -= len(batch)
                if selection.words and (summaries <= 0 or monotonic() > until):
                    return CallPage(found, token(position_of(batch[-1])))
            found += _before(live, Position(day, ""))
            if len(found) >= selection.limit:
                return _full(found, selection)
        # Everything of the days that were read comes before the first moment of the one that was not.
        rest = [token(Position(f"{day}T24", "")) for day in days[MOST_DAYS:]]
        return CallPage(found, rest[0] if rest else None)

    def _with_words(self, lines: list[IndexLine], words: str | None) -> Iterable[bool]:
        if words is None:
            return [True] * len(lines)
        return self._executor.map(lambda line: says(self._summary(line), words), lines)

    def _summary(self, line: IndexLine) -> bytes:
        with storage_errors():
            try:
                name = summary_name_of(line.call_id, line.started[:10])
                content: bytes = self._storage.blob(name).download_blob().body
            except ResourceNotFoundError:
                return b""
        return content

    def _live_rows(self, selection: Selection) -> Iterator[CallRow]:
        """Return the live calls that are selected and come after the page before, in order."""
        if not selection.wants_live:
            return iter(())
        now = time()
        listed = [call for call in self._live.all() if not call.ended]
        contents = self._executor.map(self._content, listed)
        rows = (
            live_row(live, now, self._prices, observed=call.observed and call.age < LAPSE_SECONDS)
            for call, live in zip(listed, contents, strict=True)
            if live
        )
        fitting = [row for row in rows if selection.takes_live(row) and selection.is_ahead(position_of(row))]
        up = {call.call_id for call in listed}
        self._known = {call_id: known for call_id, known in self._known.items() if call_id in up}
        return iter(sorted(fitting, key=position_of, reverse=True))

    def _content(self, call: Listed) -> LiveCall | None:
        etag, live = self._known.get(call.call_id, ("", None))
        if live is None or etag != call.etag:
            live = self._live.read(call.call_id)
            if live is not None:
                self._known[call.call_id] = (call.etag, live)
        return live


def _ahead(calls: Iterable[IndexLine], selection: Selection) -> Iterator[IndexLine]:
    """Yield those of a day's calls that are selected and come after the page before."""
    fitting = (line for line in calls if selection.takes(line))
    return (line for line in fitting if selection.is_ahead(position_of(line)))


def _full(found: list[CallRow], selection: Selection) -> CallPage:
    """Return a full page, after which the list may go on."""
    rows = found[: selection.limit]
    return CallPage(rows, token(position_of(rows[-1])))


def _before(live: dict[Position, CallRow], position: Position) -> list[CallRow]:
    """Take the live calls that come before a position out of `live`, and return them in order.

    A call that has just been archived is shown as archived.
    """
    live.pop(position, None)
    ahead = [place for place in live if place > position]
    return [live.pop(place) for place in sorted(ahead, reverse=True)]
