"""Tests client secrets, calls and hang-up against the emulator, with each refusal of the service over a real socket."""

import logging
import time
from typing import Any

import pytest

from switchboard.credentials import ApiKey, EntraToken, Identity
from switchboard.errors import (
    DeploymentNotFound,
    DeploymentNotRealtime,
    OfferInvalid,
    SessionRejected,
    SwitchboardError,
    UpstreamFailed,
    UpstreamForbidden,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnauthorized,
)
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.secrets import SecretCache
from switchboard.realtime.service import ClientSecret, call_id_of
from switchboard.settings import Secret
from tests.emulator import Emulator
from tests.examples import NETWORK, OFFER
from tests.processes import free_port
from tests.service.conftest import make_client

SESSION = {"type": "realtime", "model": "gpt-realtime", "audio": {"output": {"voice": "marin"}}}


def mint(client: RealtimeClient, **session: Any) -> ClientSecret:
    return client.create_client_secret({**SESSION, **session}, 600)


def test_from_secret_to_hang_up(client: RealtimeClient, emulator: Emulator) -> None:
    """The client mints, relays the offer and hangs up; a second hang-up finds no call."""
    secret = mint(client)
    created = client.create_call(secret, OFFER)

    assert secret.value.reveal().startswith("ek_")
    assert abs(secret.expires_at - time.time() - 600) < 30
    assert created.call_id.startswith("rtc_")
    assert created.answer.startswith(b"v=0")
    assert emulator.calls()[created.call_id]["filter"] is True
    assert client.hang_up(created.endpoint, created.call_id) is True
    assert client.hang_up(created.endpoint, created.call_id) is False


def test_a_call_that_the_service_has_forgotten(client: RealtimeClient, emulator: Emulator) -> None:
    """Asking does not harm a call that is up. Without an open connection nothing is sent, and nothing is known."""
    assert client.has_forgotten(emulator.url, "rtc_0") is False
    assert emulator.seen("/realtime") == []
    created = client.create_call(mint(client), OFFER)
    assert client.has_forgotten(created.endpoint, created.call_id) is False
    assert emulator.calls()[created.call_id]["state"] == "live"
    assert client.hang_up(created.endpoint, created.call_id) is True
    assert client.has_forgotten(created.endpoint, created.call_id) is True
    assert client.has_forgotten(created.endpoint, "rtc_ä/?&") is True


def test_what_is_sent(client: RealtimeClient, emulator: Emulator) -> None:
    """Minting sends expires_after and the session with the key; the raw offer goes with the secret alone."""
    client.create_call(mint(client, instructions="Be brief."), OFFER)

    (minting,) = emulator.seen("/client_secrets")
    (calling,) = emulator.seen("/calls")
    assert minting["authorization"] == "api-key"
    assert minting["json"]["expires_after"] == {"anchor": "created_at", "seconds": 600}
    assert minting["json"]["session"]["instructions"] == "Be brief."
    assert calling["authorization"] == "client_secret"
    assert calling["content_type"] == "application/sdp"
    assert calling["query"] in ("webrtcfilter=on", {"webrtcfilter": "on"})


def test_without_the_filter(emulator: Emulator) -> None:
    """REALTIME_WEBRTC_FILTER=off leaves the parameter out of the URL."""
    client = make_client(emulator.url, webrtc_filter=False)
    created = client.create_call(mint(client), OFFER)

    assert emulator.calls()[created.call_id]["filter"] is False


