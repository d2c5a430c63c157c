"""One gateway for most tests, and storage for others. Two hosts on one storage would take each other's messages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Azurite
from tests.emulator import Emulator
from tests.gateway import Gateway, running_gateway
from tests.processes import azurite_command, free_port, running


def an_azurite(logs: Path) -> Iterator[Azurite]:
    """A storage that nobody else uses."""
    blob, queue, table = free_port(), free_port(), free_port()
    with running(azurite_command(blob, queue, table), queue, log=logs / f"azurite-{queue}.log"):
        yield Azurite(blob, queue)


@pytest.fixture(scope="package")
def shared_storage(logs: Path) -> Iterator[Azurite]:
    """The storage of `gateway`."""
    yield from an_azurite(logs)


@pytest.fixture(scope="package")
def storage(logs: Path) -> Iterator[Azurite]:
    """The storage of the gateways that single tests start, one after the other."""
    yield from an_azurite(logs)


@pytest.fixture(scope="package")
def shared_gateway(emulator_url: str, shared_storage: Azurite, logs: Path) -> Iterator[Gateway]:
    log = logs / "gateway.log"
    with running_gateway(
        Emulator(emulator_url), shared_storage.connection_string, log, SIGNALLING="both", REALTIME_REGION="eastus2"
    ) as gateway:
        yield gateway


@pytest.fixture
def gateway(shared_gateway: Gateway) -> Iterator[Gateway]:
    """The gateway, with an emulator without faults before and after."""
    shared_gateway.emulator.reset()
    yield shared_gateway
    shared_gateway.emulator.reset()
