"""Tests the span of a request, and what is counted when it is refused."""

from types import SimpleNamespace
from typing import Any

import azure.functions as func
import pytest
from opentelemetry.trace import StatusCode

from switchboard.errors import CallNotFound, StorageUnavailable, SwitchboardError
from switchboard.triggers.calls import GET_CALL
from switchboard.triggers.http import problem_answer
from switchboard.triggers.tracing import traced
from tests.unit.telemetry.recorder import Recorder

OF_THE_HOST = f"00-{'a' * 32}-{'b' * 16}-01"
OF_THE_PAGE = f"00-{'c' * 32}-{'d' * 16}-01"
CALL = "rtc_u1_D0PVrPIrLvDq6qUoCnaoc"


def answered(recorder: Recorder, response: func.HttpResponse, **more: Any) -> None:
    """Answer a request for a call with this response."""
    request = func.HttpRequest(
        more.get("method", "GET"),
        "https://voice.example.com/api/calls/x",
        headers={"traceparent": OF_THE_PAGE},
        route_params={"call_id": more.get("call_id", CALL)},
        body=b"",
    )
    context: Any = SimpleNamespace(trace_context=SimpleNamespace(trace_parent=more.get("parent", "")))
    assert traced(recorder.telemetry, GET_CALL, request, context, lambda: response) is response


def problem(error: SwitchboardError) -> func.HttpResponse:
    answer = problem_answer(error, "r-1")
    return func.HttpResponse(answer.body, status_code=answer.status)


@pytest.mark.parametrize(("parent", "trace"), [(OF_THE_HOST, "a" * 32), ("", "c" * 32)])
def test_a_request(parent: str, trace: str) -> None:
    """The span continues the host's, or else the page's, and names route, call and status."""
    recorder = Recorder()
    answered(recorder, func.HttpResponse(b"{}", status_code=200), parent=parent)
    (span,) = recorder.spans("get_call")

    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == trace
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/calls/{call_id}",
        "http.response.status_code": 200,
        "switchboard.call_id": CALL,
    }
    assert recorder.values() == {}


@pytest.mark.parametrize(
    ("error", "status"), [(CallNotFound(), StatusCode.UNSET), (StorageUnavailable(), StatusCode.ERROR)]
)
def test_a_refusal(error: SwitchboardError, status: StatusCode) -> None:
    """A refusal is counted by its code and route; the span fails only if the fault is not the caller's."""
    recorder = Recorder()
    answered(recorder, problem(error))
    (span,) = recorder.spans()

    assert (span.status.status_code, (span.attributes or {})["switchboard.code"]) == (status, error.code)
    assert recorder.values() == {
        (
            "switchboard.requests.refused",
            (("http.route", "/api/calls/{call_id}"), ("switchboard.code", error.code)),
        ): 1
    }


def test_what_is_no_call_id() -> None:
    """A stranger's text in the place of a call id is not recorded."""
    recorder = Recorder()
    answered(recorder, problem(CallNotFound()), call_id="Swordfish!")

    assert "switchboard.call_id" not in (recorder.spans()[0].attributes or {})


def test_a_preflight() -> None:
    """A preflight is no request of its own."""
    recorder = Recorder()
    answered(recorder, func.HttpResponse(status_code=204), method="OPTIONS")

    assert recorder.spans() == []
