"""Measures how long it takes from the click to the open channel, and to the first sound.

It compares our page with one that sends its requests one after the other. Both pages use the same emulator, browser
and fake microphone, and both are served by the Static Web Apps CLI and the Functions host. Behind the other page is
one function that mints a token for each call, as the how-to does; behind ours is the whole gateway with places,
journal and queue. As soon as the channel opens, the measurement itself asks for an answer, in the same way on both
pages.
"""

import asyncio
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.section import Section, Table
from tests.browser.conftest import CHROMIUM, FAKE_MICROPHONE, FLAGS
from tests.browser.sounds import write_speech
from tests.browser.stack import Backends, Stack, site, swa_command, until
from tests.emulator import Emulator
from tests.processes import PYTHON, ROOT, free_port, running, running_azurite, running_emulator

DELAYS = ((0, 0), (150, 250))
"""Milliseconds that the service takes for a client secret and for an SDP answer."""

# This runs before the page's own code. Times are milliseconds after the click.
STOPWATCH = """
window.times = {};
let clicked = 0;
addEventListener('click', () => { clicked = performance.now(); }, true);
const mark = (name) => { times[name] ??= performance.now() - clicked; };
const opening = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (asked) => {
  const media = await opening(asked);
  mark('microphone');
  return media;
};
const asking = window.fetch;
window.fetch = (...asked) => {
  const answer = asking(...asked);
  if (String(asked[1]?.method) === 'POST') {
    mark('posted');
    void answer.then(() => mark('answered'));
  }
  return answer;
};
window.RTCPeerConnection = class extends RTCPeerConnection {
  createDataChannel(...options) {
    const channel = super.createDataChannel(...options);
    channel.addEventListener('open', () => {
      mark('channel');
      channel.send(JSON.stringify({ type: 'response.create' }));
      const receiver = this.getReceivers()[0];
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 256 });
      context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser);
      const samples = new Float32Array(256);
      const listen = setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        if (!samples.some((sample) => Math.abs(sample) > 0.01)) return;
        clearInterval(listen);
        mark('sound');
      }, 5);
    });
    return channel;
  }
};
"""


@contextmanager
def article(backends: Backends, logs: Path) -> Iterator[str]:
    """Run the other page, and yield its address."""
    host, front = free_port(), free_port()
    environment = {"AzureWebJobsStorage": backends.connection_string, "REALTIME_ENDPOINT": backends.emulator.url}
    app = [PYTHON, "-m", "local.host", "--port", str(host), "--app", str(ROOT / "bench/article_app")]
    swa = swa_command(front, f"http://127.0.0.1:{host}", ROOT / "bench/article", site=ROOT / "bench/article")
    with (
        running(app, host, log=logs / "article-host.log", env=environment),
        running(swa, front, log=logs / "article-swa.log", env={"NO_UPDATE_NOTIFIER": "1"}),
    ):
        yield f"http://127.0.0.1:{front}"


HOVER_SECONDS = 0.15
PRESS_SECONDS = 0.08
"""How long the pointer is on the button before it is pressed, and how long it is held. Neither is in the figures."""


def measure(visitor: BrowserContext, url: str) -> dict[str, float]:
    """Make one call on a new page of a visitor. Return its times in milliseconds."""
    page = visitor.new_page()
    page.add_init_script(STOPWATCH)
    page.goto(url)
    page.locator("#start:enabled").hover()
    time.sleep(HOVER_SECONDS)
    page.mouse.down()
    time.sleep(PRESS_SECONDS)
    page.mouse.up()
    # wait_for_function would evaluate a string in the page, which the policy of our page forbids.
    times: dict[str, float] = until(lambda: page.evaluate("window.times.sound && window.times"), 20)
    page.close()
    return times


def measured(folder: Path, runs: int) -> list[tuple[list[str], float]]:
    """Measure both pages in turn, with a fast and with a slow service; return what `compare` gives for each."""
    with ExitStack() as opened:
        azurite = opened.enter_context(running_azurite(folder / "azurite.log"))
        url, process = opened.enter_context(running_emulator(folder / "emulator.log"))
        backends = Backends(azurite.connection_string, Emulator(url), process)
        stack = opened.enter_context(site(backends, folder))
        other = opened.enter_context(article(backends, folder))
        driver = opened.enter_context(sync_playwright())
        silence = write_speech(folder / "silence.wav", 1, [])
        flags = [*FLAGS, *FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={silence}%noloop"]
        path = CHROMIUM or shutil.which("chromium")
        browser = opened.enter_context(driver.chromium.launch(executable_path=path, args=flags))
        return [compare(mint, answer, runs, browser, stack, other) for mint, answer in DELAYS]


def compare(mint: int, answer: int, runs: int, browser: Browser, stack: Stack, other: str) -> tuple[list[str], float]:
    """Return the row of one pair of delays, and after how many milliseconds the channel of our page was open."""
    stack.emulator.delay(client_secrets_ms=mint, calls_ms=answer)
    theirs: list[dict[str, float]] = []
    ours: list[dict[str, float]] = []
    with (
        browser.new_context(permissions=["microphone"]) as visitor_of_theirs,
        browser.new_context(permissions=["microphone"]) as visitor_of_ours,
    ):
        for _ in range(runs + 1):
            theirs.append(measure(visitor_of_theirs, other))
            ours.append(measure(visitor_of_ours, stack.url))
    # The first call of each visitor warms things up, and is not counted. Before the others, the microphone has opened.
    row = [f"{mint} / {answer} ms"]
    for name in ("microphone", "posted", "answered", "channel", "sound"):
        a, b = (statistics.median(one.get(name, float("nan")) for one in times[1:]) for times in (ours, theirs))
        row.append(f"{a:.0f} / {b:.0f}" + (f" = {a / b:.2f}" if name in ("channel", "sound") else ""))
    return row, statistics.median(one.get("channel", float("nan")) for one in ours[1:])


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    # Playwright's own loop may not run within another one.
    found = await asyncio.to_thread(measured, folder, 1 if short else 8)
    rows = [row for row, _ in found]
    figures = {"channel_quick": found[0][1], "channel_busy": found[-1][1]}
    text = (
        "Milliseconds from the click in Chromium, medians, the gateway's page / a page that takes the how-to's steps "
        "one after the other = ratio. The visitor has made a call before, so the microphone is allowed and has opened; "
        "each call is made on a page loaded anew. The mouse comes to the button, rests there for "
        f"{HOVER_SECONDS * 1000:.0f} ms and presses it for {PRESS_SECONDS * 1000:.0f} ms, as people do; the time "
        "begins with the click, when the button is released. The first column is how long the emulator takes for a "
        "client secret and for an SDP answer. As soon as the channel is open, the measurement asks for an answer."
    )
    note = (
        "the emulator is a WebRTC peer in Python, and its handshake is in the figures, as are Azurite, the local host "
        "and the Static Web Apps CLI."
    )
    head = ["the service takes", "microphone open", "offer posted", "SDP answer there", "channel open", "first sound"]
    return Section("The page", text, [Table(head, rows, note)], figures)
