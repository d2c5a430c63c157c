"""Tests in which order endpoints are tried after some of them have failed."""

from collections.abc import Callable

import pytest

from switchboard.errors import SessionRejected, SwitchboardError, UpstreamFailed, UpstreamThrottled
from switchboard.realtime.wire import REST_SECONDS, Endpoints

A, B, C = "https://a.example.com", "https://b.example.com", "https://c.example.com"


class Times:
    """A clock that a test sets, and that moves on a little with each look at it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def asked(endpoints: Endpoints, **failing: SwitchboardError) -> list[str]:
    """Return the endpoints that are asked, in order; `failing` names those that fail, by their letter."""
    order: list[str] = []

    def ask(endpoint: str) -> None:
        order.append(endpoint)
        if error := failing.get(endpoint[8]):
            raise error

    try:
        endpoints.first_that_answers(ask)
    except SwitchboardError as error:
        assert error is failing[order[-1][8]]  # noqa: PT017  which error it is depends on the case
    return order


@pytest.fixture
def clock() -> Times:
    return Times()


def test_order(clock: Times) -> None:
    """The first endpoint that answers is enough."""
    assert asked(Endpoints([A, B], clock)) == [A]


def test_rest(clock: Times) -> None:
    """An endpoint that has failed comes last for a while, and first again after that."""
    endpoints = Endpoints([A, B, C], clock)
    assert asked(endpoints, a=UpstreamFailed()) == [A, B]

    assert asked(endpoints) == [B]
    assert asked(endpoints, b=UpstreamThrottled(), c=UpstreamFailed()) == [B, C, A]
    clock.now += REST_SECONDS
    assert asked(endpoints) == [A]


def test_all_have_failed(clock: Times) -> None:
    """All of them are tried, the one that failed first before the others, and the last error is raised."""
    endpoints = Endpoints([A, B], clock)
    asked(endpoints, a=UpstreamFailed())
    clock.now += 1
    assert asked(endpoints, a=UpstreamFailed(), b=UpstreamFailed()) == [B, A]
    clock.now += 1
    assert asked(endpoints, b=UpstreamFailed()) == [B, A]


def test_error_that_every_endpoint_has(clock: Times) -> None:
    """What is wrong with the request is raised at once, and no endpoint rests for it."""
    endpoints = Endpoints([A, B], clock)

    assert asked(endpoints, a=SessionRejected()) == [A]
    assert asked(endpoints) == [A]


def test_watched(clock: Times) -> None:
    """An endpoint that fails in another request rests too."""
    endpoints = Endpoints([A, B], clock)

    def work(error: SwitchboardError) -> Callable[[], None]:
        def fail() -> None:
            with endpoints.watch(A):
                raise error

        return fail

    with pytest.raises(SessionRejected):
        work(SessionRejected())()
    assert asked(endpoints) == [A]
    with pytest.raises(UpstreamFailed):
        work(UpstreamFailed())()
    assert asked(endpoints) == [B]
