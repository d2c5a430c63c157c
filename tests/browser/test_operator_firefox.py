"""The operators' page in Firefox: a live call that is steered and hung up, the archive, one call, and the figures."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.bidi import Bidi, running_firefox
from tests.browser.conftest import Room
from tests.browser.firefox_visitor import FirefoxVisitor
from tests.browser.stack import OPERATOR, sign_in, until
from tests.browser.test_firefox import FIREFOX
from tests.browser.test_page import AXE, RULES

ENTER, END, ARROW_UP = "\ue007", "\ue010", "\ue013"


@pytest.fixture(scope="module")
def firefox(logs: Path) -> Iterator[Bidi]:
    """Start a Firefox."""
    with running_firefox(FIREFOX, logs / "firefox-operator", {}) as bidi:
        yield bidi


@pytest.fixture
def operator(firefox: Bidi, room: Room) -> Iterator[FirefoxVisitor]:
    """Arrive as an operator, who has not opened a page yet."""
    visitor = FirefoxVisitor(firefox, room.site)
    visitor.sign_in(sign_in(OPERATOR))
    yield visitor
    room.site.reset()
    visitor.close()


def violations(visitor: FirefoxVisitor) -> list[str]:
    """Return what axe finds wrong with the page as it is now."""
    options = json.dumps({"runOnly": {"type": "tag", "values": RULES}})
    visitor.evaluate(f"(() => {{ {AXE}\n }})()")
    found = visitor.evaluate(f"axe.run({options}).then(({{ violations }}) => violations)")
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def test_live(room: Room, operator: FirefoxVisitor) -> None:
    operator.go("/operator.html")
    operator.shows("#view", "There are no live calls.")
    call_id = room.call()
    operator.shows("#view", "ada@example.com")
    operator.click("button", "Steer the call of ada@example.com")
    until(lambda: operator.evaluate("document.activeElement.localName") == "input")
    operator.type_text(f"Good day{ENTER}")
    operator.shows(f"[data-call={call_id}] [role=status]", "The service answered: response.created")
    assert violations(operator) == []
    operator.shoot("operator-live")
    operator.click("button", "Hang up the call of ada@example.com")
    operator.click("button", "Hang up now? Press again to end the call of ada@example.com")
    operator.shows(f"[data-call={call_id}] [role=status]", "The call is hung up.")
    assert room.site.call(call_id)["state"] == "ended"


def test_archive_call_and_figures(room: Room, operator: FirefoxVisitor) -> None:
    operator.go("/operator.html#/archive?caller=eve%40example.com")
    operator.shows("#view", "eve@example.com")
    assert violations(operator) == []
    operator.evaluate("document.querySelector('tbody a').click()")
    operator.shows("#view", "Good morning, where is my parcel?")
    operator.evaluate("document.querySelector('[role=slider]').focus()")
    operator.press(END)
    operator.shows(".said [aria-current=true]", "Model")
    operator.evaluate("document.querySelector('.said [aria-current=true]').focus()")
    operator.press(ARROW_UP)
    operator.shows(".said [aria-current=true]", "Caller")
    assert operator.evaluate("document.querySelectorAll('rect.user.chosen').length") == 1
    assert violations(operator) == []
    operator.shoot("operator-call")
    operator.click("link", "Figures")
    operator.shows("#view", "What ended calls")
    assert violations(operator) == []
    operator.shoot("operator-figures")
