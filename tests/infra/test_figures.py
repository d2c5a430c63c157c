"""Tests that workbook and alerts read the figures that the gateway sends, under its names and by its attributes.

`azure-monitor-opentelemetry-exporter` sends each figure under its own name, and its attributes as `customDimensions`.
Counters and histograms carry what came since the last export, in `valueSum` and `valueCount`; an up-and-down counter
carries its value of that moment, for each process.
"""

import json
import re
from typing import get_args

import pytest
from azure.monitor.opentelemetry.exporter.export.metrics._exporter import APPLICATION_INSIGHTS_METRIC_TEMPORALITIES
from opentelemetry.sdk.metrics import Counter, Histogram, UpDownCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality

from switchboard.errors import caller, limits
from switchboard.record.lines import EndReason
from switchboard.telemetry import figures
from switchboard.telemetry.figures import FIGURES, Figure
from tests.infra.bicep import INFRA, literal, parse

NAMED = {figure.name: figure for figure in FIGURES}
RULES = parse(INFRA / "modules" / "alerts.bicep").of("var")["figureRules"].value
assert RULES
ALERTS = {rule["name"]: rule["query"] for rule in literal(RULES)}
WORKBOOK = {
    item["name"]: item["content"]["query"]
    for item in json.loads((INFRA / "workbook.json").read_text())["items"]
    if item["type"] == 3 and "customMetrics" in item["content"]["query"]
}
QUERIES = {**ALERTS, **WORKBOOK}


def figure_of(query: str) -> Figure:
    """Return the figure that the query reads."""
    (name,) = re.findall(r'name == "([\w.]+)"', query)
    return NAMED[name]


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_reads_a_figure_by_attributes_that_it_has(query: str) -> None:
    """The figure is one of the code's, and so is each attribute, which is called what it is."""
    asked = re.findall(r'customDimensions\["([\w.]+)"\]', query)
    assert set(asked) <= set(figure_of(query).by)
    assert query.count("customDimensions") == len(asked)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_adds_up_what_its_kind_of_figure_carries(query: str) -> None:
    """A value of the moment is taken last for each process; everything else is added up, or is a largest value."""
    if figure_of(query).kind == "up_down":
        assert "arg_max(timestamp, valueSum) by cloud_RoleInstance" in query
    else:
        assert re.search(r"sum\(valueSum\)|valueMax|where reason", query)
    if "valueMax" in query or "valueCount" in query:
        assert figure_of(query).kind == "histogram"
    # The column `value` of a histogram is its sum too, which reads as if it were an average.
    assert not re.search(r"\bvalue\b", query)


def test_the_exporter_sends_increments_and_levels_as_the_queries_take_them() -> None:
    sent = {kind: APPLICATION_INSIGHTS_METRIC_TEMPORALITIES[kind] for kind in (Counter, Histogram, UpDownCounter)}
    delta, cumulative = AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE
    assert sent == {Counter: delta, Histogram: delta, UpDownCounter: cumulative}


def test_the_workbook_shows_every_figure_that_people_ask_for() -> None:
    shown = {figure_of(query) for query in WORKBOOK.values()}
    # How long calls last is in the part that reads the log, and the tokens of a response are among all tokens.
    assert set(FIGURES) - shown == {figures.CALL_SECONDS, figures.TOKEN_USAGE}


def test_the_alerts_on_figures_know_reasons_and_codes_of_the_code() -> None:
    (reason,) = re.findall(r'reason == "(\w+)"', ALERTS["failed-observers"])
    assert reason in get_args(EndReason)
    (code,) = re.findall(r'code == "(\w+)"', ALERTS["all-places-taken"])
    codes = {getattr(one, "code", "") for module in (caller, limits) for one in vars(module).values()}
    assert code in codes
