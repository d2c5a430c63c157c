"""The page in Firefox: a call from click to archived summary, mute, and a microphone that is refused."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.bidi import Bidi, running_firefox
from tests.browser.firefox_visitor import FirefoxVisitor
from tests.browser.stack import Stack, until

FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox") or "firefox-esr"
PREFERENCES: dict[str, bool | int | str] = {
    # The fake microphone plays a tone for as long as it is open.
    "media.navigator.streams.fake": True,
    "media.autoplay.default": 0,
}
# Values of permissions.default.microphone, the answer to every page that asks.
GRANTED, DENIED = 1, 2

Visit = Callable[..., FirefoxVisitor]


@pytest.fixture(scope="module")
def firefox(logs: Path) -> Iterator[Bidi]:
    """Start a Firefox that lets every page use the microphone."""
    with running_firefox(FIREFOX, logs / "firefox", {**PREFERENCES, "permissions.default.microphone": GRANTED}) as bidi:
        yield bidi


@pytest.fixture(scope="module")
def refusing(logs: Path) -> Iterator[Bidi]:
    """Start a Firefox that lets no page use the microphone."""
    profile = logs / "firefox-refusing"
    with running_firefox(FIREFOX, profile, {**PREFERENCES, "permissions.default.microphone": DENIED}) as bidi:
        yield bidi


@pytest.fixture
def visit(firefox: Bidi, stack: Stack) -> Iterator[Visit]:
    """Open the page as a new visitor in a new tab; at the end of the test, end every call and close every tab."""
    visitors: list[FirefoxVisitor] = []

    def arrive(using: Bidi = firefox) -> FirefoxVisitor:
        visitors.append(FirefoxVisitor(using, stack))
        return visitors[-1].open()

    yield arrive
    stack.reset()
    for visitor in visitors:
        visitor.close()


def test_from_click_to_archived_summary(visit: Visit, stack: Stack) -> None:
    """Push to talk keeps the fake microphone's tone out of the call until the visitor holds the space bar."""
    visitor = visit()
    visitor.shoot("idle")
    visitor.evaluate("document.querySelectorAll('details').forEach((panel) => { panel.open = true; })")
    visitor.click("checkbox", "Push to talk")
    call_id = visitor.start()
    visitor.state("Hold to talk")
    until(lambda: stack.call(call_id)["sidebands"])

    visitor.evaluate("document.getElementById('captions').focus()")
    visitor.key_down(" ")
    visitor.state("Hearing you")
    visitor.key_up(" ")
    visitor.caption("I heard you speak")
    until(lambda: visitor.energy() > 1e-4)
    visitor.state("Hold to talk")
    visitor.say("What is the time?")
    visitor.caption("You wrote: What is the time?")
    visitor.state("Hold to talk")
    steps = visitor.evaluate("[...document.querySelectorAll('.fall-value')].map((value) => value.innerText)")
    assert len(steps) == 6
    assert "–" not in steps, "every step from click to the first sound was timed"
    visitor.shows(".wire", "UDP · ")
    visitor.shows("#gauge", r"[1-9]\d* tokens · about \$0\.\d+")
    visitor.shoot("call")
    visitor.hang_up()
    assert visitor.live_tracks() == 0
    visitor.shoot("ended")

    summary = until(lambda: stack.reported(call_id), 20)
    assert summary["end_reason"] == "hung_up_by_caller"
    spoken, heard, typed, answer = summary["transcript"]
    assert [line["role"] for line in (spoken, heard, typed, answer)] == ["user", "assistant"] * 2
    assert heard["text"].startswith("I heard you speak")
    assert (typed["text"], answer["text"]) == ("What is the time?", "You wrote: What is the time?")
    (report,) = summary["reports"]
    assert "Firefox/" in report["figures"]["browser"]
    assert report["figures"]["network"]["rtt_ms"]["median"] >= 0


def test_mute_silences_the_track_and_keeps_the_call(visit: Visit, stack: Stack) -> None:
    visitor = visit()
    call_id = visitor.start()
    visitor.click("button", "Mute")
    until(lambda: visitor.evaluate("document.getElementById('mute').ariaPressed") == "true")
    assert visitor.evaluate("witness.tracks.every((track) => !track.enabled)")
    visitor.say("I can still write.")
    visitor.caption("You wrote: I can still write.")
    visitor.state("You are muted", 15)
    visitor.click("button", "Mute")
    until(lambda: visitor.evaluate("witness.tracks.some((track) => track.enabled)"))
    assert stack.call(call_id)["state"] == "live"
    visitor.hang_up()


def test_a_refused_microphone_costs_no_call(visit: Visit, stack: Stack, refusing: Bidi) -> None:
    visitor = visit(using=refusing)
    calls = len(stack.calls())
    visitor.click("button", "Start and agree")
    visitor.shows("#problem", "The microphone is blocked")
    visitor.state("No call")
    visitor.shoot("microphone-denied")
    assert len(stack.calls()) == calls
