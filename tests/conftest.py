"""What all tests share: one Azurite and one emulator for the session, each on free ports."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import PYTHON, azurite_command, azurite_connection, free_port, running


@dataclass(frozen=True)
class Azurite:
    """A running storage emulator."""

    blob_port: int
    queue_port: int

    @property
    def connection_string(self) -> str:
        return azurite_connection(self.blob_port, self.queue_port)


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what the processes print."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def azurite(logs: Path) -> Iterator[Azurite]:
    blob, queue, table = free_port(), free_port(), free_port()
    with running(azurite_command(blob, queue, table), queue, log=logs / "azurite.log"):
        yield Azurite(blob, queue)


@pytest.fixture(scope="session")
def emulator_url(logs: Path) -> Iterator[str]:
    """The address of a running Realtime emulator; tests clear the faults they switch on."""
    port = free_port()
    with running([PYTHON, "-m", "local.realtime", "--port", str(port)], port, log=logs / "emulator.log"):
        yield f"http://127.0.0.1:{port}"
