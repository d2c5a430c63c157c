"""Tests lists, deletion and export against a real Azurite, with calls that the product itself has archived."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from switchboard.callers import Caller
from switchboard.errors import CallNotFound, OperatorsOnly
from switchboard.observing.standing import Standing
from switchboard.operating import exporting, listing
from switchboard.operating.audit import PREFIX
from switchboard.operating.figures import UsageQuery
from switchboard.operating.rows import CallPage
from switchboard.operating.selection import CallsQuery
from switchboard.record.lines import CallEnded, Transcript
from switchboard.record.names import summary_name
from switchboard.services import Services
from tests.examples import MIDNIGHT, call
from tests.service.repairing import journal

OLGA = Caller("aad:olga", "olga@example.com", operator=True)
ADA = Caller("aad:ada", "ada@example.com")
WHILE = {"first": "2026-11-15", "last": "2026-11-21"}


def archived(services: Services, call_id: str, at: float, *, said: str = "Hello", **fields: Any) -> None:
    """Make a call that began `at` and lasted a minute, and archive it."""
    services.journals.start(call(call_id=call_id, at=at, **fields))
    words = Transcript(at=at + 1, item_id="item_1", role="user", text=said)
    services.journals.append(call_id, [words, CallEnded(at=at + 60, reason="peer_left")])
    services.archive.summarise(call_id)


def ids(page: CallPage) -> list[str]:
    return [row.call_id for row in page.calls]


def every_page(services: Services, **query: Any) -> list[list[str]]:
    """Read the list to its end, and return the ids on each page."""
    pages, after = [], None
    while True:
        page = services.room.calls(OLGA, CallsQuery(**WHILE | query, after=after))
        pages.append(ids(page))
        if page.next is None:
            return pages
        after = page.next


def content(services: Services) -> dict[str, bytes]:
    container = services.storage.container
    return {name: container.download_blob(name).readall() for name in container.list_blob_names()}


def test_an_empty_archive(services: Services) -> None:
    assert services.room.calls(OLGA, CallsQuery()) == CallPage([], None)
    assert services.room.export(OLGA, "aad:ada", None)[1] is None


def test_pages(services: Services) -> None:
    """Every call is on one page, in order, live ones in their place, whatever begins meanwhile."""
    for number in range(5):
        archived(services, f"rtc_{number}", MIDNIGHT + number)
    archived(services, "rtc_old", MIDNIGHT - 86_400)
    services.live.start(call(call_id="rtc_up", at=MIDNIGHT + 2.5))
    # The blob of a call that has been archived may be there for a moment longer.
    services.live.start(call(call_id="rtc_3", at=MIDNIGHT + 3))
    expected = ["rtc_4", "rtc_3", "rtc_up", "rtc_2", "rtc_1", "rtc_0", "rtc_old"]

    for limit in (1, 2, 3, 7, 50):
        pages = every_page(services, limit=limit)
        assert [call_id for page in pages for call_id in page] == expected
        assert all(len(page) <= limit for page in pages)
    first = services.room.calls(OLGA, CallsQuery(**WHILE, limit=3))
    assert [row.state for row in first.calls] == ["ended", "ended", "connecting"]
    archived(services, "rtc_new", MIDNIGHT + 9)
    second = services.room.calls(OLGA, CallsQuery(**WHILE, limit=3, after=first.next))
    assert ids(second) == ["rtc_2", "rtc_1", "rtc_0"]
    assert every_page(services, state="live") == [["rtc_3", "rtc_up"]]
    assert every_page(services, state="live", limit=1) == [["rtc_3"], ["rtc_up"]]
    assert every_page(services, state="ended", limit=4)[0] == ["rtc_new", "rtc_4", "rtc_3", "rtc_2"]


def test_live_calls_follow_their_heartbeats(services: Services) -> None:
    """The list shows what the last heartbeat says, and nothing of a call that only waits to be counted."""
    created = journal(services, "rtc_up", ended=False)
    hold = services.live.take(created, "one")
    query = CallsQuery(state="live")
    (before,) = services.room.calls(OLGA, query).calls
    assert (before.state, before.tokens, before.observed) == ("live", 0, True)

    usage = services.room.usage(OLGA, UsageQuery()).total.usage
    usage.total = 44
    assert hold
    services.live.beat(hold, 0, Standing(usage, "caller"))
    (row,) = services.room.calls(OLGA, query).calls
    assert (row.tokens, row.speaking) == (44, "caller")
    services.live.close(created, 0)
    assert services.room.calls(OLGA, query).calls == []


def test_a_journal_that_nobody_has_written_to(services: Services) -> None:
    services.journals.open("rtc_1", expected=False)
    with pytest.raises(CallNotFound):
        services.room.journal(OLGA, "rtc_1")


def test_words(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are looked for in the summaries, and a request looks at so many of them only."""
    monkeypatch.setattr(listing, "BATCH", 2)
    monkeypatch.setattr(listing, "MOST_SUMMARIES", 2)
    for number, said in enumerate(("Marmalade", "Toast", "Tea", "More marmalade, please", "Jam")):
        archived(services, f"rtc_{number}", MIDNIGHT + number, said=said)
    gone = summary_name("rtc_2", MIDNIGHT)
    services.storage.container.delete_blob(gone)

    assert every_page(services, words="MARMALADE") == [["rtc_3"], [], ["rtc_0"]]
    assert every_page(services, words="marmalade", limit=1) == [["rtc_3"], [], ["rtc_0"], []]


