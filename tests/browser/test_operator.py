"""The operators' page and its live calls: behind a role, with rows that change in place, and calls for a person."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Room
from tests.browser.stack import OPERATOR as OPERATOR
from tests.browser.stack import until
from tests.browser.test_page import AXE, violations
from tests.browser.visitor import Visitor

REFUND = 'call hand_over with {"reason": "The caller wants a refund."}'
# Counts the sounds that the page makes. Playwright evaluates every script as if somebody had clicked, so the browser's
# note of the first gesture is replaced by one that knows real ones only.
LISTEN = """
window.tones = 0;
const activation = { hasBeenActive: false };
Object.defineProperty(navigator, 'userActivation', { value: activation });
for (const gesture of ['pointerdown', 'keydown']) {
  addEventListener(gesture, () => { activation.hasBeenActive = true; }, { capture: true });
}
window.AudioContext = class extends AudioContext {
  createOscillator() {
    window.tones += 1;
    return super.createOscillator();
  }
};
"""


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


def test_a_call_that_is_handed_over(room: Room, operator: Visitor) -> None:
    """It stands above all others with its reason, is read out, and makes a sound that can be switched off for good."""
    operator.context.add_init_script(LISTEN)
    page = operator.open("/operator.html").page
    switch = page.get_by_label("Play a sound when a call is handed over")
    expect(switch).to_be_checked()
    expect(page.get_by_text("The browser allows sound after")).to_be_visible()

    def hand_over() -> str:
        call_id = room.call("guide")
        # The assistant speaks first, and does one thing at a time.
        journal = f"calls/{call_id}/journal"
        until(lambda: "playback.stopped" in room.ask("GET", journal, OPERATOR).text)
        content = [{"type": "input_text", "text": REFUND}]
        item = {"type": "message", "role": "user", "content": content}
        room.steer(call_id, {"type": "conversation.item.create", "item": item})
        room.steer(call_id, {"type": "response.create"})
        waiting = page.locator(f"[role=alert] [data-waiting={call_id}]")
        expect(waiting).to_contain_text("The caller wants a refund.", timeout=10_000)
        return call_id

    first = hand_over()
    assert page.evaluate("window.tones") == 0, "no browser plays a sound before a gesture"
    assert page.title().startswith("(1) ")
    expect(page.locator(f"[data-call={first}]")).to_contain_text("Handed over to a person")
    page.get_by_role("button", name="Go to the call").click()
    expect(page.locator(f"[data-call={first}]").get_by_role("button", name="Steer")).to_be_focused()
    expect(page.get_by_text("The browser allows sound after")).to_be_hidden()
    page.evaluate(AXE)
    assert violations(operator) == []
    operator.shoot("operator-handed-over")
    hand_over()
    assert page.evaluate("window.tones") == 2
    switch.uncheck()
    hand_over()
    assert page.evaluate("window.tones") == 2
    page.reload()
    expect(switch).not_to_be_checked()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("[data-call]")).to_have_count(3)
    page.evaluate(AXE)
    assert violations(operator) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    operator.shoot("operator-live-narrow")


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
