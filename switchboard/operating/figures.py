"""Adds up what calls used and how they went, by day, caller or assistant. This module does no I/O."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from switchboard.operating.rows import priced
from switchboard.operating.selection import Day
from switchboard.record.index_lines import IndexLine
from switchboard.record.usage import Usage
from switchboard.settings import Prices

# One request reads the indexes of so many days at the most.
MOST_DAYS = 92

By = Literal["day", "caller", "assistant"]
"""What the figures are added up by."""


class UsageQuery(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """This is the query of GET /api/usage."""

    first: Day | None = None
    """The first UTC day on which the calls began; six days before the last one if it is missing."""
    last: Day | None = None
    """The last UTC day on which the calls began, at most 91 days after the first; today if it is missing."""
    by: Annotated[str, msgspec.Meta(pattern="^(day|caller|assistant)$")] | None = None
    """What to add up by; `day` if it is missing."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Says what some archived calls used and how they went."""

    key: str
    """The day, the caller's id or the assistant's name; empty for the total, and where nobody knows the assistant."""
    calls: int
    """How many calls there were."""
    minutes: float
    """How long they lasted together, in minutes."""
    turns: int
    """How many answers the model gave."""
    usage: Usage
    """What they were billed for."""
    cost: float | None
    """What the usage costs by the setting PRICES, in its currency; None without prices."""
    latency_p50_ms: int | None
    """Half of the answers began sooner than so many milliseconds; None if no answer's latency is known."""
    latency_p95_ms: int | None
    """19 in 20 answers began sooner than so many milliseconds; None if no answer's latency is known."""
    ended: dict[str, int]
    """How many of the calls ended for which reason; `unknown` also counts those whose end nobody knows."""


class UsageReport(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Is the answer of GET /api/usage."""

    first: str
    """The first UTC day that was read, such as `2026-11-21`."""
    last: str
    """The last UTC day that was read."""
    by: By
    """What the rows are added up by."""
    currency: str | None
    """The currency of the costs, as an ISO 4217 code; None without prices."""
    rows: list[Figures]
    """The figures, by day in the order of the days, otherwise those with the most minutes first."""
    total: Figures
    """The figures of all calls together."""


class _Sum:
    def __init__(self) -> None:
        self.calls = self.turns = 0
        self.seconds = 0.0
        self.usage = Usage.nothing()
        self.latencies: list[int] = []
        self.ended: Counter[str] = Counter()

    def add(self, call: IndexLine) -> None:
        self.calls += 1
        self.turns += call.turns
        self.seconds += call.seconds
        self.usage.add(call.usage)
        self.latencies += call.latencies_ms
        self.ended[call.end_reason or "unknown"] += 1

    def merge(self, other: "_Sum") -> None:
        self.calls += other.calls
        self.turns += other.turns
        self.seconds += other.seconds
        self.usage.add(other.usage)
        self.latencies += other.latencies
        self.ended += other.ended

    def figures(self, key: str, prices: Prices | None) -> Figures:
        ordered = sorted(self.latencies)
        return Figures(
            key=key,
            calls=self.calls,
            minutes=round(self.seconds / 60, 2),
            turns=self.turns,
            usage=self.usage,
            cost=priced(self.usage, prices),
            latency_p50_ms=_share(ordered, 50),
            latency_p95_ms=_share(ordered, 95),
            ended=dict(self.ended.most_common()),
        )


class Totals:
    """Adds calls up as they are read, so that they need not be kept."""

    def __init__(self, by: By) -> None:
        self.by = by
        """What the calls are added up by."""
        self._sums: dict[str, _Sum] = {}

    def add(self, day: str, calls: Iterable[IndexLine]) -> None:
        """Add the calls of one day, such as `2026-11-21`. A day without calls has its row too."""
        if self.by == "day":
            self._sums.setdefault(day, _Sum())
        for call in calls:
            key = {"day": day, "caller": call.caller_id, "assistant": call.assistant}[self.by]
            sums = self._sums.get(key) or self._sums.setdefault(key, _Sum())
            sums.add(call)

    def report(self, first: str, last: str, prices: Prices | None) -> UsageReport:
        """Return what was added, of these first and last days."""
        if self.by == "day":
            keys = sorted(self._sums)
        else:
            keys = sorted(self._sums, key=lambda key: (-self._sums[key].seconds, key))
        total = _Sum()
        for one in self._sums.values():
            total.merge(one)
        return UsageReport(
            first=first,
            last=last,
            by=self.by,
            currency=prices.currency if prices else None,
            rows=[self._sums[key].figures(key, prices) for key in keys],
            total=total.figures("", prices),
        )


def _share(ordered: list[int], percent: int) -> int | None:
    """Return the smallest value that at least so many per cent of the values do not exceed, or None of no values."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None
