"""The operators' page: behind its role, with live calls that change in place, the archive, one call and the figures."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser.stack import VISITOR, Backends, Stack, site, until
from tests.browser.test_page import AXE, violations
from tests.browser.visitor import Visitor
from tests.examples import OFFER

OPERATOR = {**VISITOR, "userId": "olga", "userDetails": "olga@example.com"}
OPERATOR["userRoles"] = ["anonymous", "authenticated", "operator"]
CONTAINER = "archive-operators"


@pytest.fixture(scope="module")
def room(backends: Backends, logs: Path) -> Iterator[Stack]:
    """Run a site that requires sign-in, and so knows who is an operator."""
    with site(backends, logs, name="operators", REQUIRE_SIGN_IN="true", ARCHIVE_CONTAINER=CONTAINER) as running_site:
        yield running_site


@pytest.fixture
def operator(room: Stack, browser: Browser) -> Iterator[Visitor]:
    """Arrive as an operator, who has not opened a page yet."""
    visitor = Visitor(browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US"), room)
    value = base64.b64encode(json.dumps(OPERATOR).encode()).decode()
    visitor.context.add_cookies([{"name": "StaticWebAppsAuthCookie", "value": value, "url": room.url}])
    yield visitor
    room.reset()
    assert visitor.errors == []
    visitor.close()


def ask(room: Stack, method: str, path: str, **options: Any) -> requests.Response:
    """Send a request as the visitor Ada."""
    cookies = {"StaticWebAppsAuthCookie": room.visitor_cookie["value"]}
    return requests.request(method, f"{room.url}/api/{path}", cookies=cookies, timeout=20, **options)


def call(room: Stack) -> str:
    """Make a call as Ada, and wait until it is observed."""
    answer = ask(room, "POST", "connect", data=OFFER, headers={"Content-Type": "application/sdp"})
    assert answer.status_code == 201, answer.text
    call_id = answer.headers["Location"].rsplit("/", 1)[-1]
    until(lambda: room.call(call_id)["sidebands"], 10)
    return call_id


def test_live(room: Stack, operator: Visitor) -> None:
    """An operator sees a call begin, steers it and hangs it up; the row changes in place."""
    page = operator.open("/operator.html").page
    expect(page.get_by_text("There are no live calls.")).to_be_visible()
    call_id = call(room)
    row = page.locator(f"tr[data-call={call_id}]")
    expect(row).to_contain_text("ada@example.com", timeout=5000)
    page.evaluate("(row) => { window.row = row; }", row.element_handle())

    row.get_by_role("button", name="Steer the call of ada@example.com").click()
    row.get_by_label("Have the model say").fill("Say good morning.")
    page.keyboard.press("Enter")
    expect(row.get_by_role("status")).to_have_text("The service answered: response.created")
    row.get_by_label("New instructions").fill("Answer in one word.")
    page.keyboard.press("Enter")
    expect(row.get_by_role("status")).to_have_text("The service answered: session.updated")
    page.evaluate(AXE)
    assert violations(operator) == []
    # The list has been read again meanwhile, and neither the row nor the focus in it was replaced.
    before = row.locator("td").nth(2).inner_text()
    until(lambda: row.locator("td").nth(2).inner_text() != before, 5)
    assert page.evaluate("window.row.isConnected && window.row.contains(document.activeElement)")
    operator.shoot("operator-live")
    row.get_by_role("button", name="Hang up the call of ada@example.com").click()
    expect(row.get_by_role("status")).to_have_text("The call is hung up.")
    assert room.call(call_id)["state"] == "ended"
    page.get_by_role("link", name="Archive").focus()
    expect(row).to_have_count(0, timeout=8000)


def test_archive_call_and_figures(room: Stack, operator: Visitor) -> None:
    """A call is found by its words, by an address that can be shared; its picture and its transcript are in step."""
    call_id = call(room)
    room.turn(call_id, "Where is my parcel?", "On its way.")
    until(lambda: room.call(call_id)["state"] == "live" and len(ask(room, "GET", f"calls/{call_id}").json()["turns"]))
    ask(room, "DELETE", f"calls/{call_id}")
    until(lambda: call_id in ask(room, "GET", "calls?mine=true&state=ended").text, 20)

    page = operator.open("/operator.html#/archive").page
    page.get_by_label("Words in the conversation").fill("PARCEL")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 calls")
    assert "words=PARCEL" in page.url
    page.evaluate(AXE)
    assert violations(operator) == []
    operator.shoot("operator-archive")
    page.reload()
    page.get_by_role("link", name="Open the call of ada@example.com").click()
    line = page.get_by_role("button", name="Where is my parcel?")
    line.focus()
    page.keyboard.press("Enter")
    expect(line).to_have_attribute("aria-current", "true")
    assert page.locator("rect.user.chosen").count() == 1
    page.evaluate(AXE)
    assert violations(operator) == []
    operator.shoot("operator-call")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as JSON").click()
    assert json.loads(download.value.path().read_text())["call_id"] == call_id

    page.get_by_role("link", name="Figures").click()
    expect(page.get_by_role("row", name="Total")).to_be_visible()
    assert page.locator("svg.drawing").count() == 4
    page.evaluate(AXE)
    assert violations(operator) == []
    operator.shoot("operator-figures")
    page.get_by_label("Language").select_option("es")
    expect(page.get_by_role("heading", name="Cifras")).to_be_visible()
    assert page.evaluate("window.witness.violations") == []


def test_whoever_is_no_operator(room: Stack, browser: Browser) -> None:
    """The site keeps the page back, and the gateway keeps back what it would show, from visitors and from strangers."""
    visitor = Visitor(browser.new_context(), room)
    for status, routes in ((401, 401), (403, 403)):
        answer = visitor.page.goto(f"{room.url}/operator.html")
        assert answer
        assert answer.status in (401, 403)
        assert visitor.page.request.get(f"{room.url}/api/calls").status == routes, status
        visitor.context.add_cookies([room.visitor_cookie])
    visitor.close()
