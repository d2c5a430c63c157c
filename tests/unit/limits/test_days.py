"""Tests the reckoning of a day: what the calls of all callers have cost, and how long one caller has talked."""

import time
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import DailySecondsSpent
from switchboard.limits.days import (
    SHORTEST_CALL_SECONDS,
    Day,
    SetAside,
    Spending,
    day_name,
    seconds_until_midnight,
    spending_name,
)
from switchboard.limits.place_names import GRACE_SECONDS
from tests.examples import MIDNIGHT

DAY_SECONDS = 24 * 3600
NOON = MIDNIGHT + DAY_SECONDS / 2


def test_a_call_that_has_ended_is_counted_once() -> None:
    """The sweep counts it again if it died before it forgot the call. What is live is counted anew each time."""
    first = Spending().counting({"rtc_1": 10.0}, 3.0)
    again = first.counting({"rtc_1": 10.0, "rtc_2": 5.0}, 1.0)

    assert (first.ended, first.live, first.total) == (10, 3, 13)
    assert (again.ended, again.live, again.total) == (15, 1, 16)
    assert again.counting({"rtc_1": 10.0, "rtc_2": 5.0}, 1.0) == again
    # A call that was forgotten and comes back is another one to the count.
    assert again.counting({}, 0).counting({"rtc_1": 10.0}, 0).ended == 25


def test_many_small_costs() -> None:
    """They add up without the dust of binary fractions."""
    spending = Spending()
    for number in range(1000):
        spending = spending.counting({f"rtc_{number}": 0.1}, 0.1 + 0.2)

    assert (spending.ended, spending.live) == (100, 0.3)


@pytest.mark.parametrize(
    ("spent", "share"),
    [(0.0, 1.0), (25.0, 0.75), (99.99, 0.0), (100.0, 0.0), (250.0, 0.0), (-1.0, 1.0), (33.3333, 0.667)],
)
def test_the_share_that_is_left(spent: float, share: float) -> None:
    """It lies between 0 and 1, however much was spent."""
    assert Spending(live=spent).share_left(100) == share


def test_what_storage_keeps_of_a_day() -> None:
    """It is read back as it was written, and an empty blob is a day on which nothing happened."""
    spending = Spending(1.5, 0.5, ("rtc_1",))
    day = Day(7.5, {"nonce": SetAside(60, NOON)})

    assert msgspec.json.decode(msgspec.json.encode(spending), type=Spending) == spending
    assert msgspec.json.decode(msgspec.json.encode(day), type=Day) == day
    assert msgspec.json.decode(b"{}", type=Spending) == Spending()
    assert msgspec.json.decode(b"{}", type=Day) == Day()


def test_a_call_sets_its_longest_time_aside() -> None:
    """The next one gets what is left, and after its end what the first did not use."""
    one = Day().setting_aside("a", 60, most=100, now=NOON)
    two = one.setting_aside("b", 60, most=100, now=NOON + 1)
    assert one.calls == {"a": SetAside(60, NOON + 60 + GRACE_SECONDS)}
    assert {name: aside.seconds for name, aside in two.calls.items()} == {"a": 60, "b": 40}

    after = two.settling("a", 12.5)
    assert after == Day(12.5, {"b": two.calls["b"]})
    assert after.settling("a", 12.5) is after
    assert after.setting_aside("c", 60, most=100, now=NOON + 2).calls["c"].seconds == 47


def test_a_caller_who_has_no_time_left() -> None:
    """The error says when the next day begins. Nobody is let into a call of less than ten seconds."""
    left = SHORTEST_CALL_SECONDS
    assert Day(used=100.0 - left).setting_aside("a", 60, most=100, now=NOON).calls["a"].seconds == left
    with pytest.raises(DailySecondsSpent) as caught:
        Day(used=100.001 - left).setting_aside("a", 60, most=100, now=NOON)
    assert caught.value.retry_after == DAY_SECONDS / 2
    # If all calls are that short, the last one may be shorter.
    assert Day(used=95).setting_aside("a", 5, most=100, now=NOON).calls["a"].seconds == 5


def test_a_call_that_never_ended() -> None:
    """What was set aside for it is free when its time is over, and not before."""
    day = Day(calls={"dead": SetAside(100, NOON)})
    with pytest.raises(DailySecondsSpent):
        day.setting_aside("a", 60, most=100, now=NOON - 0.1)

    assert day.setting_aside("a", 60, most=100, now=NOON).calls.keys() == {"a"}


@given(
    most=st.integers(1, 500),
    asked=st.lists(st.tuples(st.integers(1, 200), st.floats(0, 1)), max_size=12),
)
def test_no_order_of_calls_talks_longer_than_the_day_allows(most: int, asked: list[tuple[int, float]]) -> None:
    """Calls that use all they may, or part of it, never use more than the limit together, whoever ends when."""
    day, talked = Day(), 0.0
    for number, (wanted, part) in enumerate(asked):
        try:
            day = day.setting_aside(str(number), wanted, most=most, now=NOON)
        except DailySecondsSpent:
            continue
        if number % 2:
            used = day.calls[str(number)].seconds * part
            day, talked = day.settling(str(number), used), talked + used
    talked += sum(aside.seconds for aside in day.calls.values())

    assert talked <= most + 0.01


@pytest.mark.parametrize(
    ("since_midnight", "seconds"),
    [
        (0.0, DAY_SECONDS),
        (0.4, DAY_SECONDS),
        (DAY_SECONDS - 60, 60),
        (DAY_SECONDS - 0.2, 1),
        (DAY_SECONDS, DAY_SECONDS),
    ],
)
def test_how_long_it_is_until_midnight(since_midnight: float, seconds: int) -> None:
    """Nobody is told to wait for no time at all."""
    assert seconds_until_midnight(MIDNIGHT + since_midnight) == seconds


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine's own time zone be nine hours before UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_east")
def test_a_day_is_a_day_in_utc() -> None:
    """All instances reckon with the same day, whatever time zone their machine has."""
    assert spending_name(MIDNIGHT) == spending_name(MIDNIGHT + DAY_SECONDS - 1)
    assert seconds_until_midnight(MIDNIGHT + 1) == DAY_SECONDS - 1


def test_each_day_has_blobs_of_its_own() -> None:
    """They change at midnight UTC; a caller's name says nothing of the caller."""
    today, tomorrow = spending_name(MIDNIGHT + DAY_SECONDS - 0.1), spending_name(MIDNIGHT + DAY_SECONDS)

    assert today == spending_name(MIDNIGHT)
    assert today < tomorrow
    assert len(today) == len("spent/2026-11-21")
    assert day_name("ada@example.com", MIDNIGHT).startswith(f"{today}/")
    assert "ada" not in day_name("ada@example.com", MIDNIGHT)
