"""The emulator's managed identity, asked by the real azure-identity package."""

import pytest
import requests
from azure.identity import ManagedIdentityCredential

from tests.emulator import Emulator
from tests.service.realtime import Service


def test_a_managed_identity_gets_a_token_the_service_takes(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """App Service's identity endpoint, both scopes the documentation names."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{emulator.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    for scope in ("https://ai.azure.com/.default", "https://cognitiveservices.azure.com/.default"):
        with ManagedIdentityCredential() as credential:
            token = credential.get_token(scope).token
        answer = Service(emulator.url).post_secret(headers={"Authorization": f"Bearer {token}"})

        assert answer.status_code == 200
    assert [seen["authorization"] for seen in emulator.seen("client_secrets")] == ["entra", "entra"]


def test_a_token_for_something_else_is_refused(emulator: Emulator) -> None:
    query = {"resource": "https://storage.azure.com", "api-version": "2019-08-01"}
    headers = {"X-IDENTITY-HEADER": "x"}
    issued = requests.get(f"{emulator.url}/msi/token", params=query, headers=headers, timeout=5).json()
    answer = Service(emulator.url).post_secret(headers={"Authorization": f"Bearer {issued['access_token']}"})

    assert set(issued) == {"access_token", "expires_on", "resource", "token_type", "client_id"}
    assert answer.status_code == 401


def test_the_endpoint_wants_its_header_and_a_resource(emulator: Emulator) -> None:
    url = f"{emulator.url}/msi/token"

    assert requests.get(url, params={"resource": "https://ai.azure.com"}, timeout=5).status_code == 401
    assert requests.get(url, headers={"X-IDENTITY-HEADER": "x"}, timeout=5).status_code == 400
