"""Tests that calls which block the event loop are noticed, and that the gateway makes none when it dials."""

import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from switchboard.credentials import ApiKey
from switchboard.errors import SidebandFailed
from switchboard.network import Network
from switchboard.realtime.sideband import SidebandDialler
from switchboard.settings import NetworkSettings, Secret
from switchboard.threads import run_on
from tests import blocking
from tests.processes import free_port
from tests.service.stage import THREADS


def dialler() -> SidebandDialler:
    return SidebandDialler(ApiKey(Secret("emulator")), THREADS.service, Network(NetworkSettings()))


class OnTheLoop(ThreadPoolExecutor):
    """Runs work where it is handed in, as if somebody had forgotten the thread."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(work(*arguments, **named))
        return future


@pytest.mark.parametrize(
    ("work", "noted"),
    [
        (lambda: Path("/proc/self/status").read_text(), "open('/proc"),
        (lambda: socket.getaddrinfo("127.0.0.1", 80), "socket.getaddrinfo('127.0.0.1')"),
        (lambda: subprocess.run([sys.executable, "-V"], check=True), "subprocess.Popen"),
    ],
)
async def test_what_blocks_is_noted(work: Callable[[], object], noted: str) -> None:
    """A call that waits is named, with the line of the gateway behind which it waits; on a thread it may wait."""
    await run_on(THREADS.service, work)
    assert blocking.calls == []

    await run_on(OnTheLoop(), work)
    first = blocking.calls[0]
    blocking.calls.clear()
    assert noted in first
    assert " at threads.py:" in first


async def test_certificates_are_noted() -> None:
    """Loading the trusted certificates takes tens of milliseconds."""
    _ = Network(NetworkSettings()).tls
    (call,) = blocking.calls
    blocking.calls.clear()

    assert call.startswith("_SSLContext.load_verify_locations at network.py:")


async def test_what_the_test_itself_does_is_not_the_gateways() -> None:
    """A test may read a file where it likes."""
    open("/proc/self/status").close()  # noqa: ASYNC230, PTH123

    assert blocking.calls == []


async def test_a_sideband_over_tls() -> None:
    """Dialling blocks nothing, the first time and later, also where nobody answers."""
    dials = dialler()
    for _ in range(2):
        with pytest.raises(SidebandFailed):
            async with dials.dial(f"https://127.0.0.1:{free_port()}", "rtc_1"):
                pass

    assert blocking.calls == []
