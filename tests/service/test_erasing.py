"""Tests against a real Azurite that nothing in the container names a call whose record was deleted."""

import json
import time

import msgspec
import pytest

from switchboard.errors import CallNotArchived, CallNotFound, OperatorsOnly
from switchboard.limits.days import Spending
from switchboard.operating.audit import PREFIX, hidden
from switchboard.record.index import Index
from switchboard.record.lines import ContinuedBy
from switchboard.record.names import summary_name
from switchboard.services import Services
from tests.examples import MIDNIGHT, call
from tests.service.repairing import journal
from tests.service.test_operating import ADA, OLGA, archived, content, every_page


def test_deletion_leaves_nothing_behind(services: Services) -> None:
    """No blob names the call afterwards, whatever had: records, the index, kept messages and the budget's notes."""
    archived(services, "rtc_1", MIDNIGHT)
    archived(services, "rtc_2", MIDNIGHT + 1)
    services.archive.keep_poison("call-summaries", "m1", MIDNIGHT, b'{"call_id": "rtc_1"}')
    services.archive.keep_poison("call-summaries", "m2", MIDNIGHT, b'{"call_id": "rtc_2"}')
    spent = Spending(ended=1.5, live=0, counted=("rtc_1", "rtc_2"))
    services.storage.blob("spent/2026-11-21").upload_blob(msgspec.json.encode(spent))
    assert len([name for name, blob in content(services).items() if "rtc_1" in name or b"rtc_1" in blob]) == 5

    services.room.erase(OLGA, "rtc_1")

    left = content(services)
    assert [name for name, blob in left.items() if "rtc_1" in name or b"rtc_1" in blob] == []
    assert every_page(services) == [["rtc_2"]]
    assert json.loads(left["spent/2026-11-21"]) == {"ended": 1.5, "live": 0.0, "counted": ["rtc_2"]}
    (note,) = [json.loads(blob) for name, blob in left.items() if name.startswith(PREFIX)]
    assert (note["operator"], note["action"], note["count"]) == ("aad:olga", "record.deleted", 5)
    assert note["subject"] == hidden("rtc_1")
    with pytest.raises(CallNotFound):
        services.room.erase(OLGA, "rtc_1")
    services.room.erase(OLGA, "rtc_2")
    assert every_page(services) == [[]]


def chain(services: Services) -> None:
    """Archive three calls around a midnight, of which each continues the one before it."""
    archived(services, "rtc_1", MIDNIGHT - 200)
    archived(services, "rtc_2", MIDNIGHT - 100, continues="rtc_1")
    archived(services, "rtc_3", MIDNIGHT + 1, continues="rtc_2")
    for earlier, later in (("rtc_1", "rtc_2"), ("rtc_2", "rtc_3")):
        services.journals.append(earlier, [ContinuedBy(at=MIDNIGHT + 2, call_id=later)])
        services.archive.summarise(earlier)


def naming(services: Services, call_id: str) -> list[str]:
    return [name for name, blob in content(services).items() if call_id in name or call_id.encode() in blob]


@pytest.mark.parametrize("expired", [False, True])
def test_deleting_a_call_of_a_chain(services: Services, expired: bool) -> None:
    """The calls before and after it keep their records, and these do not name the deleted call any more."""
    chain(services)
    before = services.room.journal(OLGA, "rtc_3")
    if expired:
        for call_id in ("rtc_1", "rtc_2", "rtc_3"):
            services.storage.container.delete_blob(f"journals/{call_id}.jsonl")
    assert len(naming(services, "rtc_2")) >= (5 if expired else 8)

    services.room.erase(OLGA, "rtc_2")

    assert naming(services, "rtc_2") == []
    assert every_page(services) == [["rtc_3", "rtc_1"]]
    (note,) = [json.loads(blob) for name, blob in content(services).items() if name.startswith(PREFIX)]
    assert note["count"] == (5 if expired else 8)
    if not expired:
        assert services.room.journal(OLGA, "rtc_3") == before.replace(b"rtc_2", b"")
        services.archive.summarise("rtc_3")
        assert naming(services, "rtc_2") == [], "the summary says what the journal says"
    for call_id in ("rtc_1", "rtc_3"):
        services.room.erase(OLGA, call_id)
    assert every_page(services) == [[]]


def test_a_chain_that_was_not_noted(services: Services) -> None:
    """Storage was away when the earlier call was to name the later one. The index of the later one's day tells."""
    archived(services, "rtc_1", MIDNIGHT - 100)
    archived(services, "rtc_2", MIDNIGHT + 1, continues="rtc_1")

    services.room.erase(OLGA, "rtc_1")

    assert naming(services, "rtc_1") == []


def test_a_call_that_is_being_continued_cannot_be_deleted(services: Services) -> None:
    """The model of the later call knows what was said in the earlier one."""
    chain(services)
    services.live.start(call(call_id="rtc_3", at=MIDNIGHT + 1, continues="rtc_2"))
    with pytest.raises(CallNotArchived):
        services.room.erase(OLGA, "rtc_2")
    assert len(naming(services, "rtc_2")) >= 8, "nothing was deleted"


def test_what_cannot_be_deleted(services: Services) -> None:
    """A live call, and one that somebody is still at work on, must be archived first; others' words need a role."""
    with pytest.raises(OperatorsOnly):
        services.room.erase(ADA, "rtc_1")
    for nobody in ("rtc_unknown", "../rtc_1"):
        with pytest.raises(CallNotFound):
            services.room.erase(OLGA, nobody)
    created = journal(services, "rtc_up")
    with pytest.raises(CallNotArchived):
        services.room.erase(OLGA, "rtc_up")
    services.archive.summarise("rtc_up")
    services.live.start(created)
    with pytest.raises(CallNotArchived):
        services.room.erase(OLGA, "rtc_up")
    services.live.end("rtc_up")
    services.room.erase(OLGA, "rtc_up")


def test_deleting_what_is_left_of_a_record(services: Services) -> None:
    """A deletion that broke off can be asked for again, and a summary whose journal has expired can be deleted."""
    archived(services, "rtc_1", MIDNIGHT)
    services.storage.container.delete_blob("journals/rtc_1.jsonl")
    archived(services, "rtc_2", time.time() - 3600)
    began = time.time() - 3600
    services.storage.container.delete_blob(summary_name("rtc_2", began))
    services.journals.open("rtc_3", expected=False)

    for call_id in ("rtc_1", "rtc_2", "rtc_3"):
        services.room.erase(OLGA, call_id)

    assert [name for name, blob in content(services).items() if "rtc_" in name or b"rtc_" in blob] == []
    assert list(Index(services.storage).days())
