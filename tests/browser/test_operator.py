"""The operators' page and its live calls: behind a role, with rows that change in place."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Room
from tests.browser.stack import OPERATOR as OPERATOR
from tests.browser.stack import until
from tests.browser.test_page import AXE, violations
from tests.browser.visitor import Visitor


def test_live(room: Room, operator: Visitor) -> None:
    """An operator sees a call begin and who speaks, steers it and hangs it up; the row changes in place."""
    page = operator.open("/operator.html").page
    expect(page.get_by_text("There are no live calls.")).to_be_visible()
    call_id = room.call()
    row = page.locator(f"[data-call={call_id}]")
    expect(row).to_contain_text("ada@example.com", timeout=5000)
    page.evaluate("(row) => { window.row = row; }", row.element_handle())
    cell = {name: row.locator(f"td[data-label='{name}']") for name in ("Length", "Speaking", "Tokens", "Cost", "Left")}

    row.get_by_role("button", name="Steer the call of ada@example.com").click()
    expect(row.get_by_label("Have the model say")).to_be_focused()
    page.keyboard.type("Say good morning.")
    page.keyboard.press("Enter")
    expect(row.get_by_role("status")).to_have_text("The service answered: response.created")
    row.get_by_label("New instructions").fill("Answer in one word.")
    row.get_by_role("button", name="Change").click()
    expect(row.get_by_role("status")).to_have_text("The service answered: session.updated")
    page.evaluate(AXE)
    assert violations(operator) == []
    room.site.turn(call_id, "One moment, please, I am looking for it.", "Take your time.", 9000)
    expect(cell["Speaking"]).to_have_text("Caller", timeout=12_000)
    # The list has been read again meanwhile, and neither the row nor the focus in it was replaced.
    before = cell["Length"].inner_text()
    until(lambda: cell["Length"].inner_text() != before, 5)
    assert page.evaluate("window.row.isConnected && window.row.contains(document.activeElement)")
    assert cell["Tokens"].inner_text() != "0"
    assert cell["Cost"].inner_text().startswith("$0.")
    assert cell["Left"].inner_text().startswith("29:")
    operator.shoot("operator-live")

    row.get_by_role("button", name="Hang up the call of ada@example.com").click()
    assert room.site.call(call_id)["state"] == "live", "one press is no decision"
    row.get_by_role("button", name="Press again to end the call of ada@example.com").click()
    expect(row.get_by_role("status")).to_have_text("The call is hung up.")
    assert room.site.call(call_id)["state"] == "ended"
    expect(row).to_contain_text("The call has ended", timeout=8000)
    page.get_by_role("link", name="Archive").focus()
    expect(row).to_have_count(0, timeout=8000)


def test_whoever_is_no_operator(room: Room, browser: Browser) -> None:
    """The site keeps the page back, and the gateway keeps back what it would show, from visitors and from strangers."""
    visitor = Visitor(browser.new_context(), room.site)
    for routes in (401, 403):
        answer = visitor.page.goto(f"{room.site.url}/operator.html")
        assert answer
        assert answer.status in (401, 403)
        assert "operator/main.js" not in answer.text()
        paths = ("calls", "usage", "export?caller=aad%3Aada", f"calls/{room.archived[0]}/journal")
        assert {visitor.page.request.get(f"{room.site.url}/api/{path}").status for path in paths} == {routes}
        assert visitor.page.request.delete(f"{room.site.url}/api/calls/{room.archived[0]}/record").status == routes
        # A guessed id shows nothing either.
        assert visitor.page.request.get(f"{room.site.url}/api/calls/{room.archived[1]}").status == routes
        visitor.context.add_cookies([room.site.visitor_cookie])
    visitor.close()
