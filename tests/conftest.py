"""Provides what all tests share: one Azurite and one emulator for the session, each on free ports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Azurite, running_azurite, running_emulator


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for what the processes print."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def azurite(logs: Path) -> Iterator[Azurite]:
    with running_azurite(logs / "azurite.log") as azurite:
        yield azurite


@pytest.fixture(scope="session")
def emulator_url(logs: Path) -> Iterator[str]:
    """Return the address of a running emulator. Tests remove the faults that they inject."""
    with running_emulator(logs / "emulator.log") as (url, _):
        yield url
