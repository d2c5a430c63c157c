"""This module provides hosts for tests: the one under test, and others that tests start for themselves.

With SWITCHBOARD_HOST_URL, the tests of the host's rules run against a host that is running already, such as Core Tools.
It has to serve tests/host/sample_app, with the same SAMPLE_NAME and AzureWebJobsStorage as in the tests' environment.
"""

import base64
import contextlib
import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient

from tests.processes import PYTHON, azurite_connection, free_port, running

SAMPLE_APP = Path(__file__).parent / "sample_app"
FOREIGN_HOST = os.environ.get("SWITCHBOARD_HOST_URL")


@dataclass
class Host:
    """This class is a host that serves the sample app, with the queues that the app works with."""

    url: str
    storage: str
    name: str
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    _unclaimed: list[str] = field(default_factory=list)

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    def queue(self, which: str) -> QueueClient:
        """Return the sample's queue results, relay, work or work-poison, which is created when it is missing."""
        client = QueueClient.from_connection_string(self.storage, f"sample-{self.name}-{which}")
        with contextlib.suppress(ResourceExistsError):
            client.create_queue()
        return client

    def send(self, which: str, body: str) -> None:
        self.queue(which).send_message(base64.b64encode(body.encode()).decode())

    def work(self, **task: object) -> str:
        """Queue a task for the sample's function `work`, and return its name."""
        name = uuid.uuid4().hex
        self.send("work", json.dumps({"task": name, **task}))
        return name

    def results(self, token: str, count: int = 1, *, within: float = 10.0) -> list[str]:
        """Return `count` messages of the results queue that contain `token`, as soon as they have arrived."""
        return self.arrivals("results", token, count, within=within)

    def arrivals(self, which: str, token: str, count: int = 1, *, within: float = 10.0) -> list[str]:
        """Return `count` messages of a queue that contain `token`, as soon as they have arrived."""
        found: list[str] = []
        queue, deadline = self.queue(which), time.monotonic() + within
        while len(found) < count and time.monotonic() < deadline:
            messages = list(queue.receive_messages(messages_per_page=32))
            for message in messages:
                queue.delete_message(message)
                self._unclaimed.append(_decoded(message.content))
            found += [text for text in self._unclaimed if token in text]
            self._unclaimed = [text for text in self._unclaimed if token not in text]
            if not messages:
                time.sleep(0.05)
        assert len(found) == count, f"{len(found)} of {count} messages came: {found}"
        return found

    def taken(self, which: str, *, within: float = 5.0) -> None:
        """Wait until no message of the queue is visible, which means that a function has begun."""
        queue, deadline = self.queue(which), time.monotonic() + within
        while queue.peek_messages():
            assert time.monotonic() < deadline, "nobody took the message"
            time.sleep(0.02)


def _decoded(content: str) -> str:
    try:
        return base64.b64decode(content, validate=True).decode()
    except ValueError:
        return content


StartHost = Callable[..., AbstractContextManager[Host]]


@pytest.fixture(scope="session")
def storage(request: pytest.FixtureRequest) -> str:
    """Return a connection string for the storage of the foreign host, or for Azurite."""
    if FOREIGN_HOST:
        given = os.environ["AzureWebJobsStorage"]  # noqa: SIM112 - this is Azure's own spelling
        return azurite_connection(10000, 10001) if given == "UseDevelopmentStorage=true" else given
    connection: str = request.getfixturevalue("azurite").connection_string
    return connection


@pytest.fixture(scope="session")
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Yield the host under test."""
    if FOREIGN_HOST:
        connection = request.getfixturevalue("storage")
        yield Host(FOREIGN_HOST.rstrip("/"), connection, os.environ["SAMPLE_NAME"])
        return
    start: StartHost = request.getfixturevalue("start_host")
    with start() as found:
        yield found


@pytest.fixture(scope="session")
def start_host(storage: str, logs: Path) -> StartHost:
    """Return a function that starts a local host, which has its own queues unless `name` is given."""
    if FOREIGN_HOST:
        pytest.skip("about our own host only")

    @contextlib.contextmanager
    def start(
        *options: str, app: Path = SAMPLE_APP, name: str | None = None, env: dict[str, str] | None = None
    ) -> Iterator[Host]:
        port, name = free_port(), name or uuid.uuid4().hex[:8]
        log = logs / f"host-{port}.log"
        command = [PYTHON, "-m", "local.host", "--port", str(port), "--app", str(app), *options]
        settings = {"AzureWebJobsStorage": storage, "SAMPLE_NAME": name, **(env or {})}
        with running(command, port, log=log, env=settings) as process:
            yield Host(f"http://127.0.0.1:{port}", storage, name, log, process)

    return start
