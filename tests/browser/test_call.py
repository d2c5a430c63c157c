"""Calls go from click to archived summary, through everything that production has except Azure."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.conftest import FAKE_MICROPHONE, Visit, launch
from tests.browser.sounds import write_speech
from tests.browser.stack import Stack, until
from tests.browser.visitor import Visitor


def test_from_click_to_archived_summary(visitor: Visitor, stack: Stack) -> None:
    visitor.shoot("idle")
    call_id = visitor.start()
    visitor.state("Listening")
    visitor.observed(call_id)
    visitor.say("What is the time?")
    visitor.heard()
    visitor.shoot("speaking")
    visitor.caption("You wrote: What is the time?")
    visitor.state("Listening")
    stack.turn(call_id, "And tomorrow?", "The same, a day later.")
    visitor.state("Hearing you")
    visitor.caption("And tomorrow?")
    visitor.caption("The same, a day later.")
    visitor.state("Listening")
    visitor.shoot("listening")
    visitor.hang_up()
    assert visitor.live_tracks() == 0
    visitor.shoot("ended")

    summary = until(lambda: stack.summary(call_id))

    assert summary["end_reason"] == "hung_up_by_caller"
    assert summary["caller"]["id"].startswith("anonymous:")
    assert [(line["role"], line["text"]) for line in summary["transcript"]] == [
        ("user", "What is the time?"),
        ("assistant", "You wrote: What is the time?"),
        ("user", "And tomorrow?"),
        ("assistant", "The same, a day later."),
    ]
    assert summary["usage"]["responses"] == 2
    assert summary["usage"]["output"]["audio"] > 0
    assert stack.call(call_id)["state"] == "ended"


def test_speech_into_the_microphone_is_heard_and_cuts_in(stack: Stack, visit: Visit, speaking: Browser) -> None:
    """The microphone plays two bursts of speech. The second comes while the answer to the first is being spoken."""
    visitor = visit(using=speaking).open()
    visitor.start()
    visitor.state("Hearing you")
    visitor.caption("I heard you speak")
    visitor.heard()
    visitor.caption("interrupted")
    visitor.shoot("barge-in")
    _, answer, *_ = visitor.captions()
    assert answer.startswith("Model I")
    assert not answer.endswith("seconds. interrupted")


@pytest.fixture(scope="module")
def speaking(driver: Playwright, logs: Path) -> Iterator[Browser]:
    wav = write_speech(logs / "speech.wav", 12, [(1.2, 0.8), (3.4, 0.8)])
    browser = launch(driver, *FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={wav}%noloop")
    yield browser
    browser.close()


def test_closing_the_tab_hangs_up(visitor: Visitor, stack: Stack) -> None:
    call_id = visitor.start()
    visitor.page.close(run_before_unload=False)
    until(lambda: stack.call(call_id)["state"] == "ended")
    # The hang-up and the end of the connection leave the browser at the same moment.
    assert until(lambda: stack.summary(call_id))["end_reason"] in {"hung_up_by_caller", "peer_left"}


def test_leaving_the_page_hangs_up(visitor: Visitor, stack: Stack) -> None:
    call_id = visitor.start()
    visitor.page.goto("about:blank")
    until(lambda: stack.call(call_id)["state"] == "ended")


def test_giving_up_while_it_connects_leaves_no_call(visitor: Visitor, stack: Stack) -> None:
    # Long enough for two clicks on a busy machine.
    stack.emulator.delay(calls_ms=2000)
    calls = len(stack.calls())
    visitor.button("Start").click()
    visitor.state("Placing the call")
    visitor.give_up()
    assert visitor.live_tracks() == 0
    until(lambda: len(stack.calls()) > calls and stack.calls()[-1]["state"] == "ended")


def test_mute_silences_the_track_and_keeps_the_call(visitor: Visitor, stack: Stack) -> None:
    call_id = visitor.start()
    mute = visitor.button("Mute")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    assert visitor.page.evaluate("witness.tracks.every((track) => !track.enabled)")
    visitor.say("I can still write.")
    visitor.caption("You wrote: I can still write.")
    visitor.state("You are muted")
    visitor.shoot("muted")
    mute.click()
    visitor.state("Listening")
    assert visitor.page.evaluate("witness.tracks.some((track) => track.enabled)")
    assert stack.call(call_id)["state"] == "live"


# The microphone opens this late, and the page notes when it posts its offer.
SLOW_MICROPHONE = """
window.order = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (constraints) => {
  await new Promise((resolve) => setTimeout(resolve, 700));
  window.order.push('microphone');
  return ask(constraints);
};
const post = window.fetch;
window.fetch = (address, options) => {
  if (String(address).includes('/api/connect')) window.order.push('offer');
  return post(address, options);
};
"""


def test_offer_goes_out_with_the_click_where_the_microphone_is_granted(visit: Visit, stack: Stack) -> None:
    """The transceiver gets its track when the microphone opens, and the model hears the visitor then."""
    visitor = visit(permissions=["microphone"])
    visitor.page.add_init_script(SLOW_MICROPHONE)
    visitor.open()
    visitor.start()
    until(lambda: visitor.page.evaluate("order") == ["offer", "microphone"])
    until(lambda: visitor.page.evaluate("witness.connections[0].getSenders()[0].track?.readyState") == "live")
    assert visitor.page.evaluate("witness.connections.length") == 1


# The page notes what comes first after a click: the request for a call, or the next task of the browser.
IN_THE_CLICK = """
window.order = [];
addEventListener('click', () => setTimeout(() => window.order.push('task')), true);
const post = window.fetch;
window.fetch = (address, options) => {
  if (String(address).includes('/api/connect')) window.order.push('offer');
  return post(address, options);
};
"""


def test_offer_goes_out_within_the_click_where_the_microphone_opened_the_last_time(visit: Visit) -> None:
    """At the first visit, the page gives a microphone that is only granted a moment to fail."""
    visitor = visit(permissions=["microphone"])
    visitor.page.add_init_script(IN_THE_CLICK)
    for order in (["task", "offer"], ["offer", "task"]):
        visitor.open().start()
        assert visitor.page.evaluate("order") == order
        visitor.hang_up()


def test_offer_waits_for_a_microphone_that_may_be_refused(visit: Visit) -> None:
    """Chromium's fake prompt counts as granted, so the page is told that the browser will ask."""
    visitor = visit()
    visitor.page.add_init_script(SLOW_MICROPHONE)
    visitor.page.add_init_script("""
        navigator.permissions.query = async () => Object.assign(new EventTarget(), { state: 'prompt' });
    """)
    visitor.open().start()
    assert visitor.page.evaluate("order") == ["microphone", "offer"]


def test_call_is_hung_up_when_a_granted_microphone_does_not_open(visit: Visit, stack: Stack) -> None:
    """The system may refuse what the browser has granted. If that takes long, the call is up by then."""
    visitor = visit(permissions=["microphone"])
    visitor.page.add_init_script("""
        navigator.mediaDevices.getUserMedia = () => new Promise((_, reject) => {
          setTimeout(() => reject(new DOMException('system', 'NotAllowedError')), 700);
        });
    """)
    visitor.open()
    before = len(stack.calls())
    visitor.button("Start").click()
    visitor.problem("The microphone is blocked")
    visitor.state("Call ended")
    assert len(stack.calls()) == before + 1
    until(lambda: stack.calls()[-1]["state"] == "ended")


def test_granted_microphone_that_fails_at_once_costs_no_call(visit: Visit) -> None:
    """The device, for example, may have been pulled out. The page knows that before it posts its offer."""
    visitor = visit(permissions=["microphone"])
    visitor.page.add_init_script("""
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('system', 'NotAllowedError'));
    """)
    posted: list[str] = []
    visitor.page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    visitor.open()
    visitor.button("Start").click()
    visitor.problem("The microphone is blocked")
    visitor.state("No call")
    assert posted == []
