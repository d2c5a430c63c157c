"""The same page calls by the deprecated preview protocol, and the record says that nobody observed the call."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stack import Backends, Stack, site, until
from tests.browser.visitor import Visitor

PREVIEW = {"REALTIME_PROTOCOL": "preview", "SESSION_VOICE": "verse"}


@pytest.fixture(scope="module")
def preview(backends: Backends, logs: Path) -> Iterator[Stack]:
    """Run a site with the preview protocol and proxy signalling."""
    with site(backends, logs, name="preview", **PREVIEW) as running_site:
        yield running_site


@pytest.fixture(scope="module")
def short(backends: Backends, logs: Path) -> Iterator[Stack]:
    """Run a site with the preview protocol, token signalling, and calls of a few seconds."""
    with site(backends, logs, name="short", **PREVIEW, SIGNALLING="token", MAX_CALL_SECONDS="5") as running_site:
        yield running_site


def start(visitor: Visitor, path: str) -> tuple[str, str]:
    """Click, and return the emulator's id of the call and the gateway's, which stands in its answer to this path."""
    with visitor.page.expect_response(lambda response: response.url.split("?")[0].endswith(path)) as answer:
        call_id = visitor.start()
    return call_id, answer.value.headers["location"].rsplit("/", 1)[-1]


def test_from_click_to_a_record_that_nobody_observed(visit: Visit, preview: Stack) -> None:
    visitor = visit(at=preview).open()
    call_id, own_id = start(visitor, "/api/connect")
    preview.turn(call_id, "Is anybody there?", "Yes, but nobody else.")
    visitor.state("Hearing you")
    visitor.heard()
    visitor.caption("Is anybody there?")
    visitor.caption("Yes, but nobody else.")
    visitor.state("Listening")
    visitor.say("Only me?")
    visitor.caption("You wrote: Only me?")
    visitor.state("Listening")
    visitor.shoot("preview")
    visitor.hang_up()
    summary = until(lambda: preview.reported(own_id), 20)

    assert preview.call(call_id)["protocol"] == "preview"
    assert own_id.startswith("rtc_preview_")
    assert (summary["protocol"], summary["observed"]) == ("preview", False)
    assert (summary["end_reason"], summary["transcript"]) == ("hung_up_by_caller", [])
    # The report contains what the page measured, and not a word of what was said.
    (report,) = summary["reports"]
    assert report["reported_by"] == "browser"
    assert [turn["by"] for turn in report["figures"]["turns"]] == ["voice", "text"]
    assert "anybody" not in str(summary)
    until(lambda: preview.call(call_id)["state"] == "ended")


def test_the_page_leaves_when_its_time_is_up(visit: Visit, short: Stack) -> None:
    """Nobody but the page can end the call. It reads in the record that the time is up."""
    visitor = visit(at=short).open()
    call_id, own_id = start(visitor, "/api/calls")
    visitor.problem("The time for this call is up", 20)
    visitor.state("Call ended")

    assert visitor.live_tracks() == 0
    until(lambda: short.call(call_id)["state"] == "ended")
    summary = until(lambda: short.summary(own_id))
    assert (summary["signalling"], summary["end_reason"]) == ("token", "max_call_seconds")
    expect(visitor.button("Start")).to_be_enabled()
