"""OpenAI's Agents SDK calls from a page of another origin, with the gateway's address in place of the service's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.emulator import Emulator
from tests.gateway import Gateway, Visitor, running_gateway
from tests.processes import PYTHON, ROOT, Azurite, free_port, running
from tests.wait import wait_for

PAGE = Path(__file__).with_name("agents_sdk.html")
SDK = ROOT / "node_modules/@openai/agents-realtime/dist/bundle/openai-realtime-agents.umd.js"
# How long the SDK waits for `session.updated`, which the filter holds back (openai-agents-js, OpenAIRealtimeWebRTC).
SDK_WAITS_MS = 5000
# The page does not say who it is, so it shares one identity with all pages that do not.
NOBODY = Visitor({})


@pytest.fixture(scope="module")
def shop(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve somebody else's site, and yield its origin."""
    folder, port = tmp_path_factory.mktemp("shop"), free_port()
    for file in (PAGE, SDK):
        (folder / file.name).symlink_to(file)
    server = [PYTHON, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    with running(server, port, log=logs / "shop.log"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module", params=["filtered", "full"])
def clients(request: pytest.FixtureRequest) -> str:
    setting: str = request.param
    return setting


@pytest.fixture(scope="module")
def gateway(clients: str, emulator_url: str, azurite: Azurite, shop: str, logs: Path) -> Iterator[Gateway]:
    """Run the gateway without a site in front of it: only so does a bearer token reach it."""
    emulator, log = Emulator(emulator_url), logs / f"agents-{clients}.log"
    emulator.reset()
    settings: dict[str, Any] = {"ALLOWED_ORIGINS": shop, "OPENAI_CLIENTS": clients}
    with running_gateway(emulator, azurite.connection_string, log, **settings) as gateway:
        yield gateway


@pytest.fixture
def page(browser: Browser, shop: str, gateway: Gateway) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{shop}/{PAGE.name}?gateway={gateway.url}")
        yield page


def said(events: list[dict[str, Any]]) -> list[str]:
    """Return what both sides have said, by the events that the SDK has received."""
    kinds = ("conversation.item.input_audio_transcription.completed", "response.output_audio_transcript.done")
    return [event["transcript"] for event in events if event["type"] in kinds]


def connected(page: Page) -> tuple[str, str, float]:
    """Take a token and call with it. Return the token, the id of the call, and the milliseconds that the SDK took."""
    token = page.evaluate("takeToken({ audio: { output: { voice: 'ash' } } })")
    took = page.evaluate("connect", token)
    return token, page.evaluate("session.transport.callId"), took


def test_from_token_to_archive(page: Page, gateway: Gateway, clients: str) -> None:
    """A whole call works. With the filter on, the SDK waits five seconds for an event that never comes, and goes on."""
    token, call_id, took = connected(page)
    assert (took >= SDK_WAITS_MS) == (clients == "filtered")

    gateway.wait_until(NOBODY, call_id, "live")
    gateway.emulator.turn(call_id, "Is anybody there?", "Yes, I am.")
    wait_for(lambda: page.evaluate("energy()") > 1e-4, "sound has come")
    wait_for(
        lambda: said(page.evaluate("events")) == ["Is anybody there?", "Yes, I am."], "both sides' words have come"
    )
    remembered = ["Is anybody there?"] if clients == "filtered" else ["Is anybody there?", "Yes, I am."]
    wait_for(lambda: page.evaluate("remembered()") == remembered, "the SDK's own history has them")
    assert page.evaluate("hangUp", token) == 200

    wait_for(lambda: page.evaluate("session.transport.status") == "disconnected", "the SDK has noticed")
    summary = json.loads(gateway.archived(call_id))
    assert (summary["end_reason"], summary["voice"]) == ("hung_up_by_caller", "ash")
    assert [line["text"] for line in summary["transcript"]] == ["Is anybody there?", "Yes, I am."]
    assert summary["turns"][0]["response_latency_ms"] > 0
    assert gateway.emulator.calls()[call_id]["filter"] == (clients == "filtered")


def test_closing_the_session_ends_the_call(page: Page, gateway: Gateway) -> None:
    """The SDK closes a session without telling the gateway."""
    _, call_id, _ = connected(page)
    page.evaluate("session.close()")

    assert json.loads(gateway.archived(call_id))["end_reason"] == "peer_left"


def test_refusals(page: Page) -> None:
    """The page learns in words what was wrong."""
    with pytest.raises(Error, match=r"The server decides session\.instructions\. A client may choose"):
        page.evaluate("takeToken({ instructions: 'Be rude.' })")
    with pytest.raises(Error, match=r"failed with status 401.*Get a new one"):
        page.evaluate("connect('ek_unknown')")


def test_origin_that_is_not_allowed(page: Page, shop: str) -> None:
    """The browser does not let the page read the answer."""
    page.goto(page.url.replace("127.0.0.1", "localhost", 1))
    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate("takeToken({})")
