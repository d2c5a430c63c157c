"""Looks at the operators' page in Chromium: how smooth it is, and how soon it shows what has changed."""

import time
from dataclasses import dataclass, field

from playwright.sync_api import Page, Response

from bench.crowd import Crowd, caller
from bench.section import percentiles
from tests.browser.stack import until

HEAD = ["in Chromium", "frames", "frame, p95", "longest frame", "tasks over 50 ms", "longest of them"]
STILL_ON_ITS_WAY = 4.0
"""What was written in so many last seconds is not expected on the page."""

# This runs before the page's own code. It notes frames, long tasks, and when a live call's row showed which number.
WATCH = """
window.watch = { gaps: [], tasks: [], seen: {} };
let last = performance.now();
const tick = (now) => { watch.gaps.push(now - last); last = now; requestAnimationFrame(tick); };
requestAnimationFrame(tick);
new PerformanceObserver((list) => watch.tasks.push(...list.getEntries().map(({ duration }) => duration)))
  .observe({ type: 'longtask', buffered: true });
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const element = target instanceof Element ? target : target.parentElement;
    const row = element?.closest('[data-call]');
    if (row) watch.seen[`${row.dataset.call} ${element.textContent.replaceAll(/\\D/g, '')}`] ??= Date.now();
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
SCROLL = """async () => {
  const end = performance.now() + 2000;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    scrollBy(0, 80);
    if (scrollY + innerHeight >= document.documentElement.scrollHeight - 5) scrollTo(0, 0);
  }
}"""


@dataclass
class Looked:
    """Holds what was found on the page. Times are in milliseconds."""

    rows: list[list[str]] = field(default_factory=list)
    """The rows of the table that says how smooth the page was."""
    longest_task: float = 0.0
    """The longest that the page was busy without a break."""
    delays: list[float] = field(default_factory=list)
    """How long each heartbeat took from storage to the page."""
    missed: int = 0
    """How many heartbeats were not shown."""
    paged: list[float] = field(default_factory=list)
    """How long each further page of rows took."""
    filtered: list[float] = field(default_factory=list)
    """How long each filter took."""

    def smooth(self, page: Page, name: str) -> None:
        """Add the row of what the page did since the last time: its frames, and its tasks over 50 ms."""
        gaps, tasks = taken(page)
        self.longest_task = max(self.longest_task, *tasks, 0)
        longest = f"{max(tasks):.0f} ms" if tasks else "none"
        p95 = percentiles(gaps, (95,))["p95"]
        frames = [str(len(gaps)), f"{p95:.0f} ms", f"{max(gaps, default=0):.0f} ms"]
        self.rows.append([name, *frames, str(len(tasks)), longest])


def taken(page: Page) -> tuple[list[float], list[float]]:
    """Return the milliseconds between frames, and those of long tasks, since the last time."""
    found = page.evaluate("() => { const taken = { ...watch }; watch.gaps = []; watch.tasks = []; return taken; }")
    return found["gaps"], found["tasks"]


def follow(page: Page, url: str, crowd: Crowd, seconds: float, looked: Looked) -> None:
    """Look at the live calls for a while."""
    page.goto(f"{url}/operator.html#/live")
    rows = page.locator("[data-call]")
    until(lambda: rows.count() >= crowd.calls, 20)
    taken(page)
    began = time.time()
    page.wait_for_timeout(1000 * seconds)
    looked.smooth(page, f"{crowd.calls} live calls, {seconds:.0f} s")
    ended = time.time() - STILL_ON_ITS_WAY
    seen: dict[str, float] = page.evaluate("watch.seen")
    written = {key: at for key, at in list(crowd.written.items()) if began < at < ended}
    looked.delays = [seen[key] - 1000 * at for key, at in written.items() if key in seen]
    looked.missed = len(written) - len(looked.delays)


def browse(page: Page, days: dict[str, str], pages: int, looked: Looked) -> None:
    """Page through the archive of some days, scroll, and filter it."""
    rows = page.locator("tbody tr")
    query = "&".join(f"{name}={value}" for name, value in days.items())
    page.evaluate(f"location.hash = '#/archive?{query}'")
    until(rows.count, 20)
    # The page decides how many calls it asks for at a time.
    at_once = rows.count()
    taken(page)
    for number in range(2, pages + 1):
        start = time.perf_counter()
        page.get_by_role("button", name="Show more").click()
        until(lambda: rows.count() == at_once * number, 20)  # noqa: B023  called before the next round
        looked.paged.append(1000 * (time.perf_counter() - start))
    looked.smooth(page, f"paging to {at_once * pages:,} archived calls")
    page.evaluate(SCROLL)
    looked.smooth(page, "scrolling through them")
    for name in ("caller", "assistant"):
        for value in (caller(7), "nobody-has-this-name", ""):
            page.locator(f"input[name={name}]").fill(value)
            start = time.perf_counter()
            with page.expect_response(_is_list):
                page.keyboard.press("Enter")
            page.evaluate("() => new Promise(requestAnimationFrame)")
            looked.filtered.append(1000 * (time.perf_counter() - start))
    looked.smooth(page, f"filtering {len(looked.filtered)} times")


def _is_list(answer: Response) -> bool:
    return "/api/calls?" in answer.url