def test_a_search_for_words_ends_in_time(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time of a request is over it answers with what it has found, and the next request goes on there."""
    monkeypatch.setattr(listing, "BATCH", 2)
    monkeypatch.setattr(listing, "WORDS_SECONDS", -1)
    for number, said in enumerate(("Marmalade", "Toast", "Tea", "More marmalade, please", "Jam")):
        archived(services, f"rtc_{number}", MIDNIGHT + number, said=said)

    assert every_page(services, words="marmalade") == [["rtc_3"], [], ["rtc_0"], []]
    assert every_page(services, limit=2) == [["rtc_4", "rtc_3"], ["rtc_2", "rtc_1"], ["rtc_0"]]


def test_many_days(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request reads so many days only, and the next one goes on there."""
    monkeypatch.setattr(listing, "MOST_DAYS", 3)
    archived(services, "rtc_today", MIDNIGHT)
    archived(services, "rtc_old", MIDNIGHT - 5 * 86_400)

    assert every_page(services) == [["rtc_today"], ["rtc_old"], []]


def test_export(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives hold the records of one caller exactly as stored, each of a bounded size, and say what is next."""
    for number in range(4):
        archived(services, f"rtc_{number}", MIDNIGHT + number)
    archived(services, "rtc_bob", MIDNIGHT, caller_id="aad:bob")
    services.storage.container.delete_blob(summary_name("rtc_0", MIDNIGHT))
    stored = content(services)
    size = len(stored["journals/rtc_3.jsonl"]) + len(stored[summary_name("rtc_3", MIDNIGHT)])
    monkeypatch.setattr(exporting, "MOST_BYTES", 2 * size + 1)

    files: dict[str, bytes] = {}
    after, manifests = None, []
    while True:
        archive, after = services.room.export(OLGA, "aad:ada", after)
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            manifests.append(json.loads(file.read("manifest.json")))
            files |= {name: file.read(name) for name in file.namelist() if name != "manifest.json"}
        assert manifests[-1]["next"] == after
        if after is None:
            break

    assert [[row["call_id"] for row in one["calls"]] for one in manifests] == [["rtc_3", "rtc_2"], ["rtc_1", "rtc_0"]]
    assert sorted(files) == [
        "calls/rtc_0/journal.jsonl",
        *(f"calls/rtc_{number}/{name}" for number in (1, 2, 3) for name in ("journal.jsonl", "summary.json")),
    ]
    assert files["calls/rtc_1/journal.jsonl"] == stored["journals/rtc_1.jsonl"]
    assert files["calls/rtc_1/summary.json"] == stored[summary_name("rtc_1", MIDNIGHT)]
    notes = [blob for name, blob in content(services).items() if name.startswith(PREFIX)]
    assert b"aad:ada" not in notes[0]
    assert notes[0].count(b"caller.exported") == 2
    with pytest.raises(OperatorsOnly):
        services.room.export(ADA, "aad:ada", None)


def test_an_export_over_many_days(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that are far apart come into one archive, up to so many days."""
    monkeypatch.setattr(listing, "MOST_DAYS", 2)
    monkeypatch.setattr(exporting, "MOST_PAGES", 3)
    archived(services, "rtc_new", MIDNIGHT)
    archived(services, "rtc_old", MIDNIGHT - 4 * 86_400)
    archived(services, "rtc_older", MIDNIGHT - 9 * 86_400)

    archive, after = services.room.export(OLGA, "aad:ada", None)
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        assert [row["call_id"] for row in json.loads(file.read("manifest.json"))["calls"]] == ["rtc_new", "rtc_old"]
    assert after
    archive, after = services.room.export(OLGA, "aad:ada", after)
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        assert [row["call_id"] for row in json.loads(file.read("manifest.json"))["calls"]] == ["rtc_older"]
    assert after is None


def test_the_notes_of_a_month(services: Services) -> None:
    """Two operators may begin the month's notes at the same moment."""
    for _ in range(2):
        services.room.export(OLGA, "aad:ada", None)

    month = datetime.now(UTC).strftime("%Y-%m")
    assert content(services)[f"{PREFIX}{month}.jsonl"].count(b"\n") == 2
