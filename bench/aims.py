"""Says what the project aims at, and compares it with what was measured. Sans-I/O."""

import math
from collections.abc import Mapping

import msgspec

from bench.section import Section, Table


class Aim(msgspec.Struct, frozen=True):
    """Describes one figure of a part, and what it shall be."""

    part: str
    figure: str
    """The name of the figure among those that the part gave."""
    what: str
    """The figure in words."""
    limit: float
    unit: str = "ms"
    least: bool = False
    """Whether the limit is the least that the figure shall be, and not the most."""
    digits: int = 0

    def met(self, value: float) -> bool:
        """Return whether a figure meets the aim, rounded as the page shows it."""
        shown = round(value, self.digits)
        return shown >= self.limit if self.least else shown <= self.limit

    def told(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{value:,.{self.digits}f} {self.unit}".strip().replace("-", "−")


_ADDED = "added to the wait for the SDP answer, {callers}, {which}"
_CALLERS = {1: "1 caller", 8: "8 callers", 32: "32 callers"}
_CONNECTS = {1: (-65, -40), 8: (-60, 0), 32: (0, 60)}

AIMS: tuple[Aim, ...] = (
    Aim("calls", "cpu_ms", "CPU of a whole call of 8 events, 32 callers", 12, digits=1),
    Aim(
        "calls",
        "rate",
        "whole calls of 8 events that one core keeps up with",
        80,
        "a second",
        least=True,
    ),
    *(
        Aim("calls", f"added_{which}_{callers}", _ADDED.format(callers=_CALLERS[callers], which=which), limit)
        for callers, limits in _CONNECTS.items()
        for which, limit in zip(("p50", "p99"), limits, strict=True)
    ),
    Aim("calls", "token_added_p50_32", "added to the wait for an ephemeral token, 32 callers, p50", 20),
    Aim("calls", "token_cpu_ms", "CPU of an ephemeral token", 2.5, digits=1),
    Aim("calls", "memory_mb", "memory of the worker after the many calls", 130, "MB"),
    Aim("connect", "cpu_ms", "CPU of an SDP answer alone", 4, digits=1),
    Aim("observers", "memory_kb", "memory of an observed call, TLS included", 100, "KB"),
    Aim("observers", "attached_p95", "from the 201 to an attached observer, p95", 1000),
    Aim("observers", "late_most", "a hang-up after its limit was due, the longest", 1000),
    Aim("observers", "lost", "events lost", 0, ""),
    Aim(
        "start",
        "ratio",
        "importing and indexing the app, beside `import azure.functions` alone",
        1.5,
        "times",
        digits=2,
    ),
    Aim("start", "first_token", "first token after a start", 0.5, "s", digits=2),
    Aim("operators", "list_p95", "the operators' list of 10,000 archived calls, p95 of its slowest query", 300),
    Aim(
        "operators",
        "live_longest",
        "a heartbeat of 256 live calls, from storage to the page, the longest",
        2000,
    ),
    Aim("operators", "longest_task", "the operators' page busy without a break, the longest", 200),
    Aim("page", "channel_busy", "from the click to the open channel, service 150 / 250 ms", 300),
)


def table(part: str, figures: Mapping[str, float]) -> Table | None:
    """Return the table of a part's aims, and None if it has none or gave no figure for them."""
    rows = [
        [aim.what, f"{'≥' if aim.least else '≤'} {aim.told(aim.limit)}", aim.told(value), _met(aim, value)]
        for aim in AIMS
        if aim.part == part and (value := figures.get(aim.figure)) is not None and math.isfinite(value)
    ]
    return Table(["aim", "wanted", "measured", "met"], rows) if rows else None


def told(measured: Mapping[str, Section]) -> str:
    """Return, as Markdown, how many aims are met, and which are missed or were not measured."""
    found = {aim: measured[aim.part].figures.get(aim.figure) for aim in AIMS if aim.part in measured}
    known = {aim: value for aim, value in found.items() if value is not None and math.isfinite(value)}
    missed = [aim for aim, value in known.items() if not aim.met(value)]
    unknown = [aim for aim in AIMS if aim not in known]
    text = f"The project has set itself {len(AIMS)} aims. {len(known) - len(missed)} of them are met here."
    for what, aims in (("These are missed:", missed), ("These were not measured:", unknown)):
        if aims:
            text += f"\n\n{what}\n\n" + "\n".join(f"- {aim.what}" for aim in aims)
    return text


def _met(aim: Aim, value: float) -> str:
    return "yes" if aim.met(value) else "**no**"
