"""The operators' archive, the page of one call, and the figures, with calls of all kinds."""

import json
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.archived_calls import days_ago
from tests.browser.conftest import Room
from tests.browser.stack import OPERATOR, until
from tests.browser.test_page import AXE, violations
from tests.browser.visitor import Visitor

SINCE = days_ago(20)
# The calls of tests/archived_calls.py that hold what these tests look at.
CUT, LONG, WORDLESS, WITH_GAP, UNOBSERVED = 5, 7, 9, 3, 14


def table_rows(page: Page, row: str = "tbody tr") -> list[str]:
    return page.locator(row).all_inner_texts()


def found(page: Page, count: int) -> None:
    """Wait until a search for words has found so many calls. It stops early on a busy machine, and is told to go on."""
    more = page.get_by_role("button", name="Show more")

    def there() -> bool:
        more.evaluate_all("(buttons) => buttons.filter((one) => !one.disabled).forEach((one) => one.click())")
        return len(table_rows(page)) == count

    until(there)


def test_the_archive(room: Room, operator: Visitor) -> None:
    """A link shows what it says, every search is a link of its own, and the way back leads through all of them."""
    page = operator.open("/operator.html#/archive").page
    expect(page.get_by_role("status")).to_contain_text("Calls: ")
    page.get_by_label("From").fill(SINCE)
    page.locator("select[name=reason]").select_option(label="Assistant said goodbye")
    page.keyboard.press("Tab")
    page.get_by_label("Words in the conversation").fill("PARCEL")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Calls")
    found(page, 3)
    assert {text.rsplit("\t", 1)[-1] for text in table_rows(page)} == {"Assistant said goodbye"}
    assert "words=PARCEL" in page.url
    assert "reason=ended_by_assistant" in page.url
    page.get_by_label("Caller (id or name)").fill("Bob@example.com")
    page.keyboard.press("Enter")
    found(page, 1)
    page.go_back()
    found(page, 3)
    expect(page.get_by_label("Caller (id or name)")).to_have_value("")
    page.go_forward()
    found(page, 1)
    page.reload()
    found(page, 1)
    expect(page.locator("select[name=reason]")).to_have_value("ended_by_assistant")
    page.evaluate(AXE)
    assert violations(operator) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations(operator) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    operator.shoot("operator-archive-narrow")
    page.get_by_role("link", name="Clear the filters").click()
    expect(page.locator("select[name=reason]")).to_have_value("")


def test_pages(room: Room, operator: Visitor) -> None:
    """The list goes on where it stopped, by the token that the gateway gave."""

    def short(route: Any) -> None:
        route.continue_(url=route.request.url.replace("limit=100", "limit=12"))

    operator.page.route("**/api/calls?*", short)
    page = operator.open(f"/operator.html#/archive?from={SINCE}&reason=peer_left").page
    page.goto(f"{room.site.url}/operator.html#/archive?from={SINCE}&assistant=front-desk")
    expect(page.locator("tbody tr")).to_have_count(10)
    page.goto(f"{room.site.url}/operator.html#/archive?from={SINCE}")
    expect(page.locator("tbody tr")).to_have_count(12)
    more = page.get_by_role("button", name="Show more")
    more.click()
    expect(page.locator("tbody tr")).to_have_count(24)
    more.click()
    until(lambda: len(table_rows(page)) >= 30)
    links = page.locator("tbody a").evaluate_all("(links) => links.map((link) => link.hash)")
    assert len(set(links)) == len(links)
    assert set(links) >= {f"#/call/{call_id}" for call_id in room.archived}


