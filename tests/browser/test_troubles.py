"""Whenever something goes wrong, the page says what happened and what to do about it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from tests.browser.conftest import Visit, launch
from tests.browser.stack import Backends, Stack, site, until
from tests.browser.test_page import AXE, violations
from tests.browser.visitor import Visitor


@pytest.fixture(scope="module")
def without_microphone(driver: Playwright) -> Iterator[Browser]:
    browser = launch(driver)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def without_permission(driver: Playwright) -> Iterator[Browser]:
    browser = launch(driver, "--use-fake-device-for-media-stream")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def strict(backends: Backends, logs: Path) -> Iterator[Stack]:
    """Run a site that requires sign-in and allows one short call, in which a fault happens that the filter hides."""
    settings = {
        "SESSION_TRANSCRIPTION_DEPLOYMENT": "not-deployed",
        "REQUIRE_SIGN_IN": "true",
        "MAX_CALL_SECONDS": "16",
        "MAX_CALLS_PER_CALLER": "1",
    }
    with site(backends, logs, name="strict", **settings) as running_site:
        yield running_site


def test_microphone_denied(visit: Visit, without_permission: Browser) -> None:
    visitor = visit(using=without_permission).open()
    calls = len(visitor.stack.calls())
    visitor.button("Start").click()
    visitor.problem("The microphone is blocked")
    visitor.problem("Allow it for this page")
    visitor.shoot("microphone-denied")
    assert len(visitor.stack.calls()) == calls, "a refused microphone costs no call"


def test_microphone_missing(visit: Visit, without_microphone: Browser) -> None:
    visitor = visit(using=without_microphone).open()
    visitor.button("Start").click()
    visitor.problem("No microphone was found")
    visitor.shoot("microphone-missing")


def test_a_page_that_may_not_use_a_microphone_says_so(visit: Visit) -> None:
    visitor = visit()
    visitor.page.goto(visitor.stack.url.replace("127.0.0.1", "insecure.test"))
    visitor.problem("This page cannot use a microphone")
    visitor.problem("begins with https")
    visitor.button("Start").click()
    visitor.problem("This page cannot use a microphone")
    visitor.shoot("insecure-origin")


def test_a_browser_without_webrtc_is_told(visit: Visit) -> None:
    visitor = visit()
    visitor.page.add_init_script("delete window.RTCPeerConnection")
    visitor.open()
    visitor.problem("This browser cannot make voice calls")
    visitor.button("Start").click()
    visitor.problem("This browser cannot make voice calls")


def test_service_refuses(visitor: Visitor, stack: Stack) -> None:
    stack.emulator.fault("calls", "500")
    visitor.button("Start").click()
    visitor.problem("could not set up the call")
    visitor.problem("The gateway’s advice:")
    visitor.state("No call")
    visitor.shoot("service-failed")
    stack.reset()
    stack.emulator.fault("calls", "403")
    visitor.button("Start").click()
    visitor.problem("The gateway is not set up properly")
    stack.reset()
    stack.emulator.fault("calls", "429", retry_after=90)
    visitor.button("Start").click()
    visitor.problem("The voice service is busy")
    visitor.problem("Try again in 90 seconds.")
    visitor.shoot("service-busy")
    assert visitor.live_tracks() == 0


def test_too_many_calls_says_when(visit: Visit, strict: Stack) -> None:
    first, second = visit(at=strict), visit(at=strict)
    for visitor in (first, second):
        visitor.context.add_cookies([strict.visitor_cookie])
        visitor.open()
    first.start()
    second.button("Start").click()
    second.problem("You have too many calls open")
    expect(second.page.get_by_role("alert")).to_contain_text(re.compile(r"Try again in \d+ seconds"))
    second.shoot("too-many-calls")
    first.hang_up()


def test_hidden_errors_are_told_and_time_is_up(visit: Visit, strict: Stack) -> None:
    visitor = visit(at=strict)
    visitor.context.add_cookies([strict.visitor_cookie])
    visitor.open()
    call_id = visitor.start()
    strict.turn(call_id, "What was never written down.", "Yes.")
    visitor.caption("The service reported an error:", 25)
    visitor.say("My name is Ada.")
    visitor.caption("You wrote: My name is Ada.")
    before = visitor.captions()
    expect(visitor.page.locator("#limit-warning")).to_contain_text("This call ends in", timeout=12_000)
    visitor.shoot("limit-warning")
    visitor.problem("The time for this call is up", 25)
    visitor.problem("at most 16 seconds")
    visitor.state("Call ended")
    visitor.shoot("limit-reached")
    assert visitor.live_tracks() == 0
    assert until(lambda: strict.summary(call_id))["end_reason"] == "max_call_seconds"

    # The visitor goes on with the keyboard, and the model remembers.
    offer = visitor.button("Go on with this conversation")
    expect(offer).to_have_accessible_description(
        re.compile(r"You can go on with this conversation until \d+:\d\d.[AP]M\. The model will know what was said\.")
    )
    visitor.page.evaluate(AXE)
    assert violations(visitor) == []
    offer.press("Enter")
    visitor.caption("The conversation goes on in a new call.")
    expect(visitor.button("Hang up")).to_be_focused()
    visitor.remembers("My name is Ada.")
    assert visitor.captions()[0] == before[0]
    visitor.shoot("gone-on")
    visitor.hang_up()
    expect(offer).to_be_hidden()
    assert violations(visitor) == []


def test_sign_in_leads_back_to_the_same_assistant(visit: Visit, strict: Stack) -> None:
    """Whoever signs in on a page whose address names an assistant comes back to that address."""
    visitor = visit(at=strict).open("/?assistant=guide")
    asked: list[str] = []

    def ask(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    visitor.page.route("**/.auth/login/**", ask)
    visitor.page.get_by_role("link", name="Sign in").first.click()

    until(lambda: asked)
    assert asked == [f"{strict.url}/.auth/login/aad?post_login_redirect_uri=%2F%3Fassistant%3Dguide"]


def test_sign_in_is_asked_for(visit: Visit, strict: Stack) -> None:
    visitor = visit(at=strict).open()
    links = visitor.page.get_by_role("link", name="Sign in")
    expect(links.first).to_have_attribute("href", re.compile(r"^/\.auth/login/aad"))
    expect(visitor.button("Start")).to_be_hidden()
    visitor.shoot("sign-in")


def test_signed_out_in_the_meantime(visit: Visit, strict: Stack) -> None:
    visitor = visit(at=strict)
    visitor.context.add_cookies([strict.visitor_cookie])
    visitor.open()
    expect(visitor.page.get_by_text("Signed in as ada@example.com")).to_be_visible()
    visitor.context.clear_cookies()
    visitor.button("Start").click()
    visitor.problem("Please sign in first")
    expect(visitor.page.get_by_role("alert").get_by_role("link", name="Sign in")).to_be_visible()


def test_no_way_to_the_media_port(visitor: Visitor, stack: Stack) -> None:
    """The browser meets a firewall: the SDP answer names a port on which nobody answers."""

    def block(route: Route) -> None:
        answer = route.fetch()
        body = re.sub(r"(a=candidate:\S+ \d (?:udp|tcp) \d+ \S+) \d+", r"\1 9", answer.text(), flags=re.IGNORECASE)
        route.fulfill(response=answer, body=body)

    visitor.page.route("**/api/connect*", block)
    visitor.button("Start").click()
    visitor.state("Connecting the audio")
    visitor.problem("Your network blocks voice calls", 25)
    visitor.problem("port 3478 over UDP/TCP to AzureCloud.eastus2")
    visitor.shoot("media-blocked")
    assert visitor.live_tracks() == 0
    until(lambda: stack.calls()[-1]["state"] == "ended")


def test_gateway_down(visit: Visit, backends: Backends, logs: Path) -> None:
    with site(backends, logs, name="falling") as falling:
        before, after = visit(at=falling).open(), visit(at=falling)
        expect(before.button("Start")).to_be_enabled()
        falling.stop_gateway()
        before.button("Start").click()
        before.problem("The gateway does not answer", 20)
        before.shoot("gateway-down")
        after.open()
        after.problem("The gateway does not answer", 20)
        expect(after.button("Start")).to_be_enabled()


def test_the_service_ends_the_call_at_its_own_limit(visitor: Visitor, stack: Stack) -> None:
    call_id = visitor.start()
    until(lambda: stack.call(call_id)["sidebands"])
    stack.emulator.fault("sideband", "cap")
    visitor.problem("The voice service ended the call", 15)
    visitor.state("Call ended")
    assert visitor.live_tracks() == 0
