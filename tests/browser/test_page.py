"""The page works in its languages and themes, on narrow screens, with a keyboard and with assistive technology."""

import json
import re
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stack import Stack, until
from tests.browser.visitor import Visitor
from tests.processes import ROOT

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(visitor: Visitor) -> list[str]:
    """Return what axe finds wrong with the page as it is now. In dark colours it checks the contrast alone."""
    found = []
    everything = {"runOnly": {"type": "tag", "values": RULES}}
    colours = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    schemes: tuple[tuple[Literal["light", "dark"], Any], ...] = (("light", everything), ("dark", colours))
    for scheme, options in schemes:
        visitor.page.emulate_media(color_scheme=scheme)
        # While colours change, they are neither the old ones nor the new ones.
        visitor.page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finish()))")
        result: dict[str, Any] = visitor.page.evaluate(f"axe.run({json.dumps(options)})")
        found += [
            f"{scheme} {rule['id']}: {node['html']} {node['any'][0]['message'] if node['any'] else ''}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]
    return found


def test_nothing_stands_in_the_way_of_assistive_technology(visitor: Visitor, stack: Stack) -> None:
    """One call goes through every state, and each state is examined in both themes."""
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(AXE)
    expect(visitor.button("Start")).to_be_enabled()
    found = {"idle": violations(visitor)}
    call_id = visitor.start()
    found["listening"] = violations(visitor)
    page.get_by_text("Sound", exact=True).click()
    page.get_by_text("Engineer’s panel").click()
    stack.turn(call_id, "Hello.", "Good day to you, and to everybody who listens.")
    visitor.state("Speaking")
    visitor.say("Stop.")
    visitor.caption("interrupted")
    found["interrupted, with all panels open"] = violations(visitor)
    visitor.shoot("everything-dark")
    visitor.button("Mute").click()
    page.get_by_label("Push to talk").check()
    found["push to talk"] = violations(visitor)
    page.get_by_label("Push to talk").uncheck()
    stack.emulator.leave(call_id)
    visitor.problem("The other side ended the call", 15)
    found["ended, with a problem"] = violations(visitor)
    visitor.shoot("after-dark")
    visitor.button("Check my setup").click()
    expect(page.locator("[data-check=webrtc][data-result=passed]")).to_be_visible(timeout=10_000)
    found["preflight"] = violations(visitor)
    visitor.shoot("preflight-dark")
    assert {state: problems for state, problems in found.items() if problems} == {}


def test_preflight_finds_the_way_to_the_media_port_only_when_asked(visitor: Visitor, stack: Stack) -> None:
    calls = len(stack.calls())
    visitor.button("Check my setup").click()
    check = visitor.page.get_by_role("dialog", name="Check my setup")
    for name in ("page", "gateway", "webrtc"):
        expect(check.locator(f"[data-check={name}]")).to_have_attribute("data-result", "passed", timeout=10_000)
    expect(check.locator("[data-check=microphone]")).to_have_attribute("data-result", "unsure")
    assert visitor.live_tracks() == 0
    assert len(stack.calls()) == calls
    check.get_by_role("button", name="Place a test call").click()
    expect(check.locator("[data-check=media]")).to_contain_text("Connected over UDP")
    until(lambda: len(stack.calls()) == calls + 1 and stack.calls()[-1]["state"] == "ended")
    visitor.page.keyboard.press("Escape")
    expect(check).to_be_hidden()


@pytest.mark.parametrize(
    ("locale", "start", "hang_up", "message"),
    [
        ("es-MX", "Empezar", "Colgar", "Mensaje"),
        ("pt-BR", "Começar", "Desligar", "Mensagem"),
        ("tr-TR", "Kabul et ve başla", "Kapat", "Mesaj"),
    ],
)
def test_the_browsers_language(visit: Visit, locale: str, start: str, hang_up: str, message: str) -> None:
    visitor = visit(locale=locale).open()
    page = visitor.page
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    page.get_by_role("button", name=start).click()
    expect(page.get_by_role("button", name=hang_up, exact=True)).to_be_visible()
    expect(page.get_by_label(message, exact=True)).to_be_enabled(timeout=10_000)
    visitor.shoot(f"language-{locale[:2]}")
    words = page.locator("body").inner_text()
    for english in ("Start", "Hang up", "Mute", "Conversation", "Engineer", "Language", "Check"):
        assert english not in words


def test_a_language_chosen_in_mid_call_stays(visitor: Visitor) -> None:
    page = visitor.page
    visitor.start()
    page.get_by_label("Language").select_option("tr")
    expect(page.get_by_role("button", name="Kapat", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    page.get_by_label("Dil").select_option("en")
    expect(visitor.button("Hang up")).to_be_visible()
    page.get_by_label("Language").select_option("es")
    page.reload()
    expect(page.get_by_role("button", name="Empezar")).to_be_visible()


def test_a_theme_chosen_stays(visitor: Visitor) -> None:
    page = visitor.page
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_label("Appearance").select_option("dark")
    until(lambda: page.evaluate(background) != light)
    page.reload()
    expect(page.get_by_label("Appearance")).to_have_value("dark")
    assert page.evaluate(background) != light


def test_narrow_screens_do_not_scroll_sideways(visit: Visit, stack: Stack) -> None:
    visitor = visit(viewport={"width": 320, "height": 640}, has_touch=True).open()
    page = visitor.page
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    expect(visitor.button("Start")).to_be_enabled()
    widths = {"idle": page.evaluate(overflow)}
    visitor.shoot("narrow-idle")
    visitor.start()
    page.get_by_text("Sound", exact=True).click()
    page.get_by_text("Engineer’s panel").click()
    visitor.say("Averyveryverylongwordwithoutanyspaceatalltobebrokensomewhere" * 2)
    visitor.caption("You wrote:")
    widths["in a call, with all panels open"] = page.evaluate(overflow)
    visitor.shoot("narrow-call")
    visitor.hang_up()
    widths["ended"] = page.evaluate(overflow)
    visitor.button("Check my setup").click()
    widths["preflight"] = page.evaluate(overflow)
    assert set(widths.values()) == {0}, widths
    targets = page.evaluate("""[...document.querySelectorAll('button, select, summary, input')]
        .map((element) => [element.id, element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width && Math.min(width, height) < 16).map(([id]) => id)""")
    assert targets == []


def test_the_keyboard_alone_is_enough(visitor: Visitor) -> None:
    page = visitor.page
    expect(visitor.button("Start")).to_be_enabled()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the call")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Who answers")).to_be_focused()
    page.keyboard.press("Tab")
    expect(visitor.button("Start")).to_be_focused()
    page.keyboard.press("Enter")
    expect(visitor.button("Hang up")).to_be_focused()
    expect(page.get_by_label("Message")).to_be_enabled(timeout=10_000)
    page.keyboard.press("Enter")
    visitor.state("Call ended")
    expect(visitor.button("Start again")).to_be_focused()


def test_reduced_motion_is_respected(visit: Visit) -> None:
    visitor = visit(reduced_motion="reduce").open()
    visitor.start()
    visitor.say("Say something long enough to be measured, please.")
    visitor.state("Speaking")
    paths = set()
    for _ in range(5):
        visitor.heard()
        paths.add(visitor.page.locator("#cord").get_attribute("d"))
    assert len(paths) == 1, "the cord does not wave"
    running = "document.getAnimations().length"
    assert visitor.page.evaluate(running) == 0
    until(
        lambda: (
            visitor.page.locator(".jack-model .jack-level").evaluate("(ring) => parseFloat(ring.style.strokeDasharray)")
            > 1
        )
    )


def test_what_is_kept_is_said_and_agreed_to_once(visitor: Visitor) -> None:
    page = visitor.page
    consent = page.get_by_text("What you and the model say is written down and kept for 30 days.")
    expect(consent).to_be_visible()
    expect(visitor.button("Start")).to_have_text("Start and agree")
    visitor.start()
    visitor.hang_up()
    page.reload()
    expect(visitor.button("Start")).to_have_text("Start")
    expect(consent).to_be_hidden()
    page.evaluate("localStorage.setItem('switchboard.consent', 'another notice')")
    page.reload()
    expect(consent).to_be_visible()


def test_the_conversation_can_be_taken_away(visit: Visit, stack: Stack) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write", "microphone"]).open()
    page = visitor.page
    call_id = visitor.start()
    visitor.say("Remember this.")
    visitor.caption("You wrote: Remember this.")
    visitor.state("Listening")
    visitor.hang_up()
    expect(page.get_by_text("The call at a glance")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Round trip")
    page.get_by_role("button", name="Copy the conversation").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert "You: Remember this." in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as JSON").click()
    exported = json.loads(download.value.path().read_text())
    assert exported["call_id"] == call_id
    assert exported["items"][0]["text"] == "Remember this."
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as text").click()
    assert "You: Remember this." in download.value.path().read_text()


def test_usage_figures_and_report(visitor: Visitor, stack: Stack) -> None:
    """The cost comes from the gateway, some seconds after a turn, and the browser's figures go to the gateway."""
    page = visitor.page
    page.get_by_text("Engineer’s panel").click()
    call_id = visitor.start()
    visitor.observed(call_id)
    expect(page.locator("#gauge")).to_contain_text("of 30:00")
    visitor.say("How is the line?")
    visitor.state("Speaking")
    visitor.state("Listening")
    expect(page.locator("#gauge")).to_contain_text(re.compile(r"[1-9]\d* tokens · about \$0\.\d+"), timeout=10_000)
    expect(page.locator("[data-plot='engineer.rtt'] .plot-value")).to_have_text(re.compile(r"\d+ ms"))
    expect(page.locator("[data-plot='engineer.latency'] .plot-value")).to_have_text(re.compile(r"\d+ ms"))
    expect(page.locator(".wire")).to_contain_text("UDP · ")
    expect(page.locator(".wire")).to_contain_text(call_id)
    assert page.locator(".fall-value").all_inner_texts().count("–") == 0, "every step from click to voice was timed"
    visitor.shoot("engineer")
    page.get_by_label("Filter events").fill("output_audio_buffer started")
    expect(page.locator(".log li")).to_have_count(1)
    page.locator("#engineer").get_by_role("button", name="Clear").click()
    expect(page.locator(".log li")).to_have_count(0)
    visitor.hang_up()

    summary = until(lambda: stack.reported(call_id), 20)

    (report,) = summary["reports"]
    figures = report["figures"]
    assert figures["network"]["rtt_ms"]["median"] >= 0
    assert figures["start_ms"]["channel"] > 0
    assert figures["response_latency_ms"]["median"] > 0
    assert figures["verdict"] == "good"
    assert "How is the line?" not in json.dumps(report)
