"""This program measures the time from the click to the open channel, and to the first sound.

    .venv/bin/python -m bench.page_start [--runs 10]

It compares our page with one that sends its requests one after the other. Both pages use the same emulator, browser
and fake microphone, and both are served by the Static Web Apps CLI and the Functions host. Behind the other page is
one function that mints a token for each call, as the how-to does; behind ours is the whole gateway with places,
journal and queue. As soon as the channel opens, the measurement itself asks for an answer, in the same way on both
pages.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, FAKE_MICROPHONE, FLAGS
from tests.browser.sounds import write_speech
from tests.browser.stack import Backends, Stack, site, swa_command, until
from tests.emulator import Emulator
from tests.processes import PYTHON, ROOT, free_port, running, running_azurite, running_emulator

# This runs before the page's own code. Times are milliseconds after the click.
STOPWATCH = """
window.times = {};
let clicked = 0;
addEventListener('click', () => { clicked = performance.now(); }, true);
const mark = (name) => { times[name] ??= performance.now() - clicked; };
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


def measure(browser: Browser, url: str) -> dict[str, float]:
    """Make one call on a new page, as a visitor who has allowed the microphone. Return its times in milliseconds."""
    context = browser.new_context(permissions=["microphone"])
    page = context.new_page()
    page.add_init_script(STOPWATCH)
    page.goto(url)
    page.locator("#start:enabled").click()
    # wait_for_function would evaluate a string in the page, which the policy of our page forbids.
    times: dict[str, float] = until(lambda: page.evaluate("window.times.sound && window.times"), 20)
    page.close()
    context.close()
    return times


def medians(runs: int, once: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Return the medians of `runs` calls. One more call before them is not counted, because it warms things up."""
    once()
    times = [once() for _ in range(runs)]
    return {name: statistics.median(time[name] for time in times) for name in ("channel", "sound")}


def main() -> None:
    """Measure with a fast and with a slow service, and print both pages side by side."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    with ExitStack() as opened:
        logs = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        azurite = opened.enter_context(running_azurite(logs / "azurite.log"))
        url, process = opened.enter_context(running_emulator(logs / "emulator.log"))
        backends = Backends(azurite.connection_string, Emulator(url), process)
        stack = opened.enter_context(site(backends, logs))
        other = opened.enter_context(article(backends, logs))
        driver = opened.enter_context(sync_playwright())
        silence = write_speech(logs / "silence.wav", 1, [])
        flags = [*FLAGS, *FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={silence}%noloop"]
        path = CHROMIUM or shutil.which("chromium")
        browser = opened.enter_context(driver.chromium.launch(executable_path=path, args=flags))
        print(f"from click, median of {runs}, milliseconds\n")
        print(f"{'':>24} {'channel open':>24} {'first sound':>24}")
        for added in (0, 100):
            compare(added, runs, browser, stack, other)


def compare(added: int, runs: int, browser: Browser, stack: Stack, other: str) -> None:
    """Print the rows of one delay."""
    stack.emulator.delay(client_secrets_ms=added, calls_ms=added)
    theirs = medians(runs, lambda: measure(browser, other))
    ours = medians(runs, lambda: measure(browser, stack.url))
    print(f"each request + {added} ms")
    for name, times in (("one after the other", theirs), ("Switchboard", ours)):
        print(f"{name:>24} {times['channel']:>24.0f} {times['sound']:>24.0f}")
    ratios = {name: ours[name] / theirs[name] for name in ours}
    print(f"{'ratio':>24} {ratios['channel']:>24.2f} {ratios['sound']:>24.2f}")


if __name__ == "__main__":
    main()
