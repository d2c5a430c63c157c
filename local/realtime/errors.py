"""This module builds the service's refusals, in the service's own words.

Two layers can refuse a request: the front end of Azure, whose errors have only `code` and `message`, and the Realtime
API behind it, whose errors also have `type` and `param`.
"""

from typing import Any

INVALID_REQUEST = "invalid_request_error"


class ServiceError(Exception):
    """This error is a refusal by the service: an HTTP answer at the endpoints, an `error` event in a running call."""

    def __init__(self, status: int, error: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status, error)
        self.status = status
        """The HTTP status code of the answer."""
        self.error = error
        """The object that the answer's body, or the `error` event, holds under `error`."""
        self.headers = headers or {}
        """HTTP headers that the answer has besides the usual ones; an `error` event ignores them."""


def invalid(code: str, message: str, param: str | None = None, status: int = 400) -> ServiceError:
    """Build a refusal by the Realtime API itself; `param` is the path of the field that it is about."""
    return ServiceError(status, {"code": code, "message": message, "type": INVALID_REQUEST, "param": param})


def unknown_parameter(path: str) -> ServiceError:
    """Return the refusal of a field that the API does not know, such as a flat field of the preview protocol."""
    return invalid("unknown_parameter", f"Unknown parameter: '{path}'.", path)


def missing_parameter(path: str) -> ServiceError:
    """Return the refusal of a request that lacks a required field."""
    return invalid("missing_required_parameter", f"Missing required parameter: '{path}'.", path)


def wrong_type(path: str, expected: str, value: object) -> ServiceError:
    """Return the refusal of a field whose JSON type is not the `expected` one, which is named in the API's words."""
    message = f"Invalid type for '{path}': expected {expected}, but got {json_type(value)} instead."
    return invalid("invalid_type", message, path)


def invalid_value(path: str, value: object, supported: list[str]) -> ServiceError:
    """Return the refusal of a field of the right type whose value is not one of those `supported`."""
    choices = ", ".join(f"'{choice}'" for choice in supported)
    return invalid("invalid_value", f"Invalid value: '{value}'. Supported values are: {choices}.", path)


def out_of_range(path: str, value: float, low: float, high: float) -> ServiceError:
    """Return the refusal of a number that is below `low` or above `high`."""
    if value < low:
        text = f"Invalid '{path}': integer below minimum value. Expected a value >= {low}, but got {value} instead."
        return invalid("integer_below_min_value", text, path)
    text = f"Invalid '{path}': integer above maximum value. Expected a value <= {high}, but got {value} instead."
    return invalid("integer_above_max_value", text, path)


def json_type(value: object) -> str:
    """Return the JSON type of a Python value in the words of the API."""
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
    """Build a refusal by the front end of Azure."""
    return ServiceError(status, {"code": code, "message": message}, headers)


def unauthorized_key() -> ServiceError:
    """Return the refusal of a request that has no credentials, or a wrong `api-key`."""
    return front(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
        "active subscription and use a correct regional API endpoint for your resource.",
    )


def unauthorized_token() -> ServiceError:
    """Return the refusal of a bearer token that was not issued for this service, or that has expired."""
    return front(
        401,
        "401",
        "Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), "
        "or have expired.",
    )


def needs_ephemeral_token() -> ServiceError:
    """Return the refusal of any credential but a client secret, which is all that the endpoint for calls accepts."""
    return front(401, "Unauthorized", "This operation requires ephemeral tokens for authentication")


def deployment_not_found() -> ServiceError:
    """Return the refusal of the name of a deployment that the resource does not have."""
    return front(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
        "please wait a moment and try again.",
    )


def not_realtime(deployment: str) -> ServiceError:
    """Return the refusal of a deployment that is not a realtime model. The misspelt code is the service's own."""
    return front(
        400,
        "OpperationNotSupported",
        f"The realtime operation does not work with the specified model, {deployment}. "
        "Please choose different model and try again.",
    )


def call_not_found(call_id: str) -> ServiceError:
    """Return the refusal of a call that never existed or that has ended."""
    return invalid("call_id_not_found", f"No call found with call_id '{call_id}'.", "call_id", status=404)
