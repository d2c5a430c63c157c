"""Act as a visitor of the page in Chromium, and find out what the page did with the browser."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.stack import Stack, until
from tests.processes import ROOT

SHOTS = ROOT / "test-results" / "screens"

# This runs before the page's own code. It keeps what tests ask about, and changes nothing.
WITNESS = """
window.witness = { violations: [], errors: [], tracks: [], connections: [] };
addEventListener('error', ({ message }) => window.witness.errors.push(message));
addEventListener('unhandledrejection', ({ reason }) => window.witness.errors.push(String(reason)));
addEventListener('securitypolicyviolation', (event) =>
  window.witness.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
if (navigator.mediaDevices) {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    window.witness.tracks.push(...stream.getTracks());
    return stream;
  };
}
if (window.RTCPeerConnection) {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      window.witness.connections.push(this);
    }
  };
}
"""

# A function of JavaScript: the energy of all sound that the page's connections have received.
ENERGY = """async () => {
  const reports = await Promise.all(witness.connections.map((connection) => connection.getStats()));
  const entries = reports.flatMap((report) => [...report.values()]);
  const inbound = entries.filter(({ type }) => type === 'inbound-rtp');
  return inbound.reduce((sum, { totalAudioEnergy = 0 }) => sum + totalAudioEnergy, 0);
}"""


class Visitor:
    """Drives one tab of one visitor."""

    def __init__(self, context: BrowserContext, stack: Stack) -> None:
        self.context = context
        self.stack = stack
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.add_init_script(WITNESS)

    def open(self, path: str = "/") -> "Visitor":
        self.page.goto(self.stack.url + path)
        return self

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=re.compile(f"^{name}"))

    def start(self) -> str:
        """Click, wait until the call is up, and return its id."""
        before = {call["call_id"] for call in self.stack.calls()}
        self.button("Start").click()
        expect(self.page.locator("#message")).to_be_enabled(timeout=15_000)
        return next(call["call_id"] for call in self.stack.calls() if call["call_id"] not in before)

    def observed(self, call_id: str) -> None:
        """Wait until the journal says that an observer listens: until then, nobody hears what is said.

        That a sideband is open is not enough: when a page registers its call, the gateway opens one for a moment to see
        whether there is such a call.
        """
        self.stack.kept(call_id, '"type":"observer.attached"')

    def state(self, words: str, seconds: float = 10) -> None:
        """Wait for this state of the call, in the page's own words."""
        expect(self.page.locator("#state")).to_have_text(re.compile(words), timeout=seconds * 1000)

    def problem(self, words: str, seconds: float = 10) -> None:
        expect(self.page.get_by_role("alert")).to_contain_text(words, timeout=seconds * 1000)

    def caption(self, words: str, seconds: float = 10) -> None:
        expect(self.page.locator("#caption-list")).to_contain_text(words, timeout=seconds * 1000)

    def say(self, text: str) -> None:
        self.page.get_by_label("Message").fill(text)
        self.page.keyboard.press("Enter")

    def hang_up(self) -> None:
        self.button("Hang up").click()
        self.state("Call ended")

    def give_up(self) -> None:
        """Hang up before anybody has answered."""
        self.button("Hang up").click()
        self.state("No call")

    def remembers(self, words: str) -> None:
        """Wait until the gateway has told the model what was said before, and ask the model for it.

        The page cannot tell: the observer is often there before the page's data channel is open.
        """
        until(lambda: any(item.startswith("seed_") for item in self.stack.calls()[-1]["items"]), 20)
        self.say("What did I say?")
        self.caption(f"Before this you said: {words}")

    def captions(self) -> list[str]:
        return [" ".join(text.split()) for text in self.page.locator("#caption-list > li").all_inner_texts()]

    def live_tracks(self) -> int:
        """Return the number of microphone tracks that the browser still records from."""
        return int(self.page.evaluate("witness.tracks.filter((track) => track.readyState === 'live').length"))

    def energy(self) -> float:
        """Return the energy of the sound received so far, as the browser's own statistics have it."""
        return float(self.page.evaluate(ENERGY))

    def heard(self) -> None:
        """Wait until sound has come."""
        before = self.energy()
        until(lambda: self.energy() > before + 1e-4)

    def silent(self) -> None:
        """Wait until no more sound comes."""
        readings = [self.energy()]

        def stopped() -> bool:
            readings.append(self.energy())
            return readings[-1] == readings[-2] == readings[max(0, len(readings) - 4)]

        until(stopped, 1.2)

    def shoot(self, name: str) -> Path:
        """Save a picture of the whole page, for people to look at."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def close(self) -> None:
        """Close the tab. The page must not have failed or broken its security policy unnoticed."""
        violations = [] if self.page.is_closed() else self.page.evaluate("window.witness?.violations ?? []")
        self.context.close()
        assert violations == []
        assert self.errors == []
