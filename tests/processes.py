"""Starts real processes for tests, waits until they listen, and ends them by their own process group."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
STOP_SECONDS = 10
PORTS = range(20_000, 32_000)
_given: list[socket.socket] = []


def free_port() -> int:
    """Return a free TCP port of 127.0.0.1 that no other process of the tests is given until this one ends.

    The port is below the range from which systems take the ports of outgoing connections. Nobody listens on it yet, so
    this process holds the UDP port of the same number: whoever else looks for a port finds that one taken.
    """
    while True:
        port = random.choice(PORTS)
        held = socket.socket(type=socket.SOCK_DGRAM)
        with contextlib.suppress(OSError), socket.socket() as probe:
            held.bind(("127.0.0.1", port))
            probe.bind(("127.0.0.1", port))
            _given.append(held)
            return port
        held.close()


@contextlib.contextmanager
def running(
    command: Sequence[str],
    port: int,
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    seconds: float = START_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends. Raises with its output if it does not listen on `port` within `seconds`."""
    with starting(command, log=log, env=env, cwd=cwd) as process:
        wait_until_listening(process, port, log, seconds)
        yield process


@contextlib.contextmanager
def starting(
    command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `command`, do not wait until it listens, and end it when the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[Any], how: signal.Signals = signal.SIGTERM) -> None:
    """End the process and its children, by force if they do not end by themselves."""
    for signum, seconds in ((how, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def wait_until_listening(
    process: subprocess.Popen[bytes], port: int, log: Path, seconds: float = START_SECONDS
) -> None:
    """Wait until the process listens on `port`. Raises with what it printed if it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.02)
    tail = log.read_text(errors="replace")[-4000:]
    raise RuntimeError(f"{process.args!r} does not listen on {port} (exit {process.poll()}):\n{tail}")


def azurite_command(blob_port: int, queue_port: int, table_port: int) -> list[str]:
    """Return the command that runs Azurite in memory, quietly and without telemetry."""
    # The SDK sends an API version newer than Azurite knows, hence --skipApiVersionCheck.
    return [
        str(ROOT / "node_modules/.bin/azurite"),
        *("--blobPort", str(blob_port), "--queuePort", str(queue_port), "--tablePort", str(table_port)),
        *("--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1"),
        *("--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent"),
    ]


AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def azurite_connection(blob_port: int, queue_port: int) -> str:
    """Return a connection string for an Azurite on these ports, with the key that Azurite publishes."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AZURITE_KEY};"
        f"BlobEndpoint=http://127.0.0.1:{blob_port}/devstoreaccount1;"
        f"QueueEndpoint=http://127.0.0.1:{queue_port}/devstoreaccount1;"
    )


PYTHON = sys.executable


@dataclass(frozen=True)
class Azurite:
    """Describes a running storage emulator."""

    blob_port: int
    queue_port: int

    @property
    def connection_string(self) -> str:
        return azurite_connection(self.blob_port, self.queue_port)


@contextlib.contextmanager
def running_azurite(log: Path) -> Iterator[Azurite]:
    """Run a storage that nobody else uses, until the block ends."""
    blob, queue, table = free_port(), free_port(), free_port()
    with running(azurite_command(blob, queue, table), queue, log=log):
        yield Azurite(blob, queue)


@contextlib.contextmanager
def running_emulator(log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a Realtime emulator until the block ends, and yield its address and process."""
    port = free_port()
    with running([PYTHON, "-m", "local.realtime", "--port", str(port)], port, log=log) as process:
        yield f"http://127.0.0.1:{port}", process
