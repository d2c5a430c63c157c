"""Drive a Firefox as it comes from the distribution, over WebDriver BiDi, the W3C protocol that Firefox itself speaks.

Playwright and Selenium would need a Firefox build or a driver program of their own, and the tests download no programs.
The specification of every command: https://www.w3.org/TR/webdriver-bidi/
"""

import contextlib
import itertools
import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.processes import stop

START_SECONDS = 30
COMMAND_SECONDS = 30
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")

# Firefox must not look outside. A proxy on a port that nobody listens on stops every request but those to this machine.
NO_INTERNET: dict[str, bool | int | str] = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
}


class BidiError(Exception):
    """Says that the browser refused a command, or that a script threw an error."""


class Bidi:
    """Speaks WebDriver BiDi with one browser, in one session."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = itertools.count(1)

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result. Raises BidiError with the browser's own words when it is refused."""
        number = next(self._ids)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        deadline = time.monotonic() + COMMAND_SECONDS
        while True:
            message = json.loads(self._connection.recv(timeout=max(0, deadline - time.monotonic())))
            if message.get("id") != number:
                continue
            if message["type"] == "error":
                raise BidiError(f"{method}: {message['error']}: {message['message']}")
            result: dict[str, Any] = message["result"]
            return result


@contextlib.contextmanager
def running_firefox(program: str, profile: Path, preferences: Mapping[str, bool | int | str]) -> Iterator[Bidi]:
    """Run a headless Firefox with a new profile and these preferences until the block ends.

    Raises RuntimeError with Firefox's own output when it does not start.
    """
    profile.mkdir()
    lines = [
        f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in {**NO_INTERNET, **preferences}.items()
    ]
    (profile / "user.js").write_text("\n".join(lines))
    log = profile / "firefox.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with connect(f"{_address(process, log)}/session", max_size=None) as connection:
            session = Bidi(connection)
            session.command("session.new", capabilities={})
            yield session
    finally:
        # The profile is thrown away, so Firefox need not take the seconds that it takes to store it.
        stop(process, signal.SIGKILL)


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Wait until Firefox prints the address that it listens on, and return it."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := LISTENING.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.02)
    raise RuntimeError(f"Firefox does not start (exit {process.poll()}):\n{log.read_text(errors='replace')[-4000:]}")
