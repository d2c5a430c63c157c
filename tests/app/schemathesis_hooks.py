"""What schemathesis must know beside the OpenAPI document. It runs by itself and imports this file."""

import os
import zlib
from typing import Any

import schemathesis
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario

# Calls that are up, by their ids: generated ids are those of no call.
TO_STEER, *TO_END = os.environ["CALL_IDS"].split()


@schemathesis.serializer("application/sdp")
def sdp(_context: schemathesis.SerializationContext, value: Any) -> Any:
    """Send an SDP body as it is."""
    return {"data": str(value).encode(errors="replace")}


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]) -> None:
    """Put a call that exists in the place of three in four that do not."""
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    for place in (case.path_parameters, case.body):
        if not isinstance(place, dict) or "call_id" not in place:
            continue
        if case.operation.definition.raw["operationId"] in ("get_call", "steer_call"):
            place["call_id"] = TO_STEER
        elif (number := zlib.crc32(str(place["call_id"]).encode())) % 4:
            place["call_id"] = TO_END[number % len(TO_END)]


@schemathesis.check
def wrong_method_is_not_found(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Say that a method which a path does not have is answered as a path that is not there."""
    data = case.meta.phase.data if case.meta else None
    if not isinstance(data, CoveragePhaseData) or data.scenario != CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return
    if response.request.method != "OPTIONS":
        assert response.status_code == 404, f"{response.request.method} was answered with {response.status_code}"
