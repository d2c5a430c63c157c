"""Tests what it costs to ask how a call stands, in a real Azurite: a page asks again and again."""

from collections.abc import Callable
from typing import Any

import pytest

from switchboard.callers import Caller
from switchboard.calls import Calls
from switchboard.errors import CallNotFound, NotYourCall
from switchboard.observing.live import LiveCalls
from switchboard.observing.observation import Observation
from switchboard.observing.status import BriefStatus
from switchboard.realtime import events
from switchboard.record.archive import Archive
from switchboard.record.journal import Journals
from switchboard.record.lines import Attached, CallCreated, CallEnded, Line
from switchboard.storage import Storage
from switchboard.storage.answers import Answer
from switchboard.storage.operations import Request
from switchboard.storage.sending import Sender
from tests.examples import MIDNIGHT, call
from tests.service.stage import places_in

ADA, EVE = Caller(call().caller_id), Caller("eve")


class Desk:
    """Looks at calls in a storage, and counts the bytes that it reads for it."""

    def __init__(self, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.journals, self.live = Journals(storage), LiveCalls(storage)
        self.archive = Archive(storage, self.journals)
        anything: Any = None
        self.calls = Calls(
            *(anything, anything, storage, self.journals, self.live, places_in(storage), self.archive),
            may_end_early=False,
        )
        self.read: list[int] = []
        send: Callable[[Sender, Request], Answer] = Sender.send

        def counted(sender: Sender, request: Request) -> Answer:
            answer = send(sender, request)
            self.read.append(len(answer.body))
            return answer

        monkeypatch.setattr(Sender, "send", counted)

    def look(self, call_id: str) -> tuple[BriefStatus, str, list[int]]:
        """Return how the call stands, the version of that, and how much each read had."""
        self.read.clear()
        status, version = self.calls.look_briefly(ADA, call_id)
        return status, version, self.read[:]

    def talk(self, made: CallCreated, turns: int) -> Observation:
        """Have a call with so many turns in its journal, and hold it."""
        observation = Observation(made, keep_words=True)
        observation.attach(MIDNIGHT + 1)
        lines: list[Line] = [made, Attached(at=MIDNIGHT + 1)]
        for turn in range(turns):
            said = events.TranscriptionCompleted(item_id=f"u{turn}", transcript="Good morning, everybody.")
            lines += observation.receive(said, MIDNIGHT + 2)
        self.journals.start(made)
        self.journals.append(made.call_id, lines[1:])
        return observation


@pytest.fixture
def desk(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(storage, monkeypatch)


def test_a_long_call_costs_as_much_as_a_short_one(desk: Desk) -> None:
    """While heartbeats come, one small blob is read: the same bytes after one turn and after a thousand."""
    read = []
    for call_id, turns in (("rtc_short", 1), ("rtc_long_", 1000)):
        made = call(call_id=call_id)
        observation = desk.talk(made, turns)
        hold = desk.live.take(made, "observer")
        assert hold is not None
        assert desk.live.beat(hold, standing=observation.standing()) is not None
        status, version, amounts = desk.look(call_id)
        assert status.state == "live"
        assert status.limits is not None
        assert version
        read.append(amounts)

    assert read[0] == read[1]
    assert len(read[0]) == 1
    assert sum(read[0]) < 2000


def test_until_a_heartbeat_comes_the_journal_tells(desk: Desk) -> None:
    """A call that nobody holds has none, and what an earlier observer said last does not count."""
    made = call()
    observation = desk.talk(made, 3)
    desk.live.start(made)
    assert desk.look(made.call_id)[1] == ""
    hold = desk.live.take(made, "first")
    assert hold is not None
    assert desk.look(made.call_id)[1] == ""
    hold = desk.live.beat(hold, standing=observation.standing())
    assert hold is not None
    assert desk.look(made.call_id)[1]
    desk.live.give_up(hold)
    assert desk.look(made.call_id)[1] == ""
    assert desk.live.take(made, "second") is not None
    status, version, _ = desk.look(made.call_id)
    assert (status.state, version) == ("live", "")


def test_a_heartbeat_that_is_old(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an observer said that seems to be dead is not taken for what is."""
    hold = desk.live.take(call(), "first")
    observation = desk.talk(call(), 1)
    assert hold is not None
    desk.live.beat(hold, standing=observation.standing())
    assert desk.live.fresh(call().call_id) is not None
    monkeypatch.setattr("switchboard.observing.live.LAPSE_SECONDS", -1)
    assert desk.live.fresh(call().call_id) is None


def test_an_archived_call_is_read_from_its_summary(desk: Desk) -> None:
    """Of its journal only the beginning is read, to learn whose call it is and when it began."""
    desk.talk(call(), 500)
    desk.journals.append(call().call_id, [CallEnded(at=MIDNIGHT + 60, reason="peer_left")])
    whole = len(desk.journals.read_bytes(call().call_id) or b"")
    by_journal, _, amounts = desk.look(call().call_id)
    assert amounts[-1] == whole
    desk.archive.summarise(call().call_id)
    by_summary, version, amounts = desk.look(call().call_id)

    assert by_summary == by_journal
    assert (by_summary.state, by_summary.end_reason, version) == ("ended", "peer_left", "")
    assert 4096 in amounts
    assert whole not in amounts


def test_who_may_ask(desk: Desk) -> None:
    """Only the call's own caller may, whatever the answer is read from."""
    with pytest.raises(CallNotFound):
        desk.calls.look_briefly(ADA, "rtc_nobody")
    with pytest.raises(CallNotFound):
        desk.calls.look_briefly(ADA, "../journals")
    observation = desk.talk(call(), 1)
    with pytest.raises(NotYourCall):
        desk.calls.look_briefly(EVE, call().call_id)
    hold = desk.live.take(call(), "first")
    assert hold is not None
    desk.live.beat(hold, standing=observation.standing())
    with pytest.raises(NotYourCall):
        desk.calls.look_briefly(EVE, call().call_id)


def test_a_journal_without_its_first_line(desk: Desk) -> None:
    """Whoever made it may have died before writing that line; the call is known by its live blob."""
    desk.live.start(call())
    desk.journals.open(call().call_id, expected=False)
    assert desk.journals.read_first(call().call_id) is None
    desk.journals.append(call().call_id, [Attached(at=MIDNIGHT + 1)])
    assert desk.journals.read_first(call().call_id) is None
    assert desk.look(call().call_id)[0].state == "live"
