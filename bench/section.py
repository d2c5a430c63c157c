"""Defines the sections of the page: what each part of the benchmark gives."""

import msgspec


class Table(msgspec.Struct):
    """Holds a table, and a sentence that says what in it is not the product."""

    head: list[str]
    rows: list[list[str]]
    not_ours: str = ""
    """What in the figures is not the product; stands below the table."""

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.head, ["---" for _ in self.head], *self.rows]
        drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{drawn}\n\nNot the product: {self.not_ours}" if self.not_ours else drawn


class Section(msgspec.Struct):
    """Holds what one part measured, in words, tables and figures."""

    title: str
    text: str
    tables: list[Table] = []
    figures: dict[str, float] = {}
    """Figures by name that another part computes with."""
    failed: bool = False
    """Whether the part could not be measured; the text says why."""
    took: float = 0.0
    """How many seconds the part ran."""
    when: str = ""
    """The date on which it ran."""
    load: float = 0.0
    """How many processes wanted to run before it began, on the average of a minute."""

    def markdown(self) -> str:
        """Return the section as Markdown."""
        return "\n\n".join([f"## {self.title}", self.text, *(table.markdown() for table in self.tables)])


def three(values: dict[str, float], sign: str = "") -> str:
    """Return p50 / p95 / p99."""
    return " / ".join(f"{values[name]:{sign}.0f}" for name in ("p50", "p95", "p99"))


def percentiles(values: list[float], which: tuple[int, ...] = (50, 95, 99)) -> dict[str, float]:
    """Return these percentiles of the values, by names such as p50; NaN where there is no value."""
    ordered = sorted(values) or [float("nan")]
    return {f"p{p}": ordered[min(len(ordered) - 1, int(len(ordered) * p / 100))] for p in which}
