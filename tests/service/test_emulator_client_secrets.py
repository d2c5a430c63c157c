"""The emulator's client secrets, measured against what Azure was recorded to answer."""

import time
from typing import Any

import pytest
import requests

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
    """Every field Azure shows, with its defaults and nulls, and the lifetime seen when none was asked for."""
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
    """As on Azure, and without CORS: this endpoint is for servers."""
    headers = {name.lower() for name in service.post_secret().headers}

    assert headers >= recorded.EVERY_ANSWER_HEADERS
    assert service.post_secret().headers["Content-Type"] == "application/json"
    assert "access-control-allow-origin" not in headers


def test_a_configuration_is_filled_up(service: Service) -> None:
    """What the request leaves out of an object is shown with its default or null."""
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
    """null, which is not the same as leaving it out."""
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
    """Four fields: code, message, type, param; the preview protocol's flat fields end here."""
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
    """The name is a deployment of the resource, case-sensitive; the service's spelling of the code is its own."""
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