def test_one_call(room: Room, operator: Visitor) -> None:
    """Picture and transcript are in step, by mouse and by keys, and both ways."""
    page = operator.open(f"/operator.html#/call/{room.archived[CUT]}").page
    slider = page.get_by_role("slider", name="Timeline")
    lines = page.locator(".said button")
    lines.nth(3).click()
    expect(slider).to_have_attribute(
        "aria-valuetext", "0:16 Model: Thank you. It left our warehouse yesterday and should be with you tomorrow."
    )
    assert page.locator("rect.assistant.chosen").count() == 1
    lines.nth(3).press("ArrowUp")
    expect(lines.nth(2)).to_be_focused()
    assert page.locator("rect.user.chosen").count() == 1
    slider.press("End")
    expect(lines.last).to_have_attribute("aria-current", "true")
    slider.press("Home")
    slider.press("ArrowRight")
    expect(lines.nth(1)).to_have_attribute("aria-current", "true")
    box = page.locator("rect.mark.assistant").nth(2).bounding_box()
    assert box
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    expect(lines.nth(5)).to_have_attribute("aria-current", "true")

    for kind in ("user", "assistant", "latency", "tool", "operator"):
        assert page.locator(f"rect.mark.{kind}").count() > 0, kind
    assert page.locator("rect.cut").count() == 1
    assert page.locator("path.rtt").count() == 1
    assert page.locator("rect.loss").count() > 3
    expect(page.locator(".handed-over")).to_contain_text("The caller wants a refund.")
    expect(page.locator(".facts")).to_contain_text("Browser left")
    expect(page.locator(".facts")).to_contain_text("Chrome 141")
    page.evaluate(AXE)
    assert violations(operator) == []
    page.get_by_text("The timeline as a table").click()
    table = page.locator("details table")
    for words in (
        "It is four seven one one.",
        "(interrupted)",
        "count_days: completed",
        "response.create: answered",
        "Packets lost",
    ):
        expect(table).to_contain_text(words)
    assert violations(operator) == []
    operator.shoot("operator-call")
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations(operator) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (LONG, "Good morning"),
        (WORDLESS, "The words are not kept."),
        (WITH_GAP, "Unobserved"),
        (UNOBSERVED, "Nothing was said"),
    ],
)
def test_other_calls(room: Room, operator: Visitor, number: int, words: str) -> None:
    """A long call, one without words, one with a gap and one that nobody observed can be looked at as well."""
    page = operator.open(f"/operator.html#/call/{room.archived[number]}").page
    expect(page.locator("#view")).to_contain_text(words, use_inner_text=True)
    slider = page.get_by_role("slider", name="Timeline")
    slider.press("End")
    current = page.locator(".said [aria-current=true]")
    expect(current).to_have_count(0 if number == UNOBSERVED else 1)
    page.evaluate(AXE)
    assert violations(operator) == []
    operator.shoot(f"operator-call-{number}")


def test_what_is_saved_and_deleted(room: Room, operator: Visitor) -> None:
    """JSON and text hold the call, the export holds all calls of the caller, and a deletion needs two presses."""
    call_id = room.archived[-1]
    page = operator.open(f"/operator.html#/call/{room.archived[0]}").page

    def saved(button: str) -> Any:
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        return download.value.path()

    assert json.loads(saved("Download as JSON").read_text())["call_id"] == room.archived[0]
    assert "Caller: Good morning, where is my parcel?" in saved("Download as text").read_text()
    with zipfile.ZipFile(saved("Export everything of this caller")) as file:
        ours = {name.split("/")[1] for name in file.namelist() if name.startswith("calls/")}
    assert ours == {room.archived[number] for number in range(0, len(room.archived), 6)}
    expect(page.get_by_text("Saved archives: 1")).to_be_visible()
    page.goto(f"{room.site.url}/operator.html#/call/{call_id}")
    page.get_by_role("button", name="Delete this record").click()
    assert room.ask("GET", f"calls/{call_id}", OPERATOR).status_code == 200
    page.get_by_role("button", name="Delete it for ever? Press again").click()
    expect(page.get_by_text("The record is deleted.")).to_be_visible()
    assert room.ask("GET", f"calls/{call_id}", OPERATOR).status_code == 404
    room.archived.pop()


def test_figures(room: Room, operator: Visitor) -> None:
    """Ends are words in every language, and the plots print on white, without what can only be clicked."""
    page = operator.open("/operator.html#/figures").page
    page.get_by_role("link", name="30 days").click()
    ended = page.locator("table.ends")
    expect(ended).to_contain_text("Longest duration reached")
    assert "_" not in ended.inner_text()
    expect(page.locator("figure svg")).to_have_count(4)
    expect(page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Total"))).to_be_visible()
    page.evaluate(AXE)
    assert violations(operator) == []
    operator.shoot("operator-figures")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("navigation", name="Views")).to_be_hidden()
    expect(page.locator("form.filters")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="light")
    for language, heading, words in (
        ("es", "Cifras", "Colgó el operador"),
        ("pt", "Números", "O operador desligou"),
        ("tr", "Sayılar", "Operatör kapattı"),
    ):
        page.locator("#language").select_option(language)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(ended).to_contain_text(words)
        assert "_" not in ended.inner_text()


def test_with_the_keyboard_alone(room: Room, operator: Visitor) -> None:
    """From the top of the page to a word of a call: Tab, Enter and the arrow keys are enough."""
    page = operator.open("/operator.html").page

    def tab_to(role: str, name: str) -> None:
        wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]
        expect(wanted.first).to_be_visible()
        for _ in range(40):
            page.keyboard.press("Tab")
            if wanted.evaluate_all("(found) => found.includes(document.activeElement)"):
                return
        raise AssertionError(f"the Tab key never comes to {name}")

    tab_to("link", "Archive")
    page.keyboard.press("Enter")
    tab_to("searchbox", "Words in the conversation")
    page.keyboard.type("driver")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Calls")
    tab_to("link", "Open the call of")
    page.keyboard.press("Enter")
    tab_to("slider", "Timeline")
    page.keyboard.press("End")
    tab_to("button", "Model")
    page.keyboard.press("Home")
    expect(page.locator(".said button").first).to_be_focused()
    expect(page.get_by_role("slider")).to_have_attribute(
        "aria-valuetext", "0:01 Caller: Good morning, where is my parcel?"
    )
