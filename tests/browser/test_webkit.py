"""The page in WebKitGTK, whose Debian build has no WebRTC: what a visitor reads who cannot call, and the keyboard.

It stands in for every browser without WebRTC, and shows how WebKit lays the page out. It proves nothing about calls in
Safari.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from tests.browser.stack import Stack, until
from tests.browser.visitor import SHOTS
from tests.processes import stop

DRIVER = os.environ.get("WEBKIT_DRIVER") or shutil.which("WebKitWebDriver") or "WebKitWebDriver"
WIDTH, HEIGHT = 1280, 900
# MiniBrowser's own window becomes no narrower than about 450 pixels.
NARROW = 500

# The pairs of parts of the page, by their ids, that share a place on the screen.
OVERLAPPING = """(() => {
  const parts = document.querySelectorAll('#board, #state, #problem, #consent, #start, #sound, #talk-heading');
  const boxes = [...parts].map((part) => [part.id, part.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const pairs = boxes.flatMap((one) => boxes.map((other) => [one, other]));
  return pairs.filter(([[id, a], [other, b]]) => other > id && meet(a, b)).map(([[id], [other]]) => [id, other]);
})()"""

# Selenium's own driver for WebKitGTK uses a parameter that Selenium has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")


@contextlib.contextmanager
def display() -> Iterator[str]:
    """Run an X server that draws into memory until the block ends, and yield its name for DISPLAY."""
    reading, writing = os.pipe()
    screen = ("-screen", "0", f"{WIDTH}x{HEIGHT}x24")
    # It chooses a number that is free, and writes it to the pipe when it is ready.
    command = ["Xvfb", "-displayfd", str(writing), *screen, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writing], start_new_session=True)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        stop(process)


@pytest.fixture(scope="module")
def webkit() -> Iterator[WebDriver]:
    """Start a WebKitGTK in a window of its own."""
    with display() as name:
        # Without the accessibility bus, which a machine for tests does not have, GTK would wait for it.
        environment = {**os.environ, "DISPLAY": name, "NO_AT_BRIDGE": "1"}
        driver = WebDriver(options=Options(), service=Service(DRIVER, env=environment))
        try:
            driver.set_window_size(WIDTH, HEIGHT)
            yield driver
        finally:
            driver.quit()


@pytest.fixture
def page(webkit: WebDriver, stack: Stack) -> WebDriver:
    """Open the page as somebody who has never been there."""
    webkit.get(stack.url)
    webkit.execute_script("localStorage.clear(); sessionStorage.clear()")
    webkit.get(stack.url)
    until(lambda: evaluate(webkit, "!document.getElementById('start').disabled"))
    return webkit


def is_wide(page: WebDriver, width: int) -> bool:
    return bool(evaluate(page, "innerWidth") == width)


def evaluate(page: WebDriver, expression: str) -> Any:
    return page.execute_script(f"return {expression}")


def text(page: WebDriver, selector: str) -> str:
    return str(evaluate(page, f"document.querySelector('{selector}').innerText"))


def press(page: WebDriver, *keys: str) -> None:
    """Press keys one after the other, wherever the focus is."""
    page.switch_to.active_element.send_keys(*keys)


def focused(page: WebDriver) -> str:
    """Return the words of the control that has the focus."""
    return str(evaluate(page, "document.activeElement.innerText")).strip()


def shoot(page: WebDriver, name: str) -> None:
    """Save a picture of the window, in the colours that the page is changing to and not in those between."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    evaluate(page, "document.getAnimations().forEach((animation) => animation.finish())")
    page.save_screenshot(str(SHOTS / f"webkit-{name}.png"))


def test_a_browser_that_cannot_call_is_told_what_to_do(page: WebDriver, stack: Stack) -> None:
    calls = len(stack.calls())
    assert evaluate(page, "'RTCPeerConnection' in window") is False
    assert text(page, "#state") == "No call"
    assert "This browser cannot make voice calls" in text(page, "#problem")
    assert "Use a current version of Chrome, Edge, Safari or Firefox." in text(page, "#problem")
    page.find_element("id", "start").click()
    assert "This browser cannot make voice calls" in text(page, "#problem")
    assert len(stack.calls()) == calls
    shoot(page, "cannot-call")


def test_nothing_lies_beside_the_window_or_on_top_of_something_else(page: WebDriver) -> None:
    for theme in ("light", "dark"):
        evaluate(page, f"document.documentElement.dataset.theme = '{theme}'")
        shoot(page, theme)
    for width in (WIDTH, NARROW):
        page.set_window_size(width, HEIGHT)
        until(partial(is_wide, page, width))
        assert evaluate(page, "document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        assert evaluate(page, OVERLAPPING) == []
        shoot(page, f"{width}-wide")
    page.set_window_size(WIDTH, HEIGHT)


def test_the_keyboard_reaches_everything(page: WebDriver) -> None:
    press(page, Keys.TAB)
    assert focused(page) == "Skip to the call"
    press(page, Keys.ENTER)
    press(page, Keys.TAB)
    assert evaluate(page, "document.activeElement.id") == "assistant"
    press(page, Keys.TAB)
    assert focused(page) == "Dismiss"
    press(page, Keys.TAB)
    assert focused(page) == "Start and agree"
    press(page, Keys.TAB)
    assert focused(page) == "What you and the model say appears here."
    press(page, Keys.TAB)
    assert focused(page) == "Sound"
    press(page, Keys.SPACE)
    until(lambda: evaluate(page, "document.getElementById('sound').open"))
    shoot(page, "keyboard")


def test_the_check_of_the_setup_says_what_is_missing(page: WebDriver) -> None:
    evaluate(page, "document.getElementById('check-open').focus()")
    press(page, Keys.ENTER)
    until(lambda: found(page)["webrtc"] == "failed")
    assert "This browser cannot make voice calls" in text(page, "#check")
    assert (found(page)["page"], found(page)["gateway"]) == ("passed", "passed")
    until(lambda: evaluate(page, "!document.querySelector('#check [data-key=\"check.media.run\"]').disabled"))
    page.find_element("css selector", "[data-key='check.media.run']").click()
    until(lambda: found(page)["media"] == "failed")
    shoot(page, "check")
    press(page, Keys.ESCAPE)
    until(lambda: not evaluate(page, "document.getElementById('check').open"))
    assert focused(page) == "Check my setup"


def found(page: WebDriver) -> dict[str, str]:
    """Return the result of each check so far, by the check's name."""
    items = "[...document.querySelectorAll('.check-item')]"
    return dict(evaluate(page, f"Object.fromEntries({items}.map(({{ dataset }}) => [dataset.check, dataset.result]))"))
