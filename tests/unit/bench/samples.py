"""Results as the parts of the benchmark give them, with invented figures."""

from bench.section import Section, Table


def section(title: str, **figures: float) -> Section:
    table = Table(["callers", "gateway"], [["1", "140 / 150 / 160"], ["8", "150 / 160 / 170"]], "the stand-ins.")
    return Section(title, "Some words.", [table], dict(figures), took=60.0, when="2026-11-21", load=0.1)


MEASURED = {
    "calls": section("Whole calls", cpu_ms=20.0, operations=20.0, rate=30.0, memory_mb=120.0),
    "arrivals": section("Calls that arrive at random"),
    "observers": section("Observers", share=0.001, memory=100_000.0, memory_kb=100.0, operations=1.5),
}
