"""Tests that a key and an Entra token each suffice for everything that the gateway asks of the service."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from switchboard.credentials import ApiKey, Credentials, EntraToken, Identity
from switchboard.errors import SidebandFailed
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.preview import PreviewClient
from switchboard.realtime.sideband import SidebandDialler
from switchboard.services import build
from switchboard.settings import Secret
from tests.emulator import Emulator
from tests.examples import NETWORK, OFFER, settings
from tests.service.stage import THREADS

SESSION = {"type": "realtime", "model": "gpt-realtime"}


@pytest.fixture(params=["api-key", "entra"])
def credentials(
    request: pytest.FixtureRequest, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Credentials]:
    """Return the emulator's key, or a token that a real azure-identity gets from a managed-identity endpoint."""
    if request.param == "api-key":
        yield ApiKey(Secret("emulator"))
        return
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{emulator.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "any")
    yield EntraToken(Identity("", NETWORK), "https://ai.azure.com/.default")


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["credentials"])


async def test_ga_from_secret_to_hang_up(credentials: Credentials, kind: str, emulator: Emulator) -> None:
    """Minting, the sideband and the hang-up accept the credential; the offer carries the client secret."""
    client = RealtimeClient([emulator.url], credentials, NETWORK, webrtc_filter=True)
    secret = await asyncio.to_thread(client.create_client_secret, SESSION, 600)
    created = await asyncio.to_thread(client.create_call, secret, OFFER)
    async with SidebandDialler(credentials, THREADS.service, NETWORK).dial(created.endpoint, created.call_id):
        assert emulator.calls()[created.call_id]["sidebands"] == 1
    assert await asyncio.to_thread(client.hang_up, created.endpoint, created.call_id) is True

    asked = [(one["path"].rpartition("/")[2], one["authorization"]) for one in emulator.seen()]
    assert asked == [("client_secrets", kind), ("calls", "client_secret"), ("realtime", kind), ("hangup", kind)]


def test_preview_from_session_to_call(credentials: Credentials, kind: str, emulator: Emulator) -> None:
    """Minting accepts the credential; nothing else in the preview protocol needs it."""
    client = PreviewClient([emulator.url], credentials, NETWORK, region="eastus2", deployment="gpt-realtime")
    client.create_call(client.create_client_secret(SESSION, 600), OFFER)

    asked = [(one["path"].rpartition("/")[2], one["authorization"]) for one in emulator.seen()]
    assert asked == [("sessions", kind), ("realtimertc", "client_secret")]


async def test_sideband_with_a_wrong_key(emulator: Emulator) -> None:
    """The error keeps the handshake's status, because a refusal does not mean that the call has ended."""
    with pytest.raises(SidebandFailed) as caught:
        async with SidebandDialler(ApiKey(Secret("wrong")), THREADS.service, NETWORK).dial(emulator.url, "rtc_1"):
            pass

    assert caught.value.handshake_status == 401


def test_a_key_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """REALTIME_API_KEY decides, and nothing asks the network for a token before one is needed."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token")
    clients: list[Any] = [build(settings(REALTIME_API_KEY=key)).calls._client for key in ("a-key", "")]
    hints = [client._credentials.hint for client in clients]

    assert "REALTIME_API_KEY is in use" in hints[0]
    assert "https://ai.azure.com/.default (REALTIME_TOKEN_SCOPE)" in hints[1]
