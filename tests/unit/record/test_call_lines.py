"""Tests what the first line of a journal says of its call."""

import pytest

from tests.examples import MIDNIGHT, call


@pytest.mark.parametrize(("protocol", "observable"), [("ga", True), ("preview", False)])
def test_who_can_be_observed(protocol: str, observable: bool) -> None:
    """The preview protocol lets no server listen."""
    assert call(protocol=protocol).observable is observable


def test_longest() -> None:
    """The longest time counts from the creation of the call."""
    assert call(max_call_seconds=90).longest_due == MIDNIGHT + 90
