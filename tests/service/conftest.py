"""Provides the gateway's own clients, which talk to the emulator and to Azurite over real sockets."""

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from switchboard.credentials import ApiKey, Identity
from switchboard.environment import read_settings
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.wire import Timeouts
from switchboard.services import Services, build
from switchboard.settings import Secret, StorageSettings
from switchboard.storage import Storage
from tests import blocking
from tests.emulator import Emulator
from tests.examples import ENVIRON, NETWORK
from tests.processes import Azurite


@pytest.fixture
def emulator(emulator_url: str) -> Iterator[Emulator]:
    """Return the session's emulator, with its faults removed before and after the test."""
    emulator = Emulator(emulator_url)
    emulator.reset()
    yield emulator
    emulator.reset()


@pytest.fixture
def client(emulator: Emulator) -> RealtimeClient:
    return make_client(emulator.url)


def make_client(*endpoints: str, webrtc_filter: bool = True, seconds: float = 10) -> RealtimeClient:
    """Return a client with the emulator's key that waits `seconds` for an answer."""
    timeouts = Timeouts(mint=(1, seconds), call=(1, seconds))
    return RealtimeClient(
        endpoints, ApiKey(Secret("emulator")), NETWORK, webrtc_filter=webrtc_filter, timeouts=timeouts
    )


@pytest.fixture
def storage(azurite: Azurite) -> Storage:
    """Return a storage with a container of its own in Azurite."""
    settings = StorageSettings(connection_string=Secret(azurite.connection_string))
    return Storage(settings, Identity("", NETWORK), f"archive-{uuid.uuid4().hex[:12]}", NETWORK)


@pytest.fixture
def environ(azurite: Azurite) -> dict[str, str]:
    """Return the settings of a gateway with a container of its own in Azurite."""
    return {
        **ENVIRON,
        "AzureWebJobsStorage": azurite.connection_string,
        "ARCHIVE_CONTAINER": f"archive-{uuid.uuid4().hex[:12]}",
    }


@pytest.fixture
def services(environ: dict[str, str]) -> Iterator[Services]:
    """Return the services of that gateway."""
    services = build(read_settings(environ))
    yield services
    services.close()


blocking.watch()


@pytest.fixture
async def loop_in_debug_mode() -> None:
    """Have asyncio refuse calls from other threads, and say where a coroutine was made that nobody awaited."""
    asyncio.get_running_loop().set_debug(True)


@pytest.fixture(autouse=True)
def no_blocking_call(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which the gateway blocks an event loop."""
    if asyncio.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("loop_in_debug_mode")
    blocking.calls.clear()
    yield
    assert blocking.calls == []
