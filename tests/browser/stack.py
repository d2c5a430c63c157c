"""This module runs all of Switchboard for a browser: storage, emulator, Functions host, Static Web Apps CLI."""

import base64
import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.storage.blob import ContainerClient

from switchboard.record.names import journal_name
from tests.emulator import Emulator
from tests.processes import PYTHON, ROOT, free_port, starting, stop, wait_until_listening

ARCHIVE = "archive"
PRICES = {
    "currency": "USD",
    "text_input": 4.0,
    "text_cached_input": 0.4,
    "text_output": 16.0,
    "audio_input": 32.0,
    "audio_cached_input": 0.4,
    "audio_output": 64.0,
    "transcription_input": 6.0,
    "transcription_output": 10.0,
    "transcription_minute": 0.017,
}
# The Static Web Apps CLI reads a sign-in of this form. Its own sign-in page needs a script from the internet.
VISITOR = {
    "identityProvider": "aad",
    "userId": "u1",
    "userDetails": "ada@example.com",
    "userRoles": ["anonymous", "authenticated"],
    "claims": [],
}


OPERATOR = {**VISITOR, "userId": "olga", "userDetails": "olga@example.com"}
OPERATOR["userRoles"] = ["anonymous", "authenticated", "operator"]


def sign_in(user: dict[str, Any]) -> str:
    """Return the value of the cookie by which the Static Web Apps CLI knows this user."""
    return base64.b64encode(json.dumps(user).encode()).decode()


@dataclass(frozen=True)
class Backends:
    """This class holds what several sites share: a storage and a realtime service."""

    connection_string: str
    emulator: Emulator
    emulator_process: "subprocess.Popen[bytes]"


@dataclass(frozen=True)
class Stack:
    """This class is one site, with what stands behind it."""

    url: str
    backends: Backends
    gateway: "subprocess.Popen[bytes]"

    def stop_gateway(self) -> None:
        """End the Functions host; the site remains."""
        stop(self.gateway)

    @contextlib.contextmanager
    def broken_line(self) -> Iterator[None]:
        """Stop the realtime service meanwhile, so that nothing comes back from it, as if the network were gone."""
        self.backends.emulator_process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.backends.emulator_process.send_signal(signal.SIGCONT)

    @property
    def emulator(self) -> Emulator:
        """Return what controls the emulator."""
        return self.backends.emulator

    def calls(self) -> list[dict[str, Any]]:
        """Return the emulator's calls, oldest first."""
        return list(self.emulator.calls().values())

    def call(self, call_id: str) -> dict[str, Any]:
        """Return the emulator's view of one call."""
        return self.emulator.calls()[call_id]

    def turn(self, call_id: str, words: str, answer: str, speech_ms: int = 400) -> None:
        """Make the visitor say something in real time, through the same code as speech that is detected."""
        self.emulator.turn(call_id, words, answer, speech_ms)

    def reset(self) -> None:
        """Remove what one test would leave to the next."""
        self.emulator.reset()
        self.emulator.end_calls()

    def summary(self, call_id: str) -> dict[str, Any] | None:
        """Return the archived summary of a call, or None when it is not in the archive yet."""
        with ContainerClient.from_connection_string(self.backends.connection_string, ARCHIVE) as archive:
            if not archive.exists():
                return None
            names = [name for name in archive.list_blob_names(name_starts_with="summaries/") if call_id in name]
            return json.loads(archive.download_blob(names[0]).readall()) if names else None

    def kept(self, call_id: str, words: str) -> None:
        """Wait until the words are in the journal of a call, from which a later call remembers them."""
        with ContainerClient.from_connection_string(self.backends.connection_string, ARCHIVE) as archive:
            journal = archive.get_blob_client(journal_name(call_id))
            until(lambda: journal.exists() and words.encode() in journal.download_blob().readall())

    def reported(self, call_id: str) -> dict[str, Any] | None:
        """Return the summary once it has the page's report. One that comes late is archived some seconds later."""
        summary = self.summary(call_id)
        return summary if summary and summary["reports"] else None

    @property
    def visitor_cookie(self) -> Any:
        return {"name": "StaticWebAppsAuthCookie", "value": sign_in(VISITOR), "url": self.url}


@contextlib.contextmanager
def site(backends: Backends, logs: Path, *, name: str = "site", **settings: str) -> Iterator[Stack]:
    """Run a site in front of a gateway with these settings, until the block ends."""
    # All settings are given, so that a developer's own local.settings.json does not affect a test.
    example = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    environment = {
        **example,
        "REALTIME_TOKEN_SCOPE": "",
        "AzureWebJobsStorage": backends.connection_string,
        "REALTIME_ENDPOINT": backends.emulator.url,
        "REALTIME_DEPLOYMENT": "gpt-realtime",
        "REALTIME_REGION": "eastus2",
        "REALTIME_API_KEY": "emulator",
        "SESSION_INSTRUCTIONS": "You are a friendly assistant. Never tell anybody: PROMPT-CANARY.",
        "SESSION_TRANSCRIPTION_DEPLOYMENT": "gpt-realtime-whisper",
        "MAX_CALLS_PER_CALLER": "2",
        "ARCHIVE_CONTAINER": ARCHIVE,
        "ARCHIVE_RETENTION_DAYS": "30",
        "PRICES": json.dumps(PRICES),
        **settings,
    }
    host, between, front = free_port(), free_port(), free_port()
    direct = settings.get("SIGNALLING") == "token"
    configuration = allowing(backends.emulator.url, logs / f"{name}-config") if direct else ROOT / "web"
    edge = [PYTHON, "-m", "local.edge", "--port", str(between), "--gateway", f"http://127.0.0.1:{host}"]
    parts: list[tuple[int, list[str], dict[str, str], Path]] = [
        (host, [PYTHON, "-m", "local.host", "--port", str(host)], environment, logs / f"{name}-host.log"),
        (between, edge, {}, logs / f"{name}-edge.log"),
        (
            front,
            swa_command(front, f"http://127.0.0.1:{between}", configuration),
            {"NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1"},
            logs / f"{name}-swa.log",
        ),
    ]
    with contextlib.ExitStack() as ends:
        # All start at once, because the last one takes longest, and waits for its backend itself.
        started = [ends.enter_context(starting(command, log=log, env=env)) for _, command, env, log in parts]
        for process, (port, _, _, log) in zip(started, parts, strict=True):
            wait_until_listening(process, port, log)
        gateway, *_ = started
        yield Stack(f"http://127.0.0.1:{front}", backends, gateway)


def swa_command(port: int, api: str, configuration: Path, *, site: Path = ROOT / "web") -> list[str]:
    return [
        str(ROOT / "node_modules/.bin/swa"),
        *("start", str(site), "--host", "127.0.0.1", "--port", str(port)),
        *("--swa-config-location", str(configuration), "--api-devserver-url", api),
    ]


def allowing(origin: str, folder: Path) -> Path:
    """Return a folder with the site's configuration, extended by the origin to which token signalling posts."""
    folder.mkdir()
    text = (ROOT / "web/staticwebapp.config.json").read_text()
    allowed = text.replace("connect-src 'self'", f"connect-src 'self' {origin}")
    (folder / "staticwebapp.config.json").write_text(allowed)
    return folder


def until(what: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Call `what` until its result is true, and return that; fail with the last result if it never is."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"still {answer!r} after {seconds} s")
        time.sleep(0.05)
