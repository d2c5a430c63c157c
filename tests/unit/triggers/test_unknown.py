"""Tests what the gateway answers where OpenAI's API has a route that the gateway does not have."""

import re
from types import SimpleNamespace
from typing import Any

import azure.functions as func
import msgspec
import pytest

from switchboard.errors import RouteNotFound
from switchboard.triggers.openai import OPERATIONS
from switchboard.triggers.unknown import ABSENT, hint_about, unknown_blueprint
from tests.examples import settings


def functions() -> dict[str, Any]:
    services: Any = SimpleNamespace(settings=settings(ALLOWED_ORIGINS="https://shop.example.com"))
    app = func.FunctionApp()
    app.register_functions(unknown_blueprint(services))
    return {str(function.get_function_name()): function for function in app.get_functions()}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/v1/realtime/calls/rtc_1/accept", "by telephone"),
        ("/api/v1/realtime/calls/rtc_1/refer/", "by telephone"),
        ("/api/v1/realtime", "no WebSocket"),
        ("/api/v1/realtime/sessions", "The beta API"),
        ("/api/v1/realtime/transcription_sessions", "The beta API"),
        ("/api/v1/models", RouteNotFound.default_hint),
        ("/somewhere/else", RouteNotFound.default_hint),
    ],
)
def test_hint(path: str, says: str) -> None:
    """The hint says what to do instead."""
    assert says in hint_about(path)


async def test_every_function_answers_with_a_problem() -> None:
    """The problem has the form that OpenAI's clients read, and a preflight is answered."""
    found = functions()
    assert found.keys() == ABSENT.keys()
    origin = {"origin": "https://shop.example.com", "sec-fetch-site": "cross-site"}
    for function in found.values():
        handle = function.get_user_function()
        answer = await handle(func.HttpRequest("GET", "https://voice.example.com/api/v1/models", body=b""))
        body = msgspec.json.decode(answer.get_body())
        assert (answer.status_code, body["code"], body["error"]["code"]) == (404, "route_not_found", "route_not_found")
        preflight = await handle(func.HttpRequest("OPTIONS", "https://voice/api/v1/models", headers=origin, body=b""))
        assert preflight.status_code == 204


def test_no_path_matches_a_request_of_another_function() -> None:
    """The Functions host takes any route that matches, and not the most specific one."""
    known = {(operation.method, operation.path.replace("{call_id}", "rtc_1")) for operation in OPERATIONS}
    for path, methods in ABSENT.values():
        pattern = re.sub(r"\{\w+\}", "[^/]+", path.replace("{*rest}", ".*"))
        assert not any(method in methods and re.fullmatch(pattern, there) for method, there in known), path
