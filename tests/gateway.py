"""Runs the whole gateway as a process: function_app.py in a Functions host, against the emulator and Azurite.

The host is local.host, or the command that SWITCHBOARD_HOST_COMMAND names, such as `func start --port {port}`.
"""

import contextlib
import json
import os
import shlex
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from azure.storage.blob import ContainerClient

from tests.emulator import Emulator
from tests.examples import OFFER
from tests.interface import check_answer
from tests.processes import PYTHON, ROOT, free_port, running
from tests.wait import wait_for

# A host that is ended with calls under way would wait for its observers for the whole grace time.
OUR_HOST = f"{PYTHON} -m local.host --port {{port}} --grace-seconds 0.2"
HOST_COMMAND = os.environ.get("SWITCHBOARD_HOST_COMMAND", OUR_HOST)
JSON = dict[str, Any]


@dataclass(frozen=True)
class Gateway:
    """Controls a running gateway at `url`, with the emulator and the storage behind it."""

    url: str
    emulator: Emulator
    connection_string: str
    container: str
    log: Path
    process: subprocess.Popen[bytes]

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = requests.request(method, f"{self.url}/api/{path}", timeout=30, **options)
        check_answer(answer)
        return answer

    def connect(self, caller: "Visitor", **options: Any) -> requests.Response:
        headers = {"Content-Type": "application/sdp", **caller.headers}
        return self.request("POST", "connect", data=OFFER, headers=headers, **options)

    def call(self, caller: "Visitor") -> str:
        """Make a call as this caller, and return its id."""
        answer = self.connect(caller)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"].rsplit("/", 1)[-1]

    def status(self, caller: "Visitor", call_id: str) -> JSON:
        answer = self.request("GET", f"calls/{call_id}", headers=caller.headers)
        assert answer.status_code == 200, answer.text
        found: JSON = answer.json()
        return found

    def wait_until(self, caller: "Visitor", call_id: str, state: str) -> JSON:
        def reached() -> JSON | None:
            found = self.status(caller, call_id)
            return found if found["state"] == state else None

        return wait_for(reached, f"call {call_id} is {state}")

    def archived(self, call_id: str, seconds: float = 20) -> bytes:
        """Wait for the call's summary in the archive, and return it."""

        def found() -> bytes | None:
            with ContainerClient.from_connection_string(self.connection_string, self.container) as archive:
                names = [name for name in archive.list_blob_names(name_starts_with="summaries/") if call_id in name]
                return archive.download_blob(names[0]).readall() if names else None

        return wait_for(found, f"the summary of {call_id}", seconds)


@dataclass(frozen=True)
class Visitor:
    """Sends requests as one visitor's tab does."""

    headers: dict[str, str]


def visitor() -> Visitor:
    """Return a new visitor, so that tests do not share places."""
    return Visitor({"x-switchboard-caller": uuid.uuid4().hex})


@contextlib.contextmanager
def running_gateway(
    emulator: Emulator,
    connection_string: str,
    log: Path,
    *,
    port: int | None = None,
    app: Path | None = None,
    **environ: str,
) -> Iterator[Gateway]:
    """Run a gateway with the example's settings, overridden by these, until the block ends.

    `app` is the folder of another function_app.py than the project's.
    """
    port = port or free_port()
    example: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    settings = {
        **example,
        "AzureWebJobsStorage": connection_string,
        "REALTIME_ENDPOINT": emulator.url,
        "ARCHIVE_CONTAINER": f"archive-{uuid.uuid4().hex[:8]}",
        **environ,
    }
    command = [*shlex.split(HOST_COMMAND.format(port=port)), *(["--app", str(app)] if app else [])]
    with running(command, port, log=log, env=settings) as process:
        url = f"http://127.0.0.1:{port}"
        yield Gateway(url, emulator, connection_string, settings["ARCHIVE_CONTAINER"], log, process)
