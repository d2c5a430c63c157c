"""Tests when the services are built: once, on a thread of their own or when they are first needed."""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from switchboard.assistants.shelf import Assistants
from switchboard.late import LateServices
from tests.examples import settings


def test_services_are_built_once() -> None:
    """Whoever needs the services first builds them, and everybody else gets the same ones."""
    late = LateServices(settings(), Assistants(None, settings()))
    assert late.built is None

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: late.now(), range(4)))
    try:
        assert {id(one) for one in found} == {id(late.built)}
        assert asyncio.run(late.soon()) is found[0]
    finally:
        found[0].close()


def test_warming_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The services are built in the background, and whoever needs them meanwhile waits for that."""
    late = LateServices(settings(), Assistants(None, settings()))
    monkeypatch.setattr("switchboard.services.SDK_AFTER_SECONDS", 0)
    late.warm_up()
    services = late.now()
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join()
    try:
        assert services is late.built
        assert "azure.storage.blob" in sys.modules
        assert services.settings == late.settings
    finally:
        services.close()


def test_an_event_loop_that_comes_first() -> None:
    """The loop goes on while the services are being built on a thread."""
    late = LateServices(settings(), Assistants(None, settings()))
    services = asyncio.run(late.soon())
    assert services is late.built
    services.close()
