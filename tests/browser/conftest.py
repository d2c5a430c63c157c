"""Give each test a new visitor. Tests with the same flags share a browser, and the stack behind the page is real."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Playwright, sync_playwright

from switchboard.environment import read_settings
from switchboard.services import build
from tests.archived_calls import archive_calls
from tests.browser.sounds import write_speech
from tests.browser.stack import ARCHIVE, OPERATOR, VISITOR, Backends, Stack, sign_in, site, until
from tests.browser.visitor import Visitor
from tests.emulator import Emulator
from tests.examples import ENVIRON, OFFER
from tests.processes import running_azurite, running_emulator

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # The browser must not look outside. insecure.test is this machine, under a name that no browser trusts.
    "--host-resolver-rules=MAP insecure.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
FAKE_MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

Launch = Callable[[list[str]], Browser]
Visit = Callable[..., Visitor]


# This fixture ends with the package: Playwright's event loop must be gone before asynchronous tests run elsewhere.
@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


def launch(driver: Playwright, *flags: str) -> Browser:
    return driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@pytest.fixture(scope="package")
def browser(driver: Playwright, logs: Path) -> Iterator[Browser]:
    """Run a Chromium with three fake microphones. All are silent: tests tell the emulator what it has heard."""
    silence = write_speech(logs / "silence.wav", 1, [])
    browser = launch(driver, *FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={silence}%noloop")
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def backends(logs: Path) -> Iterator[Backends]:
    """Run a storage and a realtime service that only the browser tests use."""
    with (
        running_azurite(logs / "browser-azurite.log") as azurite,
        running_emulator(logs / "browser-emulator.log") as (url, process),
    ):
        yield Backends(azurite.connection_string, Emulator(url), process)


@pytest.fixture(scope="package")
def stack(backends: Backends, logs: Path) -> Iterator[Stack]:
    """Run the site as it is by default: with proxy signalling, with the filter, and without sign-in."""
    with site(backends, logs, name="default") as running_site:
        yield running_site


@dataclass(frozen=True)
class Room:
    """Holds a site that requires sign-in, and so knows who is an operator, with an archive of calls of all kinds."""

    site: Stack
    archived: list[str]

    def ask(self, method: str, path: str, who: dict[str, Any] = VISITOR, **options: Any) -> requests.Response:
        """Send a request to the gateway, as Ada if nobody else is named."""
        cookies = {"StaticWebAppsAuthCookie": sign_in(who)}
        return requests.request(method, f"{self.site.url}/api/{path}", cookies=cookies, timeout=20, **options)

    def call(self, assistant: str = "") -> str:
        """Make a call as Ada, wait until it is observed, and return its id."""
        path = f"connect?assistant={assistant}" if assistant else "connect"
        answer = self.ask("POST", path, data=OFFER, headers={"Content-Type": "application/sdp"})
        assert answer.status_code == 201, answer.text
        call_id = answer.headers["Location"].rsplit("/", 1)[-1]
        until(lambda: self.site.call(call_id)["sidebands"], 10)
        return call_id

    def steer(self, call_id: str, event: dict[str, Any]) -> None:
        """Send a client event into the call, as an operator."""
        answer = self.ask("POST", f"calls/{call_id}/events", OPERATOR, json=event)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="package")
def room(backends: Backends, logs: Path) -> Iterator[Room]:
    """Run a site for operators.

    It has a storage of its own, so that its lists hold no other calls. On shared queues, it and the other sites would
    also take each other's calls, and write their journals where nobody looks for them.
    """
    with running_azurite(logs / "operators-azurite.log") as azurite:
        alone = replace(backends, connection_string=azurite.connection_string)
        storage = {"AzureWebJobsStorage": azurite.connection_string, "ARCHIVE_CONTAINER": ARCHIVE}
        services = build(read_settings({**ENVIRON, **storage}))
        archived = archive_calls(services, time.time())
        services.close()
        with site(alone, logs, name="operators", REQUIRE_SIGN_IN="true", MAX_CALLS_PER_CALLER="9") as running_site:
            yield Room(running_site, archived)


@pytest.fixture
def operator(room: Room, browser: Browser) -> Iterator[Visitor]:
    """Arrive as an operator, who has not opened a page yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US", accept_downloads=True)
    context.add_cookies([{"name": "StaticWebAppsAuthCookie", "value": sign_in(OPERATOR), "url": room.site.url}])
    visitor = Visitor(context, room.site)
    yield visitor
    room.site.reset()
    assert visitor.errors == []
    visitor.close()


@pytest.fixture
def visit(stack: Stack, browser: Browser) -> Iterator[Visit]:
    """Arrive as a new visitor; at the end of the test, end every call and close every tab."""
    visitors: list[Visitor] = []

    def arrive(at: Stack = stack, using: Browser = browser, **options: Any) -> Visitor:
        options = {"viewport": {"width": 1280, "height": 860}, "locale": "en-US", **options}
        visitor = Visitor(using.new_context(**options), at)
        visitors.append(visitor)
        return visitor

    yield arrive
    stack.reset()
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    """Open the default site as a new visitor."""
    return visit().open()
