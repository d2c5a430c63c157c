"""Answers a request in a span, and counts what is refused."""

import json
from collections.abc import Callable

import azure.functions as func

from switchboard.realtime.service import is_call_id
from switchboard.telemetry.figures import CALL_ID, CODE, REFUSALS, ROUTE, AttributeValue, Measurement
from switchboard.telemetry.port import Telemetry
from switchboard.triggers.description import Operation


def traced(
    telemetry: Telemetry,
    operation: Operation,
    request: func.HttpRequest,
    context: func.Context,
    answer: Callable[[], func.HttpResponse],
) -> func.HttpResponse:
    """Return the answer to a request, and record how it was found.

    The span continues the one of the Functions host, which continues the page's. Preflights are not recorded.
    """
    if request.method == "OPTIONS":
        return answer()
    route = f"/api/{operation.path}"
    told: dict[str, AttributeValue] = {"http.request.method": operation.method, ROUTE: route}
    call_id = request.route_params.get("call_id", "")
    if is_call_id(call_id):
        told[CALL_ID] = call_id
    parent = context.trace_context.trace_parent or request.headers.get("traceparent", "")
    with telemetry.span(operation.name, told, parent=parent) as span:
        response = answer()
        span.set({"http.response.status_code": response.status_code})
        if code := refusal_code(response):
            span.set({CODE: code})
            if response.status_code >= 500:
                span.fail(code)
            telemetry.measure(Measurement(REFUSALS, 1, {CODE: code, ROUTE: route}))
        return response


def refusal_code(response: func.HttpResponse) -> str:
    """Return the code of the problem that an answer tells; an empty text for an answer that is no problem."""
    if response.status_code < 400:
        return ""
    return str(json.loads(response.get_body())["code"])
