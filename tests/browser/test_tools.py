"""Tests what a visitor sees of a tool, in real Chromium: its name and its state, and the answer that uses it."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stack import Stack, until


def test_a_tool_that_a_text_asks_for(visit: Visit, stack: Stack) -> None:
    """The emulator calls the function that a text names, the gateway runs it, and the model goes on with its answer."""
    visitor = visit().open("/?assistant=guide")
    call_id = visitor.start()
    visitor.observed(call_id)
    visitor.caption("Hello! This is the emulator speaking.")
    visitor.say('call count_days with {"start": "2026-11-21", "end": "2026-12-24"}')

    tool = visitor.page.locator("#caption-list > li[data-role='tool']")
    expect(tool).to_have_text("The tool “count days” has run", timeout=10_000)
    visitor.caption("The function says: 33 days")
    visitor.page.locator("#engineer > summary").click()
    expect(visitor.page.locator("[data-tools]")).to_contain_text("count days")
    visitor.hang_up()
    summary = until(lambda: stack.summary(call_id), 20)
    assert [(use["name"], use["outcome"]) for use in summary["tools"]] == [("count_days", "completed")]
