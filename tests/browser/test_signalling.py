"""Calls by token, with the filter off: the page itself posts its offer to the service."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Visit
from tests.browser.stack import Backends, Stack, site, until
from tests.browser.test_recovery import TURNS
from tests.browser.test_talk import LONG


@pytest.fixture(scope="module")
def direct(backends: Backends, logs: Path) -> Iterator[Stack]:
    """Run a site with token signalling, without the filter, and with a transcription deployment that does not exist."""
    settings = {
        "SIGNALLING": "token",
        "REALTIME_WEBRTC_FILTER": "off",
        "SESSION_TRANSCRIPTION_DEPLOYMENT": "not-deployed",
        "ARCHIVE_RETENTION_DAYS": "",
        "CONSENT_NOTICE": "Calls are read by our editors.",
    }
    with site(backends, logs, name="direct", **settings) as running_site:
        yield running_site


def test_a_call_by_token_without_filter(visit: Visit, direct: Stack) -> None:
    visitor = visit(at=direct)
    page = visitor.page
    posted: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            posted.append(request)

    page.on("request", note)
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    visitor.open()
    expect(page.get_by_text("Calls are read by our editors.")).to_be_visible()
    call_id = visitor.start()
    offer = next(request for request in posted if request.url.startswith(direct.backends.emulator.url))
    token = offer.headers["authorization"].removeprefix("Bearer ")
    visitor.state("Listening")

    visitor.observed(call_id)
    direct.turn(call_id, "Tell me everything.", LONG)
    visitor.state("Speaking")
    visitor.heard()
    visitor.say("Stop.")
    visitor.caption("interrupted")
    visitor.caption("You wrote: Stop.")
    visitor.caption("The service reported an error:", 25)
    page.get_by_text("Engineer’s panel").click()
    expect(page.locator(".log")).to_contain_text("session.created")
    expect(page.locator(".log")).to_contain_text("response.done")
    visitor.shoot("unfiltered")

    kept = "JSON.stringify([document.documentElement.outerHTML, {...localStorage}, {...sessionStorage}])"
    for secret in (token, "PROMPT-CANARY", "a=ice-pwd", "a=fingerprint"):
        assert secret not in page.evaluate(kept)
        assert secret not in "\n".join(console)
    visitor.hang_up()
    summary = until(lambda: direct.summary(call_id))
    assert summary["signalling"] == "token"
    assert summary["end_reason"] == "hung_up_by_caller"
    assert token not in json.dumps(summary)
    _, cut, *_ = visitor.captions()
    assert cut.startswith("Model This") or cut == "Model interrupted"
    assert len(cut) < len(LONG) / 2


def test_a_lost_call_by_token_goes_on(visit: Visit, direct: Stack) -> None:
    """Token and registration name the lost call. Without the filter, what is remembered is shown only once, too."""
    visitor = visit(at=direct).open()
    first = visitor.start()
    visitor.observed(first)
    visitor.say("My name is Ada.")
    visitor.caption("You wrote: My name is Ada.")
    direct.kept(first, "You wrote: My name is Ada.")

    visitor.page.evaluate(TURNS, "failed")
    visitor.caption("The conversation goes on in a new call.")
    visitor.remembers("My name is Ada.")
    assert [line for line in visitor.captions() if line == "You My name is Ada."] == ["You My name is Ada."]
    visitor.hang_up()


def test_a_policy_that_forbids_the_service_is_named(visit: Visit, direct: Stack) -> None:
    visitor = visit(at=direct)
    visitor.page.route(f"{direct.backends.emulator.url}/**", lambda route: route.abort("blockedbyclient"))
    visitor.open()
    visitor.button("Start").click()
    visitor.problem("The voice service cannot be reached from this page")
    assert visitor.live_tracks() == 0