def test_entra_token(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service accepts a token that DefaultAzureCredential gets from a managed-identity endpoint."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{emulator.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "any")
    credentials = EntraToken(Identity("", NETWORK), "https://ai.azure.com/.default")
    client = RealtimeClient([emulator.url], credentials, NETWORK, webrtc_filter=True)

    mint(client)
    mint(client)

    assert [one["authorization"] for one in emulator.seen("/client_secrets")] == ["entra", "entra"]
    assert credentials.headers() == credentials.headers(), "the token comes from a cache"


def test_entra_token_of_another_scope(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service refuses a token of another scope, and the hint names the scope in use."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{emulator.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "any")
    credentials = EntraToken(Identity("", NETWORK), "https://management.azure.com/.default")

    with pytest.raises(UpstreamUnauthorized) as caught:
        mint(RealtimeClient([emulator.url], credentials, NETWORK, webrtc_filter=True))

    assert "https://management.azure.com/.default" in caught.value.hint


@pytest.mark.parametrize(
    ("fault", "options", "error"),
    [
        ("401", {}, UpstreamUnauthorized),
        ("403", {}, UpstreamForbidden),
        ("404", {}, DeploymentNotFound),
        ("429", {"retry_after": 30}, UpstreamThrottled),
        ("500", {}, UpstreamFailed),
        ("reset", {}, UpstreamFailed),
        ("garbage", {}, UpstreamFailed),
        ("slow", {"seconds": 2}, UpstreamTimeout),
    ],
)
@pytest.mark.parametrize("on", ["client_secrets", "calls"])
def test_refusals(
    emulator: Emulator,
    on: str,
    fault: str,
    options: dict[str, Any],
    error: type[SwitchboardError],
) -> None:
    """Each fault of the service raises an error of its own, both when minting and when relaying."""
    client = make_client(emulator.url, seconds=0.5 if fault == "slow" else 10)
    secret = mint(client)
    emulator.reset()
    emulator.fault(on, fault, **options)

    with pytest.raises(error) as caught:
        _ = mint(client) if on == "client_secrets" else client.create_call(secret, OFFER)

    assert caught.type is error
    if fault == "429":
        assert caught.value.retry_after == 30
    if on == "calls":
        assert len(emulator.seen("/calls")) == 1, "an offer is relayed once"


def test_session_that_the_service_refuses(client: RealtimeClient) -> None:
    """A session that the emulator's own check refuses raises an error, without any injected fault."""
    with pytest.raises(SessionRejected):
        mint(client, temperature=0.8)


def test_deployment_that_is_not_there(client: RealtimeClient) -> None:
    """A deployment's name must be exact, including its case."""
    with pytest.raises(DeploymentNotFound):
        mint(client, model="GPT-Realtime")


def test_deployment_of_another_kind(client: RealtimeClient) -> None:
    """gpt-4o exists in the emulator, but is not a realtime model."""
    with pytest.raises(DeploymentNotRealtime):
        mint(client, model="gpt-4o")


def test_wrong_key(emulator: Emulator) -> None:
    """The hint says that a key is in use, without showing it."""
    client = RealtimeClient([emulator.url], ApiKey(Secret("wrong-key")), NETWORK, webrtc_filter=True)

    with pytest.raises(UpstreamUnauthorized) as caught:
        mint(client)

    assert "REALTIME_API_KEY" in caught.value.hint
    assert "wrong-key" not in caught.value.hint


def test_offer_that_the_service_refuses(client: RealtimeClient, emulator: Emulator) -> None:
    """A 400 of the calls route means that the offer is wrong."""
    secret = mint(client)
    emulator.fault("calls", "400")

    with pytest.raises(OfferInvalid):
        client.create_call(secret, OFFER)


def test_created_without_location(client: RealtimeClient, emulator: Emulator) -> None:
    """A call without an id cannot be hung up; the error says so, and nothing waits for the call."""
    secret = mint(client)
    emulator.fault("calls", "no_location")

    with pytest.raises(UpstreamFailed) as caught:
        client.create_call(secret, OFFER)

    assert "no call id" in caught.value.detail
    assert emulator.seen("/hangup") == []


def test_minting_is_tried_again(client: RealtimeClient, emulator: Emulator) -> None:
    """Minting is retried, so that one bad moment of the service does not cost the visitor the call."""
    emulator.fault("client_secrets", "500", times=1)
    mint(client)
    emulator.fault("client_secrets", "reset", times=1)
    mint(client)
    emulator.fault("client_secrets", "429", times=1, retry_after=1)
    began = time.monotonic()
    mint(client)

    assert time.monotonic() - began >= 1, "Retry-After is honoured"
    assert len(emulator.seen("/client_secrets")) == 6


def test_next_endpoint(emulator: Emulator) -> None:
    """If the first endpoint does not answer, the second one mints, and the call is created there."""
    client = make_client(f"http://127.0.0.1:{free_port()}", emulator.url)
    secret = mint(client)

    assert secret.endpoint == emulator.url
    assert client.create_call(secret, OFFER).endpoint == emulator.url


def test_next_endpoint_is_no_cure_for_a_wrong_session(emulator: Emulator) -> None:
    """No other endpoint is tried if the request itself is wrong."""
    client = make_client(emulator.url, f"http://127.0.0.1:{free_port()}")

    with pytest.raises(SessionRejected):
        mint(client, temperature=0.8)


def test_secret_that_lives_longer_than_asked(
    client: RealtimeClient, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """A service that ignores expires_after causes a warning, which does not show the secret."""
    with caplog.at_level(logging.WARNING, logger="switchboard"):
        mint(client)
        assert caplog.records == []
        emulator.fault("client_secrets", "ignores_expiry", times=1)
        secret = mint(client)
        assert secret.expires_at - time.time() > 7000

    (record,) = caplog.records
    assert "CLIENT_SECRET_SECONDS" in record.getMessage()
    assert "ek_" not in record.getMessage()


def test_nothing_secret_is_logged_or_raised(
    client: RealtimeClient, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Even at DEBUG level, our loggers show no key, no secret and no line of the offer."""
    with caplog.at_level(logging.DEBUG, logger="switchboard"):
        secret = mint(client)
        emulator.fault("calls", "400")
        with pytest.raises(SwitchboardError) as caught:
            client.create_call(secret, OFFER)

    told = caplog.text + repr(secret) + repr(caught.value) + caught.value.detail + caught.value.hint
    assert "ek_" not in told
    assert "ice-pwd" not in told
    assert "x9cml" not in told


def test_secrets_are_used_again(client: RealtimeClient, emulator: Emulator) -> None:
    """One secret starts many calls of the same configuration, until it is dropped."""
    cache = SecretCache(client, 600)
    first = cache.take(SESSION)

    assert cache.take(dict(reversed(SESSION.items()))) is first
    assert cache.take({**SESSION, "instructions": "Other"}) is not first
    assert len(emulator.seen("/client_secrets")) == 2


def test_secrets_about_to_expire_are_not_used(client: RealtimeClient, emulator: Emulator) -> None:
    """A secret that lives for 10 s is never kept, because it expires within the margin."""
    cache = SecretCache(client, 10)
    cache.take(SESSION)
    cache.take(SESSION)

    assert len(emulator.seen("/client_secrets")) == 2


@pytest.mark.parametrize(
    ("location", "call_id"),
    [
        ("/v1/realtime/calls/rtc_990b6b", "rtc_990b6b"),
        ("https://contoso.openai.azure.com/openai/v1/realtime/calls/rtc_1?x=y", "rtc_1"),
        ("/v1/realtime/calls/rtc_1/", "rtc_1"),
        ("", None),
        ("/v1/realtime/calls/", None),
        ("/v1/realtime/calls/rtc%2F..%2Fx", None),
        ("rtc_1", None),
    ],
)
def test_call_id(location: str, call_id: str | None) -> None:
    """The call's id is the last part of the path, if it has the form of an id."""
    assert call_id_of(location) == call_id
