"""Provides one gateway for most tests. Others get their own storage, because hosts on one storage share messages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.storage.queue import QueueServiceClient

from tests.emulator import Emulator
from tests.gateway import Gateway, running_gateway
from tests.processes import Azurite, running_azurite


@pytest.fixture(scope="package")
def shared_storage(logs: Path) -> Iterator[Azurite]:
    """Run the storage of the fixture `gateway`."""
    with running_azurite(logs / "shared-azurite.log") as azurite:
        yield azurite


@pytest.fixture(scope="package")
def app_azurite(logs: Path) -> Iterator[Azurite]:
    with running_azurite(logs / "app-azurite.log") as azurite:
        yield azurite


@pytest.fixture(scope="module")
def storage(app_azurite: Azurite) -> Azurite:
    """Return the storage of the gateways that single tests start, one after the other.

    The messages that those of another file left are gone: a gateway would take them for its own.
    """
    with QueueServiceClient.from_connection_string(app_azurite.connection_string) as queues:
        for queue in queues.list_queues():
            queues.get_queue_client(queue).clear_messages()
    return app_azurite


@pytest.fixture(scope="package")
def shared_gateway(emulator_url: str, shared_storage: Azurite, logs: Path) -> Iterator[Gateway]:
    log = logs / "gateway.log"
    with running_gateway(
        Emulator(emulator_url), shared_storage.connection_string, log, SIGNALLING="both", REALTIME_REGION="eastus2"
    ) as gateway:
        yield gateway


@pytest.fixture
def gateway(shared_gateway: Gateway) -> Iterator[Gateway]:
    """Return the shared gateway, with the emulator's faults removed before and after the test."""
    shared_gateway.emulator.reset()
    yield shared_gateway
    shared_gateway.emulator.reset()
