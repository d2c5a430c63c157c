"""Says what is wrong with settings, for the tests of this package."""

import pytest

from switchboard.errors import SettingsError
from tests.examples import settings


def faults(**environ: str) -> tuple[str, ...]:
    """Return the faults of settings that override the usual ones."""
    with pytest.raises(SettingsError) as caught:
        settings(**environ)
    return caught.value.faults
