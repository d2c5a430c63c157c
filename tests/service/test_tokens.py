"""Tests the gateway's own tokens in a real Azurite."""

import hashlib
from collections.abc import Mapping
from time import time

import pytest

from switchboard.callers import Caller
from switchboard.errors import OpenAIClientsOff, SignallingDisabled, SignInRequired, StorageUnavailable, TokenInvalid
from switchboard.session import Choice
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.tokens import Grant, NewToken, Tokens
from tests.examples import settings
from tests.service.stage import places_in
from tests.service.test_storage import unreachable

ADA = Caller("aad:ada", "ada@example.com", operator=True)
CHOICE = Choice(voice="cedar", language="pt")
ON = settings(OPENAI_CLIENTS="filtered")
SIGN_IN = settings(REQUIRE_SIGN_IN="true", OPENAI_CLIENTS="filtered")


def tokens_in(storage: Storage, settings: Settings) -> Tokens:
    return Tokens(storage, settings, places_in(storage))


def bearer(token: NewToken) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token.value.reveal()}"}


def test_token(storage: Storage) -> None:
    """Whoever has the token may use it several times, but not with an operator's rights."""
    tokens = tokens_in(storage, SIGN_IN)
    token = tokens.issue(ADA, CHOICE, 60)

    assert token.value.reveal().startswith("ek_")
    assert 55 < token.expires_at - time() <= 60
    for _ in range(2):
        assert tokens.identify(bearer(token)) == Grant(Caller(ADA.id, ADA.name), CHOICE, None, token.expires_at)


def test_only_its_hash_is_kept(storage: Storage) -> None:
    """The archive contains only the token's hash, so nobody who reads it can make calls with it."""
    token = tokens_in(storage, SIGN_IN).issue(ADA, CHOICE).value.reveal()

    name = f"tokens/{hashlib.sha256(token.encode()).hexdigest()}"
    assert list(storage.container.list_blob_names(name_starts_with="tokens/")) == [name]
    assert token.encode() not in storage.container.download_blob(name).readall()


@pytest.mark.parametrize(("asked", "given"), [(None, 300), (7200, 300), (10, 10)])
def test_how_long(storage: Storage, asked: int | None, given: int) -> None:
    """A token lives as long as asked for, but not longer than the setting allows."""
    token = tokens_in(storage, settings(CLIENT_SECRET_SECONDS="300", OPENAI_CLIENTS="full")).issue(ADA, CHOICE, asked)

    assert given - 5 < token.expires_at - time() <= given


def test_expired(storage: Storage) -> None:
    """An expired token starts no new call, but may still end one."""
    tokens = tokens_in(storage, SIGN_IN)
    token = tokens.issue(ADA, CHOICE, -1)

    with pytest.raises(TokenInvalid):
        tokens.identify(bearer(token))
    assert tokens.identify(bearer(token), late=True).caller.id == ADA.id


@pytest.mark.parametrize("token", ["ek_", "ek_unknown", "ek_../../journals/rtc_1", "ek_\x00"])
def test_unknown(storage: Storage, token: str) -> None:
    """An unknown token is refused, also if its text looks like a path."""
    with pytest.raises(TokenInvalid):
        tokens_in(storage, settings()).identify({"authorization": f"bearer {token}"}, late=True)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer eyJ0eXAi.of.the-site", "Basic ek_x", "unused"])
def test_no_token(storage: Storage, authorization: str | None) -> None:
    """Any other Authorization header is ignored, because the platform sends one of its own."""
    headers = {} if authorization is None else {"authorization": authorization}

    assert tokens_in(storage, settings()).identify(headers) == Grant(Caller("anonymous"))
    with pytest.raises(SignInRequired):
        tokens_in(storage, SIGN_IN).identify(headers)


def test_gateway_that_relays_no_offers(storage: Storage) -> None:
    """A gateway that relays no offers issues no tokens, because they would be useless."""
    with pytest.raises(SignallingDisabled):
        tokens_in(storage, settings(SIGNALLING="token", OPENAI_CLIENTS="full")).issue(ADA, CHOICE)


def test_session_of_an_application(storage: Storage) -> None:
    """The token carries the whole session that an application has sent."""
    tokens = tokens_in(storage, SIGN_IN)
    token = tokens.issue(ADA, CHOICE, None, {"instructions": "Sell."})

    assert tokens.identify(bearer(token)).session == {"instructions": "Sell."}


@pytest.mark.parametrize(
    "environ", [{}, {"REALTIME_PROTOCOL": "preview", "REALTIME_REGION": "eastus2", "OPENAI_CLIENTS": "full"}]
)
def test_clients_that_are_not_served(storage: Storage, environ: dict[str, str]) -> None:
    """No token is issued if the routes are off, or if the protocol is one that these clients cannot speak."""
    with pytest.raises(OpenAIClientsOff):
        tokens_in(storage, settings(**environ)).issue(ADA, CHOICE)


def test_storage_that_is_down() -> None:
    """With storage down, a token is neither issued nor checked, and is not called unknown."""
    tokens = tokens_in(unreachable(), ON)

    with pytest.raises(StorageUnavailable):
        tokens.issue(ADA, CHOICE)
    with pytest.raises(StorageUnavailable):
        tokens.identify({"authorization": "Bearer ek_x"})
