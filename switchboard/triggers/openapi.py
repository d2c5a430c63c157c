"""Builds the OpenAPI 3.1 document of all routes: GET /api/openapi.json, and docs/openapi.json (`make openapi`)."""

import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

import azure.functions as func
import msgspec

from switchboard import __version__
from switchboard.callers import CALLER_HEADER
from switchboard.errors import EventRefused, SwitchboardError
from switchboard.late import LateServices
from switchboard.triggers import about, calls, openai, operators, signalling
from switchboard.triggers.description import Content, Open, Operation, Reply
from switchboard.triggers.examples import CALL_ID
from switchboard.triggers.http import Answer, Problem, problem_answer
from switchboard.triggers.routes import Routes
from switchboard.triggers.schemas import JSON, Schemas

# A cache may keep the document for this long: it changes only with the gateway's version.
CACHE_SECONDS = 3600
EXAMPLE_REQUEST_ID = "0af7651916cd43dd8448eb211c80319c"
ABOUT = """\
Switchboard puts a realtime voice model on a web page. Audio goes between the browser and the service over WebRTC; the
gateway sets up the calls, keeps them within limits and records each of them.

Errors are problems (RFC 9457) with a stable `code`. The gateway answers 404 to a method that a path does not have.
Pages of the origins in `ALLOWED_ORIGINS` may send preflights to every path that is not open to anybody."""

GET_OPENAPI = Open(
    name="get_openapi",
    method="GET",
    path="openapi.json",
    tag=about.GET_CONFIG.tag,
    summary="Read this document",
    replies=(
        Reply(
            200,
            "The interface of this gateway.",
            Content("application/json", dict[str, Any], {"openapi": "3.1.1"}),
        ),
    ),
)
OPERATIONS: tuple[Operation, ...] = (
    *signalling.OPERATIONS,
    *calls.OPERATIONS,
    *operators.OPERATIONS,
    *openai.OPERATIONS,
    *about.OPERATIONS,
    GET_OPENAPI,
)
SECURITY_SCHEMES = {
    "visitor": {
        "type": "apiKey",
        "in": "header",
        "name": CALLER_HEADER,
        "description": (
            "Where sign-in is not required, a page sends a random text of 16 to 128 letters, digits, `_` and `-` that "
            "it makes up itself. The text distinguishes visitors: all who send none share one identity."
        ),
    },
    "signed_in": {
        "type": "apiKey",
        "in": "cookie",
        "name": "StaticWebAppsAuthCookie",
        "description": "Where sign-in is required, the site's cookie identifies the visitor. /.auth/login/aad sets it.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An ephemeral token `ek_…` of POST /api/v1/realtime/client_secrets.",
    },
}
REQUEST_ID = {"type": "string", "examples": [EXAMPLE_REQUEST_ID]}


