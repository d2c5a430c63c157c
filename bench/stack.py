"""This module runs a gateway with its own storage and emulator, for a measurement."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.emulator import Emulator
from tests.gateway import Gateway, running_gateway
from tests.processes import running_azurite, running_emulator


@contextlib.contextmanager
def measured_gateway() -> Iterator[Gateway]:
    """Run the processes until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder)
        with (
            running_azurite(logs / "azurite.log") as azurite,
            running_emulator(logs / "emulator.log") as (url, _),
            running_gateway(Emulator(url), azurite.connection_string, logs / "gateway.log") as gateway,
        ):
            yield gateway
