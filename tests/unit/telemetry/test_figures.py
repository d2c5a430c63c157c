"""Tests that the figures can be told apart, and that their buckets make sense."""

import re

from switchboard.telemetry.figures import (
    CODE,
    CURRENCY,
    END_REASON,
    FIGURES,
    MODEL,
    ROUTE,
    SIGNALLING,
    TOKEN_KIND,
    Measurement,
)


def test_each_name_is_unique() -> None:
    """Two figures with one name would be added up."""
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)


def test_no_figure_has_an_attribute_that_each_call_or_caller_has_anew() -> None:
    """Each combination of values costs memory and money: what tells calls apart belongs to spans."""
    for figure in FIGURES:
        assert not any(
            re.search(r"call_id|conversation|caller|response\.id|item|user|server", one) for one in figure.by
        )
    # Nothing else has as many values as the product of a few short lists.
    assert {one for figure in FIGURES for one in figure.by} == {
        *(MODEL, END_REASON, SIGNALLING, CODE, ROUTE, TOKEN_KIND, CURRENCY),
        *("gen_ai.token.type", "gen_ai.operation.name", "gen_ai.provider.name"),
    }


def test_buckets() -> None:
    """Exactly the histograms have bounds, and the bounds grow."""
    for figure in FIGURES:
        assert bool(figure.bounds) == (figure.kind == "histogram"), figure.name
        assert list(figure.bounds) == sorted(set(figure.bounds)), figure.name


def test_a_measurement_needs_no_attributes() -> None:
    """A figure may belong to nothing in particular."""
    assert Measurement(FIGURES[0], 1).attributes == {}
