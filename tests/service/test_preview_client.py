"""Tests the preview protocol's client against the emulator, through the same port as the GA client."""

import logging
import time
from typing import Any

import pytest

from switchboard.credentials import ApiKey
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
from switchboard.realtime.preview import PreviewClient
from switchboard.realtime.secrets import SecretCache
from switchboard.realtime.service import ClientSecret, RealtimeService, is_call_id
from switchboard.realtime.wire import Timeouts
from switchboard.services import build
from switchboard.settings import Secret
from tests.emulator import Emulator
from tests.examples import NETWORK, OFFER, settings
from tests.processes import free_port

SESSION = {"type": "realtime", "model": "gpt-realtime", "audio": {"output": {"voice": "verse"}}}


def preview_client(*endpoints: str, seconds: float = 10) -> PreviewClient:
    return PreviewClient(
        endpoints,
        ApiKey(Secret("emulator")),
        NETWORK,
        region="swedencentral",
        deployment="gpt-realtime",
        timeouts=Timeouts(mint=(1, seconds), call=(1, seconds)),
    )


@pytest.fixture
def client(emulator: Emulator) -> RealtimeService:
    return preview_client(emulator.url)


def mint(client: RealtimeService, **session: Any) -> ClientSecret:
    return client.create_client_secret({**SESSION, **session}, 600)


def test_from_session_to_answer(client: RealtimeService, emulator: Emulator) -> None:
    """The client gets a secret for a minute and an answer, makes up the call's id, and cannot hang up."""
    secret = mint(client)
    created = client.create_call(secret, OFFER)

    assert abs(secret.expires_at - time.time() - 60) < 10
    assert created.answer.startswith(b"v=0")
    assert created.call_id.startswith("rtc_preview_")
    assert is_call_id(created.call_id)
    assert client.hang_up(created.endpoint, created.call_id) is False
    assert emulator.seen("/hangup") == []


def test_what_is_sent(client: RealtimeService, emulator: Emulator) -> None:
    """The resource gets flat fields and the api-version; the region gets the raw offer and the deployment."""
    client.create_call(mint(client, instructions="Be brief.", max_output_tokens=200), OFFER)

    minting, calling = emulator.seen()
    assert minting["path"] == "/openai/realtimeapi/sessions"
    assert minting["query"] == {"api-version": "2025-04-01-preview"}
    assert minting["json"] == {
        "model": "gpt-realtime",
        "voice": "verse",
        "instructions": "Be brief.",
        "max_response_output_tokens": 200,
    }
    assert (calling["path"], calling["query"]) == ("/v1/realtimertc", {"model": "gpt-realtime"})
    assert (calling["content_type"], calling["authorization"]) == ("application/sdp", "client_secret")


def test_address_of_the_region() -> None:
    """The address has the region's own host, whatever the resource's name, and any deployment's name."""
    client = PreviewClient(
        ["https://contoso.openai.azure.com"], ApiKey(Secret("k")), NETWORK, region="eastus2", deployment="a model&more"
    )

    assert client.calls_url("https://contoso.openai.azure.com") == (
        "https://eastus2.realtimeapi-preview.ai.azure.com/v1/realtimertc?model=a%20model%26more"
    )


def test_keys_are_not_used_again(client: RealtimeService, emulator: Emulator) -> None:
    """No secret is used twice, because no document says that a preview secret may start a second session."""
    cache = SecretCache(client, 600)

    assert cache.take(SESSION) is not cache.take(SESSION)
    assert len(emulator.seen("/sessions")) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", UpstreamUnauthorized),
        ("403", UpstreamForbidden),
        ("404", DeploymentNotFound),
        ("429", UpstreamThrottled),
        ("500", UpstreamFailed),
        ("reset", UpstreamFailed),
        ("garbage", UpstreamFailed),
        ("slow", UpstreamTimeout),
    ],
)
@pytest.mark.parametrize("on", ["client_secrets", "calls"])
def test_refusals(emulator: Emulator, on: str, fault: str, error: type[SwitchboardError]) -> None:
    """A refusal raises the same error as with the GA protocol."""
    client = preview_client(emulator.url, seconds=0.5 if fault == "slow" else 10)
    secret = mint(client)
    emulator.reset()
    emulator.fault(on, fault, retry_after=30, seconds=2)

    with pytest.raises(error) as caught:
        _ = mint(client) if on == "client_secrets" else client.create_call(secret, OFFER)

    assert caught.type is error
    if on == "calls":
        assert len(emulator.seen("/realtimertc")) == 1, "an offer is relayed once"
        assert fault != "401" or "REALTIME_REGION" in caught.value.hint


def test_deployments(client: RealtimeService) -> None:
    with pytest.raises(DeploymentNotFound):
        mint(client, model="GPT-Realtime")
    with pytest.raises(DeploymentNotRealtime):
        mint(client, model="gpt-4o")


def test_session_that_cannot_be_expressed(client: RealtimeService, emulator: Emulator) -> None:
    """A session that cannot be translated completely is not sent, and the error names the field."""
    with pytest.raises(SessionRejected) as caught:
        mint(client, truncation="disabled")

    assert "truncation" in caught.value.detail
    assert emulator.seen() == []


def test_offer_that_the_service_refuses(client: RealtimeService, emulator: Emulator) -> None:
    secret = mint(client)
    emulator.fault("calls", "400")

    with pytest.raises(OfferInvalid):
        client.create_call(secret, OFFER)


def test_next_endpoint(emulator: Emulator) -> None:
    """As with the GA protocol, the second endpoint mints if the first does not answer."""
    assert mint(preview_client(f"http://127.0.0.1:{free_port()}", emulator.url)).endpoint == emulator.url


def test_one_warning_at_start(caplog: pytest.LogCaptureFixture) -> None:
    """The gateway warns once at start, and only if the preview protocol is chosen."""
    with caplog.at_level(logging.WARNING):
        build(settings())
        assert caplog.records == []
        build(settings(REALTIME_PROTOCOL="preview", REALTIME_REGION="eastus2"))

    (record,) = caplog.records
    assert "REALTIME_PROTOCOL=preview is deprecated" in record.getMessage()
