"""Tests that visitors choose who answers: with the keyboard, by the page's address, and in their own language."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stack import Stack, until
from tests.browser.visitor import Visitor


def test_choosing_with_the_keyboard(visitor: Visitor, stack: Stack) -> None:
    """The list is reached and changed by keys, the address names the choice, and the call is with who was chosen."""
    page = visitor.page
    choice = page.get_by_label("Who answers")
    expect(choice).to_have_value("default")
    choice.focus()
    page.keyboard.press("G")

    expect(choice).to_have_value("guide")
    expect(choice).to_have_accessible_description("Answers questions about this project, and speaks first.")
    assert page.url == f"{stack.url}/?assistant=guide"
    page.keyboard.press("Tab")
    expect(visitor.button("Start")).to_be_focused()
    call_id = visitor.start()
    expect(choice).to_be_disabled()
    # The guide greets by itself.
    visitor.caption("Hello! This is the emulator speaking.")
    visitor.hang_up()
    expect(choice).to_be_enabled()
    summary = until(lambda: stack.summary(call_id), 20)
    assert summary["assistant"] == "guide"


def test_choosing_by_the_address(visit: Visit, stack: Stack) -> None:
    """The address chooses, and whoever chooses the default one again gets an address without a choice."""
    visitor = visit().open("/?assistant=guide")
    choice = visitor.page.get_by_label("Who answers")
    expect(choice).to_have_value("guide")

    choice.select_option("default")
    assert visitor.page.url == f"{stack.url}/"
    call_id = visitor.start()
    visitor.hang_up()
    assert until(lambda: stack.summary(call_id), 20)["assistant"] == "default"


def test_an_address_that_names_nobody(visit: Visit) -> None:
    """The page says that somebody else answers, and the call is possible."""
    visitor = visit(locale="tr-TR").open("/?assistant=for-others")

    choice = visitor.page.get_by_label("Yanıtlayan")
    expect(choice).to_have_value("default")
    expect(visitor.page.locator("#assistant-more")).to_have_text(
        "Adresteki asistan sizin için kullanılamıyor. Onun yerine bu asistan yanıtlıyor."
    )
    visitor.page.get_by_role("button", name="Başla").click()
    expect(visitor.page.locator("#message")).to_be_enabled(timeout=15_000)


def test_an_assistant_that_has_gone(visit: Visit) -> None:
    """If the assistant is gone when the call begins, the page says so in words, and not with a code."""
    visitor = visit()
    visitor.open("/?assistant=guide")
    expect(visitor.page.get_by_label("Who answers")).to_have_value("guide")
    # The page cannot know it: the request arrives with the name of an assistant whose file was deleted.
    visitor.page.route(
        "**/api/connect*",
        lambda route: route.continue_(url=route.request.url.replace("assistant=guide", "assistant=gone")),
    )

    visitor.button("Start").click()

    visitor.problem("There is no such assistant")
