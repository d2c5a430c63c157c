"""Tests that calls are spread over several endpoints, or that further endpoints are used only after a failure."""

from collections import Counter
from collections.abc import Iterator
from time import time

import pytest

from switchboard.credentials import ApiKey
from switchboard.errors import UpstreamError
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.secrets import SecretCache
from switchboard.settings import Secret
from tests.examples import NETWORK
from tests.infra.servers import Asked, Said, Server, serving

SESSION = {"type": "realtime", "model": "gpt-realtime"}
CALLS = 200


def _mint(asked: Asked) -> Said:
    if not asked.path.endswith("/client_secrets"):
        return Said(500)
    return Said(200, f'{{"value": "ek_test", "expires_at": {int(time()) + 600}}}')


@pytest.fixture
def accounts() -> Iterator[list[Server]]:
    """Three endpoints that mint, on sockets of their own. Every other route fails."""
    with serving(_mint) as first, serving(_mint) as second, serving(_mint) as third:
        yield [first, second, third]


def _client(accounts: list[Server], *, spread: bool) -> RealtimeClient:
    key = ApiKey(Secret("key"))
    return RealtimeClient([one.url for one in accounts], key, NETWORK, webrtc_filter=True, spread=spread)


def _used(cache: SecretCache, calls: int = CALLS) -> Counter[str]:
    return Counter(cache.take(SESSION).endpoint for _ in range(calls))


def test_spread_calls_use_each_endpoint_for_about_its_share(accounts: list[Server]) -> None:
    """Each of three gets 40 to 95 of 200 calls; chance alone would miss that less than once in ten thousand runs."""
    used = _used(SecretCache(_client(accounts, spread=True), 600))
    assert set(used) == {one.url for one in accounts}
    assert all(40 <= calls <= 95 for calls in used.values()), used


def test_a_secret_is_used_again_at_its_own_endpoint(accounts: list[Server]) -> None:
    """Spreading costs one secret for each endpoint, and not one for each call."""
    _used(SecretCache(_client(accounts, spread=True), 600))
    assert [len(one.asked) for one in accounts] == [1, 1, 1]


def test_without_the_switch_the_first_endpoint_takes_every_call(accounts: list[Server]) -> None:
    used = _used(SecretCache(_client(accounts, spread=False), 600))
    assert used == {accounts[0].url: CALLS}


def test_a_page_that_signals_itself_gets_a_secret_of_any_endpoint(accounts: list[Server]) -> None:
    cache = SecretCache(_client(accounts, spread=True), 600)
    used = Counter(cache.fresh(SESSION, 600).endpoint for _ in range(60))
    assert len(used) == 3


def test_an_endpoint_that_fails_leaves_its_share_to_the_next(accounts: list[Server]) -> None:
    with serving(lambda _: Said(503)) as broken:
        client = _client([broken, *accounts[:2]], spread=True)
        secrets = [client.create_client_secret(SESSION, 600, share) for share in range(3)]
    assert [secret.endpoint for secret in secrets] == [accounts[0].url, accounts[0].url, accounts[1].url]


def test_a_secret_that_the_service_refuses_is_forgotten_at_its_endpoint_only(accounts: list[Server]) -> None:
    cache = SecretCache(_client(accounts, spread=True), 600)
    _used(cache)
    with pytest.raises(UpstreamError):
        cache.create_call(SESSION, b"v=0")
    _used(cache)
    assert sum(_mints(one) for one in accounts) == 4


def _mints(account: Server) -> int:
    return sum(asked.path.endswith("/client_secrets") for asked in account.asked)