def openapi_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with the handler of GET /api/openapi.json."""
    routes = Routes(services.settings)

    @routes.open(GET_OPENAPI)
    async def get_openapi(_req: func.HttpRequest) -> Answer:
        headers = {"Content-Type": "application/json", "Cache-Control": f"public, max-age={CACHE_SECONDS}"}
        return Answer(200, headers, encoded_document())

    return routes.blueprint


@cache
def encoded_document() -> bytes:
    """Return the document as compact JSON. It is built at the first call and then kept."""
    return msgspec.json.encode(document())


def document() -> JSON:
    """Return the document, built from OPERATIONS and from the structs that they name."""
    schemas = Schemas()
    paths: dict[str, JSON] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/api/{operation.path}", {})[operation.method.lower()] = _operation(operation, schemas)
    raised = {error.code: error for operation in OPERATIONS for error in (*operation.always, *operation.errors)}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Switchboard",
            "version": __version__,
            "summary": "A serverless gateway that puts a realtime voice model on a web page",
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "examples": {code: _problem_example(raised[code]) for code in sorted(raised)},
            "parameters": {
                "request_id": {
                    "name": "x-request-id",
                    "in": "header",
                    "description": "An id for the request, for the log: up to 64 letters, digits, `_`, `.` and `-`.",
                    "schema": REQUEST_ID,
                },
                "call_id": {
                    "name": "call_id",
                    "in": "path",
                    "required": True,
                    "description": "The call's id.",
                    "schema": schemas.read(calls.CallId),
                    "example": CALL_ID,
                },
            },
            "headers": {
                "request_id": {
                    "description": "The id of the request, by which the log knows it.",
                    "required": True,
                    "schema": REQUEST_ID,
                },
                "retry_after": {
                    "description": "The number of whole seconds after which another attempt may succeed.",
                    "schema": {"type": "integer", "minimum": 1},
                },
            },
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _operation(operation: Operation, schemas: Schemas) -> JSON:
    for kind in operation.also:
        schemas.read(kind)
    found: JSON = {"operationId": operation.name, "tags": [operation.tag], "summary": operation.summary}
    if operation.description:
        found["description"] = operation.description
    # If sign-in is not required, a request may come without any of them.
    found["security"] = [*({name: []} for name in operation.security), {}] if operation.security else []
    found["parameters"] = _parameters(operation, schemas)
    if operation.bodies:
        content = {body.media_type: _media(body, schemas.read(body.kind)) for body in operation.bodies}
        found["requestBody"] = {"required": operation.body_required, "content": content}
    found["responses"] = {str(reply.status): _reply(reply, schemas) for reply in operation.replies} | _problems(
        operation, schemas.sent(Problem)
    )
    return found


def _parameters(operation: Operation, schemas: Schemas) -> list[JSON]:
    found: list[JSON] = [{"$ref": "#/components/parameters/request_id"}]
    if "{call_id}" in operation.path:
        found.append({"$ref": "#/components/parameters/call_id"})
    if operation.query:
        fields = schemas.fields(operation.query)
        # The platform drops a parameter whose value is empty, so that it counts as missing.
        found += [
            {"name": name, "in": "query", "allowEmptyValue": True, "schema": schema} for name, schema in fields.items()
        ]
    return found


def _media(content: Content, schema: JSON) -> JSON:
    return {"schema": schema, "example": msgspec.to_builtins(content.example)}


def _reply(reply: Reply, schemas: Schemas) -> JSON:
    headers: JSON = {
        name: {
            "description": header.description,
            "required": True,
            "schema": {"type": "string", "pattern": header.pattern},
            "example": header.example,
        }
        for name, header in reply.headers.items()
    }
    found: JSON = {"description": reply.description, "headers": {**headers, **_REQUEST_ID_HEADER}}
    if reply.content:
        found["content"] = {reply.content.media_type: _media(reply.content, schemas.sent(reply.content.kind))}
    return found


_REQUEST_ID_HEADER = {"X-Request-Id": {"$ref": "#/components/headers/request_id"}}


def _problems(operation: Operation, form: JSON) -> JSON:
    """Return one answer for each status that a refusal may have. It lists the codes of that status."""
    by_status: dict[int, list[type[SwitchboardError]]] = {}
    for error in dict.fromkeys((*operation.always, *operation.errors)):
        by_status.setdefault(error.status, []).append(error)
    return {str(status): _problem(operation, status, by_status[status], form) for status in sorted(by_status)}


def _problem(operation: Operation, status: int, errors: Iterable[type[SwitchboardError]], form: JSON) -> JSON:
    codes = sorted(error.code for error in errors)
    has_error = operation.for_openai or EventRefused.code in codes
    here: JSON = {"properties": {"status": {"const": status}, "code": {"enum": codes}}}
    if has_error:
        here["required"] = ["error"]
    retryable = any(error.retryable for error in errors) and status in (429, 503)
    headers = {"Retry-After": {"$ref": "#/components/headers/retry_after"}} if retryable else {}
    return {
        "description": "; ".join(error.title for error in errors) + ".",
        "headers": {**headers, **_REQUEST_ID_HEADER},
        "content": {
            "application/problem+json": {
                "schema": {"allOf": [form, here]},
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }


def _problem_example(error: type[SwitchboardError]) -> JSON:
    example = EventRefused({"message": "There is nothing to cancel."}) if error is EventRefused else error()
    value = msgspec.json.decode(problem_answer(example, EXAMPLE_REQUEST_ID).body)
    return {"summary": error.title, "value": value}


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.format(encoded_document(), indent=2) + b"\n")
