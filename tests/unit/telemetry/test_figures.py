"""Tests that the figures can be told apart, and that their buckets make sense."""

from switchboard.telemetry.figures import FIGURES, Measurement


def test_each_name_is_unique() -> None:
    """Two figures with one name would be added up."""
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)


def test_buckets() -> None:
    """Exactly the histograms have bounds, and the bounds grow."""
    for figure in FIGURES:
        assert bool(figure.bounds) == (figure.kind == "histogram"), figure.name
        assert list(figure.bounds) == sorted(set(figure.bounds)), figure.name


def test_a_measurement_needs_no_attributes() -> None:
    """A figure may belong to nothing in particular."""
    assert Measurement(FIGURES[0], 1).attributes == {}
