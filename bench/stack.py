"""A gateway with storage and emulator of its own, for a measurement."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.emulator import Emulator
from tests.gateway import Gateway, running_gateway
from tests.processes import PYTHON, azurite_command, azurite_connection, free_port, running


@contextlib.contextmanager
def measured_gateway() -> Iterator[Gateway]:
    """The processes, until the block ends."""
    blob, queue, table, port = free_port(), free_port(), free_port(), free_port()
    connection, emulator = azurite_connection(blob, queue), Emulator(f"http://127.0.0.1:{port}")
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder)
        with (
            running(azurite_command(blob, queue, table), queue, log=logs / "azurite.log"),
            running([PYTHON, "-m", "local.realtime", "--port", str(port)], port, log=logs / "emulator.log"),
            running_gateway(emulator, connection, logs / "gateway.log") as gateway,
        ):
            yield gateway
