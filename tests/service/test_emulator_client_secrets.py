"""These tests compare the emulator's client secrets with what Azure was recorded to answer, and check who gets them."""

import time
from typing import Any

import pytest
import requests
from azure.identity import ManagedIdentityCredential

from tests.emulator import Emulator
from tests.service import recorded
from tests.service.realtime import KEY, OFFER, Service, call_id


@pytest.fixture
def service(emulator: Emulator) -> Service:
    return Service(emulator.url)


def session(**fields: Any) -> dict[str, Any]:
    return {"session": {"type": "realtime", "model": "gpt-realtime", **fields}}


def error(answer: requests.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_the_answer_has_the_recorded_shape(service: Service) -> None:
    """The answer has every field that Azure shows, with its defaults and nulls, and Azure's default lifetime."""
    answer = service.post_secret()
    body = answer.json()

    assert answer.status_code == 200
    assert set(body) == recorded.CLIENT_SECRET_KEYS
    assert body["value"].startswith("ek_")
    assert abs(body["expires_at"] - time.time() - recorded.SECRET_LIFETIME_SECONDS) < 10
    assert set(body["session"]) == recorded.SESSION_KEYS
    assert {name: body["session"][name] for name in recorded.SESSION_VALUES} == recorded.SESSION_VALUES
    assert body["session"]["audio"] == {"input": recorded.AUDIO_INPUT, "output": recorded.AUDIO_OUTPUT}
    assert body["session"]["expires_at"] == recorded.SECRET_SESSION_EXPIRES_AT
    assert body["session"]["id"].startswith("sess_")


def test_the_answer_has_the_recorded_headers(service: Service) -> None:
    """The headers are those of Azure. There is no CORS, because this endpoint is for servers."""
    headers = {name.lower() for name in service.post_secret().headers}

    assert headers >= recorded.EVERY_ANSWER_HEADERS
    assert service.post_secret().headers["Content-Type"] == "application/json"
    assert "access-control-allow-origin" not in headers


def test_a_configuration_is_filled_up(service: Service) -> None:
    """Whatever the request leaves out of an object is shown with its default or null."""
    configuration = {
        "instructions": "Answer in two or three words.",
        "audio": {
            "input": {
                "transcription": {"model": "gpt-realtime-whisper"},
                "turn_detection": {"type": "server_vad", "create_response": True, "interrupt_response": True},
            },
            "output": {"voice": "marin"},
        },
    }
    shown = service.post_secret(session(**configuration)).json()["session"]

    assert shown["instructions"] == "Answer in two or three words."
    assert shown["audio"]["input"]["transcription"] == recorded.TRANSCRIPTION_FILLED
    assert shown["audio"]["input"]["turn_detection"] == recorded.SERVER_VAD
    assert shown["audio"]["output"] == {**recorded.AUDIO_OUTPUT, "voice": "marin"}


def test_turn_detection_can_be_off(service: Service) -> None:
    """A null turns detection off, while leaving the field out means the default."""
    shown = service.post_secret(session(audio={"input": {"turn_detection": None}})).json()["session"]

    assert shown["audio"]["input"]["turn_detection"] is None


@pytest.mark.parametrize("seconds", [10, 600, 7200])
def test_the_lifetime_is_what_was_asked(service: Service, seconds: int) -> None:
    body = {**session(), "expires_after": {"anchor": "created_at", "seconds": seconds}}

    assert abs(service.post_secret(body).json()["expires_at"] - time.time() - seconds) < 10


@pytest.mark.parametrize(
    ("expires_after", "code"),
    [
        ({"anchor": "created_at", "seconds": 9}, "integer_below_min_value"),
        ({"anchor": "created_at", "seconds": 7201}, "integer_above_max_value"),
        ({"anchor": "created_at", "seconds": "600"}, "invalid_type"),
        ({"anchor": "now", "seconds": 600}, "invalid_value"),
        ([], "invalid_type"),
    ],
)
def test_impossible_lifetimes_are_refused(service: Service, expires_after: Any, code: str) -> None:
    answer = service.post_secret({**session(), "expires_after": expires_after})

    assert (answer.status_code, error(answer)["code"]) == (400, code)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (session(voice="alloy"), "unknown_parameter", "session.voice"),
        (session(modalities=["audio"]), "unknown_parameter", "session.modalities"),
        (session(temperature=0.8), "unknown_parameter", "session.temperature"),
        (session(input_audio_format="pcm16"), "unknown_parameter", "session.input_audio_format"),
        (session(audio={"input": {"vad": None}}), "unknown_parameter", "session.audio.input.vad"),
        ({**session(), "model": "gpt-realtime"}, "unknown_parameter", "model"),
        ({"session": {"model": "gpt-realtime"}}, "missing_required_parameter", "session.type"),
        ({"session": {"type": "realtime"}}, "missing_required_parameter", "session.model"),
        ({}, "missing_required_parameter", "session"),
        (session(type="transcription"), "invalid_value", "session.type"),
        (session(output_modalities=["audio", "text"]), "invalid_value", "session.output_modalities"),
        (session(audio={"output": {"voice": "nobody"}}), "invalid_value", "session.audio.output.voice"),
        (session(instructions=7), "invalid_type", "session.instructions"),
        (session(audio={"output": {"speed": 2}}), "integer_above_max_value", "session.audio.output.speed"),
        (session(tools=["get_weather"]), "invalid_type", "session.tools[0]"),
        ([], "invalid_type", "body"),
    ],
)
def test_what_the_api_does_not_know_is_refused(service: Service, body: Any, code: str, param: str) -> None:
    """The error has code, message, type and param. The preview protocol's flat fields are refused so, too."""
    answer = service.post_secret(body)

    assert answer.status_code == 400
    assert set(error(answer)) == {"code", "message", "type", "param"}
    assert (error(answer)["code"], error(answer)["param"]) == (code, param)
    assert error(answer)["type"] == "invalid_request_error"


def test_a_body_that_is_no_json_is_refused(service: Service) -> None:
    answer = requests.post(f"{service.base}/client_secrets", data=b"{", headers=KEY, timeout=5)

    assert (answer.status_code, error(answer)["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    ("deployment", "status", "code"),
    [
        ("gpt-realtime-9", 404, "DeploymentNotFound"),
        ("GPT-Realtime", 404, "DeploymentNotFound"),
        ("gpt-4o", 400, "OpperationNotSupported"),
        ("gpt-realtime-whisper", 400, "OpperationNotSupported"),
    ],
)
def test_deployments_that_cannot_be_called(service: Service, deployment: str, status: int, code: str) -> None:
    """Names of deployments are case-sensitive. The misspelt code is the service's own."""
    answer = service.post_secret(session(model=deployment))

    assert (answer.status_code, error(answer)["code"]) == (status, code)
    assert set(error(answer)) == {"code", "message"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"api-key": "another"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Basic ZW11bGF0b3I6"},
    ],
)
def test_strangers_are_refused(service: Service, headers: dict[str, str]) -> None:
    assert service.post_secret(headers=headers).status_code == 401


def test_a_secret_is_good_for_many_calls(service: Service) -> None:
    secret = service.mint()
    first, second = service.post_call(OFFER, secret), service.post_call(OFFER, secret)

    assert first.status_code == second.status_code == 201
    assert call_id(first) != call_id(second)


def test_a_managed_identity_gets_a_token_the_service_takes(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real azure-identity gets tokens for both scopes that the documentation names."""
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
