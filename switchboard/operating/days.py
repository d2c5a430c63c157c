"""Reads the indexes of days, several at once, and keeps what they said while storage says that they are unchanged."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from itertools import islice

from switchboard.operating.selection import position_of
from switchboard.record.index import Index
from switchboard.record.index_lines import IndexLine

# So many indexes are read at the same time at the most.
DAYS_AT_ONCE = 8
# The lines of so many calls are kept. A line takes about 2 KB of memory.
KEPT_LINES = 20_000


class Days:
    """Knows the archived calls of each day. Methods block on the network and may raise StorageUnavailable.

    Several threads may share an instance. It asks storage for each day every time, but an index that has not changed
    is neither sent nor decoded again.
    """

    def __init__(self, index: Index, executor: Executor) -> None:
        self._index = index
        self._executor = executor
        self._lock = threading.Lock()
        # By day, what was used last at the end: the version of the index, and its lines.
        self._kept: dict[str, tuple[str, Sequence[IndexLine]]] = {}

    def each(self, days: Iterable[str]) -> Iterator[tuple[str, Sequence[IndexLine]]]:
        """Yield each of the days, such as `2026-11-21`, with the lines of its calls, the newest call first.

        The first day is read alone, because it often suffices, and then twice as many at a time as before.
        """
        rest, size = iter(days), 1
        while some := list(islice(rest, size)):
            yield from zip(some, self._executor.map(self._read, some), strict=True)
            size = min(2 * size, DAYS_AT_ONCE)

    def _read(self, day: str) -> Sequence[IndexLine]:
        with self._lock:
            etag, lines = self._kept.get(day, ("", ()))
        found = self._index.read_newer(day, etag)
        if found is not None:
            lines, etag = sorted(found[0], key=position_of, reverse=True), found[1]
        self._keep(day, etag, lines)
        return lines

    def _keep(self, day: str, etag: str, lines: Sequence[IndexLine]) -> None:
        with self._lock:
            self._kept.pop(day, None)
            self._kept[day] = (etag, lines)
            kept = sum(len(one) for _, one in self._kept.values())
            while kept > KEPT_LINES:
                oldest = next(iter(self._kept))
                kept -= len(self._kept.pop(oldest)[1])
