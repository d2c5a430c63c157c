"""When all lines are busy, or the budget of the day is spent, the page says so before the click and in a call."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stack import ARCHIVE, Backends, Stack, site
from tests.processes import running_azurite


@pytest.fixture(scope="module")
def limited(backends: Backends, logs: Path) -> Iterator[Stack]:
    """Run a site with a single line and a budget, at whose end live calls end too.

    It has a storage of its own: on shared queues, the observers of another site, which knows no budget, would take its
    calls.
    """
    settings = {"MAX_CALLS": "1", "DAILY_BUDGET": "1", "BUDGET_ENDS_CALLS": "true"}
    with (
        running_azurite(logs / "limited-azurite.log") as azurite,
        site(replace(backends, connection_string=azurite.connection_string), logs, name="limited", **settings) as alone,
    ):
        yield alone


def spend(stack: Stack, amount: float) -> None:
    """Note that calls of today have cost so much. The test may run over midnight, so tomorrow's have as well."""
    with ContainerClient.from_connection_string(stack.backends.connection_string, ARCHIVE) as container:
        for day in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)):
            container.upload_blob(f"spent/{day:%Y-%m-%d}", json.dumps({"ended": amount}), overwrite=True)


def test_all_lines_are_busy(visit: Visit, limited: Stack) -> None:
    """The next visitor reads so before the click, and is told when to try again; the page says when a line is free."""
    first, second = visit(at=limited).open(), visit(at=limited).open()
    second.state("Ready when you are")
    first.start()

    # Nobody clicks so soon after the page was opened that what it knows is still fresh.
    second.page.wait_for_timeout(6_000)
    second.button("Start").hover()
    second.state("All lines are busy")
    expect(second.page.locator("#state-more")).to_have_text("Other visitors are using all the lines. Try again soon.")
    expect(second.button("Start")).to_be_enabled()
    second.shoot("lines-busy-before")
    second.button("Start").click()
    second.problem("All lines are busy")
    second.state("No call")
    expect(second.page.get_by_role("alert")).to_contain_text(re.compile(r"Try again in \d+ seconds"))
    second.shoot("lines-busy")
    second.page.get_by_role("button", name="Dismiss").click()

    third = visit(at=limited).open()
    third.state("All lines are busy")
    first.hang_up()
    third.state("Ready when you are", 30)
    third.start()
    third.hang_up()


def test_the_budget_is_spent(visit: Visit, limited: Stack) -> None:
    """The page warns before it ends a live call, and tells new visitors when the next day begins where they are."""
    first = visit(at=limited, timezone_id="UTC").open()
    first.start()
    spend(limited, 2)

    expect(first.page.locator("#limit-warning")).to_contain_text("This call ends in", timeout=45_000)
    first.shoot("budget-warning")
    first.problem("The call ended because today’s budget is used up", 60)
    first.shoot("budget-ended")
    expect(first.page.get_by_role("alert")).to_contain_text(re.compile(r"Try again (today|tomorrow) after 12:00.AM"))

    second = visit(at=limited, locale="tr-TR", timezone_id="Europe/Istanbul").open()
    second.state("Şimdilik başka arama yapılamıyor", 30)
    second.shoot("budget-spent-before")
    second.page.locator("#start").click()
    second.problem("Bugünkü arama bütçesi tükendi")
    expect(second.page.get_by_role("alert")).to_contain_text(re.compile(r"(bugün|yarın) 03:00"))
    expect(second.page.get_by_role("alert")).not_to_contain_text("Retry-After")
    expect(second.page.get_by_role("alert")).not_to_contain_text("dakika")
    second.shoot("budget-spent")
