"""Tests when a message has to wake an observer for a call."""

import pytest

from switchboard.observing.live import BEAT_SECONDS, LAPSE_SECONDS, Listed
from switchboard.observing.waking import (
    PATIENCE_SECONDS,
    SUSPECT_SECONDS,
    WAKING_SECONDS,
    Waking,
    seconds_until_lapsed,
)


def listed(age: float, *, observed: bool = True, ended: bool = False, call_id: str = "rtc_1") -> Listed:
    return Listed(call_id, observed, age, nonce="n", ended=ended)


@pytest.mark.parametrize(
    ("call", "seconds"),
    [
        (listed(0), None),
        (listed(BEAT_SECONDS + 1), None),
        (listed(SUSPECT_SECONDS + 1), 9),
        (listed(LAPSE_SECONDS), 1),
        (listed(LAPSE_SECONDS + 0.5), 1),
        (listed(LAPSE_SECONDS + 1), 0),
        (listed(3600), 0),
        (listed(3600, ended=True), None),
        (listed(WAKING_SECONDS, observed=False), None),
        (listed(WAKING_SECONDS + 1, observed=False), 0),
        (listed(WAKING_SECONDS + 1, observed=False, ended=True), None),
    ],
)
def test_when_a_call_can_be_taken(call: Listed, seconds: int | None) -> None:
    """The message comes a second after the observer counts as dead, because storage tells whole seconds."""
    assert seconds_until_lapsed(call) == seconds


def test_a_call_gets_one_message() -> None:
    """While it is on its way, and for a while after, there is no second one."""
    waking = Waking()
    assert waking.due([listed(13)], 100) == {"rtc_1": 8}
    waking.sent("rtc_1", 108)

    assert waking.due([listed(20)], 107) == {}
    assert waking.due([listed(30)], 108 + PATIENCE_SECONDS - 1) == {}
    assert waking.due([listed(31)], 108 + PATIENCE_SECONDS) == {"rtc_1": 0}


def test_a_message_that_could_not_be_sent() -> None:
    """The next sweep tries again; other calls do not matter to it."""
    waking = Waking()
    waking.due([listed(13)], 100)
    waking.sent("rtc_2", 108)

    assert waking.due([listed(23), listed(23, call_id="rtc_2")], 110) == {"rtc_1": 0}


def test_a_call_that_was_taken() -> None:
    """When its new observer dies as well, nobody waits because of the first message."""
    waking = Waking()
    waking.due([listed(13)], 100)
    waking.sent("rtc_1", 108)
    assert waking.due([listed(1)], 110) == {}

    assert waking.due([listed(12)], 117) == {"rtc_1": 9}
