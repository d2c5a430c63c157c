"""Tests two endpoints of which one fails: which of them is asked, with which client secret, and how often."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest

from switchboard.errors import OfferInvalid, UpstreamError, UpstreamFailed, UpstreamTimeout, UpstreamUnreachable
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.secrets import SecretCache
from switchboard.realtime.service import CreatedCall
from tests.examples import OFFER
from tests.processes import free_port
from tests.service.conftest import make_client
from tests.standins.service.server import ServiceStandIn

T = TypeVar("T")
SESSION = {"type": "realtime", "model": "gpt-realtime"}


class Resources:
    """Two endpoints, and a client with a cache that knows both; the first can die."""

    def __init__(self) -> None:
        self.first, self.second = ServiceStandIn(free_port()), ServiceStandIn(free_port())
        self.stack, self.life_of_first = AsyncExitStack(), AsyncExitStack()
        self.client: RealtimeClient = make_client(self.first.url, self.second.url, seconds=1)
        self.cache = SecretCache(self.client, 600)

    async def connect(self, **session: Any) -> CreatedCall:
        return await off_loop(lambda: self.cache.create_call({**SESSION, **session}, OFFER))

    async def kill_first(self) -> None:
        await self.life_of_first.aclose()

    def counts(self, kind: str) -> tuple[int, int]:
        return self.first.faults.counts[kind], self.second.faults.counts[kind]


async def off_loop(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)


@pytest.fixture
async def both() -> AsyncIterator[Resources]:
    resources = Resources()
    async with resources.stack, resources.life_of_first:
        await resources.life_of_first.enter_async_context(resources.first)
        await resources.stack.enter_async_context(resources.second)
        yield resources


async def test_endpoint_that_dies(both: Resources) -> None:
    """No connect fails when the endpoint dies whose client secret is kept: the other endpoint takes over at once."""
    assert (await both.connect()).endpoint == both.first.url
    await both.kill_first()

    for _ in range(3):
        assert (await both.connect()).endpoint == both.second.url
    assert both.counts("client_secrets")[1] == 1, "the second endpoint's secret is kept"
    assert both.counts("calls")[1] == 3


async def test_other_choices_go_to_the_second_endpoint(both: Resources) -> None:
    """A configuration without a kept secret does not try the dead endpoint first either, while that rests."""
    await both.connect()
    await both.kill_first()
    await both.connect()

    secret = await off_loop(lambda: both.client.create_client_secret({**SESSION, "instructions": "Other"}, 600))
    assert secret.endpoint == both.second.url


async def test_secret_that_is_refused(both: Resources) -> None:
    """A kept client secret that the service refuses is replaced, and the caller notices nothing."""
    await both.connect()
    both.first.faults.order(fault="refuse", on="calls", status=401, times=1)

    assert (await both.connect()).endpoint == both.first.url
    assert both.counts("client_secrets") == (2, 0)
    assert both.counts("calls") == (3, 0)


async def test_secrets_that_are_always_refused(both: Resources) -> None:
    """The second refusal is the caller's answer: an offer is sent twice at most."""
    for resource in (both.first, both.second):
        resource.faults.order(fault="refuse", on="calls", status=401)
    with pytest.raises(UpstreamError) as caught:
        await both.connect()

    assert caught.value.code == "upstream_unauthorized"
    assert both.counts("calls") == (2, 0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"fault": "refuse", "status": 500}, UpstreamFailed),
        ({"fault": "refuse", "status": 429}, UpstreamError),
        ({"fault": "lose"}, UpstreamFailed),
        ({"fault": "reset"}, UpstreamFailed),
        ({"fault": "silent"}, UpstreamTimeout),
    ],
)
async def test_call_that_may_have_begun(both: Resources, fault: dict[str, Any], error: type[UpstreamError]) -> None:
    """An offer that the service may have taken is not sent again. The next call goes to the other endpoint."""
    await both.connect()
    both.first.faults.order(on="calls", **fault)
    with pytest.raises(error):
        await both.connect()
    assert both.counts("calls") == (2, 0)

    assert (await both.connect()).endpoint == both.second.url
    both.first.faults.clear()


async def test_offer_that_is_refused(both: Resources) -> None:
    """An offer that the service refuses says nothing against the client secret or the endpoint."""
    with pytest.raises(OfferInvalid):
        await off_loop(lambda: both.cache.create_call(SESSION, b"no offer"))

    assert (await both.connect()).endpoint == both.first.url
    assert both.counts("client_secrets") == (1, 0)


async def test_no_endpoint_left(both: Resources) -> None:
    """If no endpoint can be reached the error says so."""
    client = make_client(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(UpstreamUnreachable):
        await off_loop(lambda: SecretCache(client, 600).create_call(SESSION, OFFER))


async def test_unusable_answer_whose_hang_up_fails(both: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that was created and cannot be hung up is not taken for one that never began."""
    monkeypatch.setattr("tests.standins.service.server.ANSWER", b"no SDP")
    both.first.faults.order(fault="refuse", on="hangup", status=401)
    with pytest.raises(UpstreamFailed):
        await both.connect()

    assert both.counts("calls") == (1, 0)


@pytest.mark.parametrize("status", [404, 410])
async def test_hang_up_of_a_call_that_is_over(both: Resources, status: int) -> None:
    """404 and 410 both mean that there is no such call any more."""
    created = await both.connect()
    both.first.faults.order(fault="refuse", on="hangup", status=status)

    assert await off_loop(lambda: both.client.hang_up(created.endpoint, created.call_id)) is False
