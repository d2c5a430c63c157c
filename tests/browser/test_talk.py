"""Visitors talk: they cut in, use push to talk, and change devices; screen readers are told what was said."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stack import Stack, until
from tests.browser.visitor import Visitor

LONG = (
    "This is a rather long answer, so that there is time to interrupt it while it is being spoken. "
    "It goes on and on about nothing in particular, and nobody would listen to the end of it anyway, "
    "because there are so many more interesting things that one could talk about instead."
)


def test_typing_cuts_in(visitor: Visitor, stack: Stack) -> None:
    call_id = visitor.start()
    visitor.state("Listening")
    stack.turn(call_id, "Tell me everything.", LONG)
    visitor.state("Speaking")
    visitor.heard()
    visitor.say("Stop, something else.")
    visitor.caption("interrupted")
    visitor.caption("You wrote: Stop, something else.")
    visitor.state("Listening", 15)
    visitor.shoot("interrupted")
    lines = visitor.captions()
    assert [line.split()[0] for line in lines] == ["You", "Model", "You", "Model"]
    cut = lines[1].removeprefix("Model ").removesuffix(" interrupted")
    assert LONG.startswith(cut)
    assert len(cut) < len(LONG) / 2, "words that were never spoken are not shown"


def test_speech_cuts_in_and_the_voice_stops(visitor: Visitor, stack: Stack) -> None:
    call_id = visitor.start()
    visitor.state("Listening")
    stack.turn(call_id, "Tell me everything.", LONG)
    visitor.state("Speaking")
    visitor.heard()
    stack.turn(call_id, "Wait!", "Yes?", speech_ms=1500)
    visitor.state("Hearing you")
    assert visitor.page.evaluate("document.getElementById('voice').volume") < 0.5, "the voice is turned down at once"
    visitor.silent()
    visitor.state("Hearing you")
    visitor.caption("Yes?")
    assert visitor.page.evaluate("document.getElementById('voice').volume") == 1


def test_completed_turns_are_announced_once(visitor: Visitor, stack: Stack) -> None:
    visitor.start()
    visitor.state("Listening")
    visitor.say("Once.")
    visitor.state("Speaking")
    visitor.state("Listening")
    said = visitor.page.locator("#announcer p").all_inner_texts()
    assert said == [
        "You: Once.",
        "Model: You wrote: Once.",
    ]
    assert visitor.page.locator("#captions[aria-live], #caption-list[aria-live]").count() == 0


def test_push_to_talk_by_space_and_by_hand(visitor: Visitor) -> None:
    page = visitor.page
    open_tracks = "witness.tracks.filter((track) => track.readyState === 'live' && track.enabled).length"
    visitor.start()
    page.get_by_text("Sound", exact=True).click()
    page.get_by_label("Push to talk").check()
    page.locator("#captions").focus()
    visitor.state("Hold to talk")
    assert page.evaluate(open_tracks) == 0
    page.keyboard.down(" ")
    visitor.state("Listening")
    assert page.evaluate(open_tracks) == 1
    visitor.shoot("push-to-talk")
    page.keyboard.up(" ")
    visitor.state("Hold to talk")
    until(lambda: page.evaluate(open_tracks) == 0)

    hold = visitor.button("Hold to talk")
    hold.hover()
    page.mouse.down()
    visitor.state("Listening")
    page.mouse.move(5, 5)
    visitor.state("Listening")  # sliding off the button does not release it
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    visitor.state("Hold to talk")
    page.mouse.up()

    hold.focus()
    page.keyboard.down("Enter")
    visitor.state("Listening")
    page.keyboard.up("Enter")
    visitor.state("Hold to talk")

    page.get_by_label("Message").focus()
    page.keyboard.type("a b")
    assert page.get_by_label("Message").input_value() == "a b", "in a text, the space bar writes a space"
    visitor.state("Hold to talk")


def test_another_microphone_in_mid_call(visitor: Visitor, stack: Stack) -> None:
    page = visitor.page
    call_id = visitor.start()
    visitor.button("Mute").click()
    page.get_by_text("Sound", exact=True).click()
    picker = page.get_by_label("Microphone")
    expect(picker.locator("option")).to_have_count(3)
    first = page.evaluate("witness.tracks[0].label")
    other = next(text for text in picker.locator("option").all_inner_texts()[1:] if text != first)
    picker.select_option(label=other)
    expect(page.get_by_text(f"Now using {other}.")).to_be_visible()
    visitor.shoot("sound")
    tracks = page.evaluate("witness.tracks.map(({ label, readyState, enabled }) => [label, readyState, enabled])")
    assert tracks == [[first, "ended", False], [other, "live", False]], "the new one is muted, as the old one was"
    page.get_by_label("Speaker").select_option(index=1)
    until(lambda: page.evaluate("document.getElementById('voice').sinkId") != "")
    sent = page.evaluate("witness.connections[0].getSenders()[0].track.label")
    assert sent == other
    visitor.button("Mute").click()
    assert stack.call(call_id)["state"] == "live"
    visitor.hang_up()
    assert visitor.live_tracks() == 0


def test_a_microphone_that_is_pulled_out_is_replaced(visitor: Visitor) -> None:
    visitor.start()
    visitor.page.evaluate("witness.tracks[0].stop(); witness.tracks[0].dispatchEvent(new Event('ended'))")
    until(lambda: visitor.page.evaluate("witness.tracks.length") == 2)
    until(lambda: visitor.live_tracks() == 1)
    assert visitor.page.evaluate("witness.tracks[1].enabled")


def test_a_microphone_that_the_system_takes_is_told_and_comes_back(visitor: Visitor) -> None:
    visitor.start()
    visitor.page.evaluate("witness.tracks[0].dispatchEvent(new Event('mute'))")
    visitor.problem("Your device is using the microphone for something else")
    visitor.shoot("microphone-taken")
    visitor.page.evaluate("witness.tracks[0].dispatchEvent(new Event('unmute'))")
    expect(visitor.page.get_by_role("alert")).to_be_empty()


def test_blocked_sound_asks_for_a_tap(visit: Visit) -> None:
    visitor = visit()
    visitor.page.add_init_script("""
        const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () {
          return window.soundAllowed ? play.call(this) : Promise.reject(new DOMException('gesture', 'NotAllowedError'));
        };""")
    visitor.open().start()
    tap = visitor.button("Tap to hear")
    expect(tap).to_be_visible()
    expect(visitor.page.get_by_text("Your browser wants one more tap")).to_be_visible()
    visitor.shoot("tap-to-hear")
    visitor.page.evaluate("window.soundAllowed = true")
    tap.click()
    expect(tap).to_be_hidden()


def test_the_screen_stays_on_during_a_call(visit: Visit) -> None:
    visitor = visit()
    visitor.page.add_init_script("""
        window.locks = [];
        const request = navigator.wakeLock.request.bind(navigator.wakeLock);
        navigator.wakeLock.request = async (type) => {
          const lock = await request(type);
          window.locks.push(lock);
          return lock;
        };""")
    visitor.open().start()
    until(lambda: visitor.page.evaluate("locks.filter((lock) => !lock.released).length") == 1)
    visitor.hang_up()
    until(lambda: visitor.page.evaluate("locks.every((lock) => lock.released)"))


def test_volume_and_voice_are_remembered(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_text("Sound", exact=True).click()
    page.get_by_label("Volume").fill("0.3")
    page.get_by_label("Voice of the next call").select_option("cedar")
    page.reload()
    page.get_by_text("Sound", exact=True).click()
    expect(page.get_by_label("Voice of the next call")).to_have_value("cedar")
    assert page.evaluate("document.getElementById('voice').volume") == 0.3
    with page.expect_request(re.compile(r"/api/connect\?voice=cedar")):
        visitor.button("Start").click()
