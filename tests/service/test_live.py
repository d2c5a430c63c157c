"""Tests the live calls, and the sweep that looks after them, in a real Azurite."""

import contextlib
import time

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from switchboard.limits.budget import Budget
from switchboard.observing.live import LiveCalls
from switchboard.observing.sweep import Sweep
from switchboard.record.queues import OBSERVE_CALLS
from switchboard.storage import Storage
from tests.examples import call
from tests.processes import Azurite
from tests.service.stage import THREADS, places_in


def test_one_holder(storage: Storage) -> None:
    """Only one observer at a time holds a call; when it has given the call up, the next one can take it."""
    live = LiveCalls(storage)
    live.start(call())
    live.start(call())
    hold = live.take(call(), "first")
    assert hold is not None
    assert live.take(call(), "second") is None

    hold = live.beat(hold)
    assert hold is not None
    live.give_up(hold)
    assert live.take(call(), "second") is not None
    assert live.beat(hold) is None


def test_a_holder_that_is_dead(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call whose heartbeat has stopped is taken by the next observer, and the first one finds that out."""
    live = LiveCalls(storage)
    first = live.take(call(), "first")
    monkeypatch.setattr("switchboard.observing.live.LAPSE_SECONDS", -1)
    second = live.take(call(), "second")

    assert first is not None
    assert second is not None
    assert second.live.taken == 2
    assert live.beat(first) is None
    assert live.beat(second) is not None


def test_an_observer_that_is_faster(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the call is made known between an observer's look and its write, the observer takes the call all the same."""
    live, real = LiveCalls(storage), LiveCalls._read

    def read(self: LiveCalls, call_id: str) -> object:
        found = real(self, call_id)
        if found is None:
            self.start(call())
        return found

    monkeypatch.setattr(LiveCalls, "_read", read)
    hold = live.take(call(), "first")

    assert hold is not None
    assert not hold.fresh


def test_a_heartbeat_whose_reply_was_lost(storage: Storage) -> None:
    """The holder is not taken for a loser because an earlier write of its own went through."""
    live = LiveCalls(storage)
    hold = live.take(call(), "first")
    assert hold is not None
    live.beat(hold)

    assert live.beat(hold) is not None


def test_the_end(storage: Storage) -> None:
    """A call that has ended is not live; ending it again changes nothing."""
    live = LiveCalls(storage)
    live.start(call())
    assert live.find("rtc_1") == call()
    live.end("rtc_1")
    live.end("rtc_1")

    assert live.find("rtc_1") is None
    assert list(live.all()) == []


def test_a_heartbeat_that_is_late(storage: Storage, azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is on the queue, and hidden until the observer counts as dead."""
    queue = QueueClient.from_connection_string(
        azurite.connection_string, OBSERVE_CALLS, message_decode_policy=TextBase64DecodePolicy()
    )
    with contextlib.suppress(ResourceExistsError):
        queue.create_queue()
    live = LiveCalls(storage)
    live.take(call(call_id="rtc_late"), "somebody")
    sweep = Sweep(storage, live, places_in(storage), Budget(storage, None), THREADS.storage)
    sweep.run()
    before = queue.get_queue_properties().approximate_message_count or 0
    monkeypatch.setattr("switchboard.observing.waking.SUSPECT_SECONDS", -1)
    sweep.run()
    sweep.run()

    assert queue.get_queue_properties().approximate_message_count == before + 1
    assert not any("rtc_late" in message.content for message in queue.receive_messages())


def test_the_sweep(storage: Storage, azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that nobody observes is given a new message, once; an abandoned place is freed, a used one is not."""
    live, places = LiveCalls(storage), places_in(storage, per_caller=2)
    observed, forgotten = call(call_id="rtc_observed"), call(call_id="rtc_forgotten", place=places.reserve("ada"))
    live.take(observed, "somebody")
    live.start(forgotten)
    places.reserve("ada")
    monkeypatch.setattr("switchboard.observing.waking.WAKING_SECONDS", -1)
    monkeypatch.setattr("switchboard.observing.sweep.CONNECT_SECONDS", 0.5)
    time.sleep(2)

    sweep = Sweep(storage, live, places, Budget(storage, None), THREADS.storage)
    sweep.run()
    sweep.run()

    queue = QueueClient.from_connection_string(
        azurite.connection_string, OBSERVE_CALLS, message_decode_policy=TextBase64DecodePolicy()
    )
    messages = [m.content for m in queue.receive_messages() if "rtc_observed" in m.content or "forgotten" in m.content]
    assert len(messages) == 1
    assert "rtc_forgotten" in messages[0]
    nonces = {place.nonce for place in places.held()}
    assert nonces == {forgotten.place.split()[0]}
