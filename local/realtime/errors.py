"""Answers in JSON, and refusals in the service's words.

Two layers answer: the Azure front (`code` and `message` only) and the Realtime API behind it (all four fields).
"""

import json
from typing import Any

from aiohttp import web

INVALID_REQUEST = "invalid_request_error"


class ServiceError(Exception):
    """A refusal: an HTTP answer at the REST endpoints, an `error` event on a running call."""

    def __init__(self, status: int, error: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status, error)
        self.status = status
        """HTTP status."""
        self.error = error
        """What stands under `error` in the body."""
        self.headers = headers or {}

    def answer(self) -> web.Response:
        """The refusal as an HTTP answer."""
        return json_answer({"error": self.error}, self.status, self.headers)


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with the plain `Content-Type: application/json` that Azure was recorded to send."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


def invalid(code: str, message: str, param: str | None = None, status: int = 400) -> ServiceError:
    """A refusal by the Realtime API itself."""
    return ServiceError(status, {"code": code, "message": message, "type": INVALID_REQUEST, "param": param})


def unknown_parameter(path: str) -> ServiceError:
    """A field the API does not know; the preview protocol's flat fields end here."""
    return invalid("unknown_parameter", f"Unknown parameter: '{path}'.", path)


def missing_parameter(path: str) -> ServiceError:
    """A required field is absent."""
    return invalid("missing_required_parameter", f"Missing required parameter: '{path}'.", path)


def wrong_type(path: str, expected: str, value: object) -> ServiceError:
    """A field has another JSON type than the API expects."""
    message = f"Invalid type for '{path}': expected {expected}, but got {json_type(value)} instead."
    return invalid("invalid_type", message, path)


def invalid_value(path: str, value: object, supported: list[str]) -> ServiceError:
    """A field has the right type and a value the API does not offer."""
    choices = ", ".join(f"'{choice}'" for choice in supported)
    return invalid("invalid_value", f"Invalid value: '{value}'. Supported values are: {choices}.", path)


def out_of_range(path: str, value: float, low: float, high: float) -> ServiceError:
    """A number outside its limits."""
    if value < low:
        text = f"Invalid '{path}': integer below minimum value. Expected a value >= {low}, but got {value} instead."
        return invalid("integer_below_min_value", text, path)
    text = f"Invalid '{path}': integer above maximum value. Expected a value <= {high}, but got {value} instead."
    return invalid("integer_above_max_value", text, path)


def json_type(value: object) -> str:
    """The JSON type of a Python value, in the API's words."""
    if isinstance(value, bool):
        return "a boolean"
    names: dict[type, str] = {
        str: "a string",
        int: "an integer",
        float: "a decimal",
        list: "an array",
        dict: "an object",
    }
    return names.get(type(value), "null")


def front(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> ServiceError:
    """A refusal by the Azure front."""
    return ServiceError(status, {"code": code, "message": message}, headers)


def unauthorized_key() -> ServiceError:
    """No credentials, or a wrong `api-key`."""
    return front(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
        "active subscription and use a correct regional API endpoint for your resource.",
    )


def unauthorized_token() -> ServiceError:
    """A bearer token that is not one for this service, or is no longer."""
    return front(
        401,
        "401",
        "Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), "
        "or have expired.",
    )


def needs_ephemeral_token() -> ServiceError:
    """`/realtime/calls` takes client secrets and nothing else (seen by two independent projects on Azure)."""
    return front(401, "Unauthorized", "This operation requires ephemeral tokens for authentication")


def deployment_not_found() -> ServiceError:
    """The resource has no deployment of that name."""
    return front(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
        "please wait a moment and try again.",
    )


def not_realtime(deployment: str) -> ServiceError:
    """The deployment exists and is not a realtime model. The code's spelling is the service's."""
    return front(
        400,
        "OpperationNotSupported",
        f"The realtime operation does not work with the specified model, {deployment}. "
        "Please choose different model and try again.",
    )


def call_not_found(call_id: str) -> ServiceError:
    """The call never was, or is over."""
    return invalid("call_id_not_found", f"No call found with call_id '{call_id}'.", "call_id", status=404)
