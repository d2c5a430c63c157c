"""Give each test a new visitor. Tests with the same flags share a browser, and the stack behind the page is real."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.sounds import write_speech
from tests.browser.stack import Backends, Stack, site
from tests.browser.visitor import Visitor
from tests.emulator import Emulator
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
