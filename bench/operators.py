"""Measures the operators' list and page with 10,000 archived calls and 256 live ones.

The calls are archived by the product itself: nothing writes a summary or an index but `Archive`. The live calls send
heartbeats as observers do, all the while.
"""

import asyncio
import base64
import datetime
import json
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import sync_playwright

from bench import operators_page
from bench.crowd import DAYS, WORD, Crowd, caller, fill
from bench.operators_page import WATCH, Looked, browse, follow
from bench.scene import BUSY
from bench.section import Section, Table, percentiles
from switchboard.environment import read_settings
from switchboard.services import build
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.stack import ARCHIVE, PRICES, Backends, Stack, site
from tests.browser.test_operator import OPERATOR
from tests.emulator import Emulator
from tests.examples import ENVIRON
from tests.processes import PYTHON, free_port, running, running_emulator
from tests.standins.storage.server import KEY

LIVE = 256
CONTAINER = ARCHIVE
COOKIE = base64.b64encode(json.dumps(OPERATOR).encode()).decode()
HEAD = ["what", "rows", "first answer", "p50", "p95", "longest"]


def listed(stack: Stack, repeats: int) -> tuple[list[list[str]], float]:
    """Ask for lists again and again; return the rows of the table, and the slowest p95 of a list in milliseconds."""
    month = _days(30)
    nobody = {"words": "no such words", **month}
    second = _ask(stack, "calls", {"limit": "200"})[1]["next"]
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("the last 7 days", "calls", {}),
        ("200 calls of them", "calls", {"limit": "200"}),
        ("the next 200", "calls", {"limit": "200", "after": second}),
        ("200 calls of the busiest day", "calls", {**_days(1), "to": _days(1)["from"], "limit": "200"}),
        ("31 days, one caller", "calls", {"caller": caller(7), **month}),
        ("31 days, one end", "calls", {"reason": "max_call_seconds", **month}),
        ("31 days, an end that no call has", "calls", {"reason": "budget_spent", **month}),
        ("31 days, words of 6 calls in 100", "calls", {"words": WORD, **month}),
        ("31 days, words that nobody said", "calls", nobody),
        (f"{LIVE} live calls", "calls", {"state": "live", "limit": "500"}),
        ("the figures of 31 days (`GET /api/usage`)", "usage", month),
    ]
    rows: list[list[str]] = []
    slowest = 0.0
    for name, path, query in asked:
        times: list[float] = []
        body: dict[str, Any] = {}
        for _ in range(repeats + 1):
            took, body = _ask(stack, path, query)
            times.append(took)
        rows.append([name, f"{len(body.get('calls', body.get('rows', [])))}", *_milliseconds(times)])
        if path == "calls":
            slowest = max(slowest, percentiles(times[1:])["p95"])
    return rows, slowest


def _days(back: int) -> dict[str, str]:
    today = datetime.datetime.now(datetime.UTC).date()
    return {"from": (today - datetime.timedelta(days=back)).isoformat(), "to": today.isoformat()}


def _ask(stack: Stack, path: str, query: dict[str, str]) -> tuple[float, dict[str, Any]]:
    """Return how many milliseconds the answer took, and the answer."""
    start = time.perf_counter()
    cookies = {"StaticWebAppsAuthCookie": COOKIE}
    answer = requests.get(f"{stack.url}/api/{path}", params=query, cookies=cookies, timeout=60)
    took = (time.perf_counter() - start) * 1000
    answer.raise_for_status()
    return took, answer.json()


def _milliseconds(times: list[float]) -> list[str]:
    """Return the first time, and p50, p95 and the longest of the others."""
    first, *others = times
    found = percentiles(others, (50, 95))
    return [f"{value:.0f} ms" for value in (first, found["p50"], found["p95"], max(others))]


def measured(folder: Path, *, calls: int, repeats: int, seconds: float, pages: int) -> Section:
    """Fill an archive, and look at it as an operator; return the section."""
    blob, queue, control = free_port(), free_port(), free_port()
    connection = (
        f"DefaultEndpointsProtocol=http;AccountName=bench;AccountKey={KEY};"
        f"BlobEndpoint=http://127.0.0.1:{blob}/bench;QueueEndpoint=http://127.0.0.1:{queue}/bench;"
    )
    command = [PYTHON, "-m", "tests.standins.storage", "--latency", str(BUSY.storage)]
    command += ["--blob-port", str(blob), "--queue-port", str(queue), "--control-port", str(control)]
    environ = {
        **ENVIRON,
        "AzureWebJobsStorage": connection,
        "ARCHIVE_CONTAINER": CONTAINER,
        "PRICES": json.dumps(PRICES),
    }
    with ExitStack() as opened:
        opened.enter_context(running(command, control, log=folder / "storage.log"))
        services = build(read_settings(environ))
        opened.callback(services.close)
        took = fill(services, calls)
        url, process = opened.enter_context(running_emulator(folder / "emulator.log"))
        backends = Backends(connection, Emulator(url), process)
        stack = opened.enter_context(site(backends, folder, name="operators", REQUIRE_SIGN_IN="true"))
        crowd = opened.enter_context(Crowd(services.live, LIVE))
        lists, slowest = listed(stack, repeats)
        driver = opened.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=CHROMIUM or shutil.which("chromium"), args=FLAGS)
        opened.callback(browser.close)
        context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US")
        context.add_cookies([{"name": "StaticWebAppsAuthCookie", "value": COOKIE, "url": stack.url}])
        page = context.new_page()
        page.add_init_script(WATCH)
        looked = Looked()
        follow(page, stack.url, crowd, seconds, looked)
        browse(page, _days(DAYS), pages, looked)
    lists.append(["more rows on the page", "-", *_milliseconds(looked.paged)])
    lists.append(["a filter on the page", "-", *_milliseconds(looked.filtered)])
    figures = {"list_p95": slowest, "longest_task": looked.longest_task, "live_longest": max(looked.delays)}
    return Section("The operators' room", _text(calls, took), _tables(lists, looked), figures)


def _text(calls: int, took: float) -> str:
    return (
        f"{calls:,} calls of six turns are in storage, over {DAYS} days, more than a quarter of them on one; the "
        f"archive's own function wrote them in {took:.0f} s. {LIVE} calls are live, and each sends a heartbeat every "
        "ten seconds, all the while. A search for words reads at most 256 summaries for each request, and none any "
        f"more after 0.15 seconds: a search through all calls takes {-(-calls // 256)} requests or more."
    )


def _tables(lists: list[list[str]], looked: Looked) -> list[Table]:
    late = percentiles(looked.delays, (50, 95))
    shown = [len(looked.delays), *(f"{ms:.0f} ms" for ms in (*late.values(), max(looked.delays))), looked.missed]
    return [
        Table(HEAD, lists, "the Static Web Apps CLI, the local edge and host, and for the last two rows Chromium."),
        Table(
            ["heartbeats of live calls, from storage to the page", "p50", "p95", "longest", "not shown"],
            [[str(one) for one in shown]],
            "the page waits between two questions, which is most of it.",
        ),
        Table(operators_page.HEAD, looked.rows, "the screen: a frame takes 17 ms at best."),
    ]


async def part(folder: Path, *, short: bool) -> Section:
    """Run the part of the benchmark, and return its section."""
    sizes: dict[str, Any] = {"calls": 10_000, "repeats": 40, "seconds": 24, "pages": 10}
    if short:
        sizes = {"calls": 700, "repeats": 1, "seconds": 6, "pages": 2}
    # Playwright's own loop may not run within another one.
    return await asyncio.to_thread(measured, folder, **sizes)
