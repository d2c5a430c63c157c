"""Tests the places of callers and of the gateway in a real Azurite, also when many requests come at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError

from switchboard.errors import GatewayFull, SwitchboardError, TooManyCalls, TooManyTokens
from switchboard.limits.place_names import GRACE_SECONDS, LONGEST_RETRY_SECONDS
from switchboard.limits.places import HeldPlace, Places
from switchboard.observing.sweep import stale_places
from switchboard.storage import Storage
from switchboard.storage.blob import Blob
from tests.service.stage import places_in


def test_places_of_a_caller(storage: Storage) -> None:
    """A caller gets as many places as allowed, and again when one is freed; each caller has their own."""
    places = places_in(storage, per_caller=2)
    first, second = places.reserve("ada"), places.reserve("ada")

    with pytest.raises(TooManyCalls) as caught:
        places.reserve("ada")
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= LONGEST_RETRY_SECONDS
    places.reserve("grace")

    places.release(second)
    third = places.reserve("ada")
    places.release(second)
    with pytest.raises(TooManyCalls):
        places.reserve("ada")  # The second release came too late to free the third call's place.
    places.release(first)
    places.release(third)
    places.reserve("ada")


def test_places_expire(storage: Storage) -> None:
    """A place is available again when its call must be over, even if nobody freed it."""
    places = places_in(storage, call_seconds=-GRACE_SECONDS)
    lost = places.reserve("ada")
    again = places.reserve("ada")
    places.release(lost)

    assert lost != again
    assert sum("/all/" not in place.name for place in places.held()) == 1


def test_a_caller_at_the_same_moment(storage: Storage) -> None:
    """Of ten requests at the same moment, exactly as many succeed as the caller has places."""
    places = places_in(storage, per_caller=3)

    assert succeed(10, lambda _: places.reserve("ada")) == 3


def test_all_callers_at_the_same_moment(storage: Storage) -> None:
    """Of a hundred offers of a hundred callers to several instances, exactly MAX_CALLS succeed."""
    instances = [places_in(storage, over_all=20) for _ in range(4)]

    assert succeed(100, lambda number: instances[number % 4].reserve(f"caller {number}")) == 20
    with pytest.raises(GatewayFull) as caught:
        instances[0].reserve("one more")
    assert caught.value.retry_after is not None
    # A refused caller keeps no place of their own.
    assert sum("/all/" not in place.name for place in instances[0].held()) == 20


def test_a_reply_that_is_lost(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the write was done but its reply was lost, the caller has the place and is not refused."""
    places = places_in(storage)
    real, lost = Blob.upload_blob, []

    def reply_lost(blob: Blob, *args: Any, **kwargs: Any) -> Any:
        done = real(blob, *args, **kwargs)
        if blob._path not in lost:
            lost.append(blob._path)
            raise ResourceExistsError("sent again after the reply was lost")
        return done

    monkeypatch.setattr("switchboard.storage.blob.Blob.upload_blob", reply_lost)
    token = places.reserve("ada")
    monkeypatch.undo()

    assert len(lost) == 2
    places.release(token)
    assert list(places.held()) == []


def test_a_place_that_is_held_for_a_token(storage: Storage) -> None:
    """While a token lives its place is taken; the call that is set up with it takes the place over."""
    places = places_in(storage)
    places.reserve_for_token("ada", 60)
    with pytest.raises(TooManyCalls):
        places.reserve("ada")

    token = places.adopt("ada")
    assert len(of_calls(places)) == 2
    with pytest.raises(TooManyCalls):
        places.adopt("ada")
    places.release(token)
    assert of_calls(places) == []


def test_a_token_that_led_to_no_call(storage: Storage) -> None:
    """Its place is free when the token has expired, and the sweep leaves it alone until then."""
    places = places_in(storage)
    places.reserve_for_token("ada", 200)
    (first, *_) = held = of_calls(places)

    assert stale_places(held, [], first.since + 100) == []
    assert stale_places(held, [], first.since + 300) == held


def test_tokens_in_a_minute(storage: Storage) -> None:
    """A caller takes so many tokens in a minute and no more; another caller is not affected."""
    places = places_in(storage)

    assert succeed(12, lambda _: places.count_token("ada")) == 5
    with pytest.raises(TooManyTokens):
        places.count_token("ada")
    places.count_token("grace")
    before = list(places.held())
    with pytest.raises(TooManyTokens):
        places.reserve_for_token("ada", 60)
    assert list(places.held()) == before, "a refused token holds no place"


def of_calls(places: Places) -> list[HeldPlace]:
    """Return the places that are held for calls; those that count a caller's tokens become free by themselves."""
    return [place for place in places.held() if "/token-" not in place.name]


def succeed(times: int, work: Any) -> int:
    """Return how many of so many attempts at the same moment raise no error of the gateway's."""

    def attempt(number: int) -> bool:
        try:
            work(number)
        except SwitchboardError:
            return False
        return True

    with ThreadPoolExecutor(times) as threads:
        return sum(threads.map(attempt, range(times)))
