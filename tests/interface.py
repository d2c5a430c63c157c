"""Holds the answers that tests get from the gateway against docs/openapi.json."""

import json
import re
from functools import cache
from typing import Any

import requests
from jsonschema import Draft202012Validator

from tests.processes import ROOT

JSON = dict[str, Any]


@cache
def document() -> JSON:
    """Return docs/openapi.json."""
    found: JSON = json.loads((ROOT / "docs/openapi.json").read_text())
    return found


def check_answer(answer: requests.Response) -> None:
    """Check that the document declares this answer: its status, required headers, media type, body, and problem code.

    A method or path that the document does not have must be answered with 404, preflights excepted.
    """
    method, path = answer.request.method or "", answer.request.path_url.partition("?")[0]
    operation = _operation(method, path)
    if operation is None:
        assert method == "OPTIONS" or answer.status_code == 404, f"{method} {path} is not in docs/openapi.json"
        return
    where = f"{method} {path} answered {answer.status_code} {answer.text[:300]!r}, but docs/openapi.json"
    declared = operation["responses"].get(str(answer.status_code))
    assert declared is not None, f"{where} declares {', '.join(operation['responses'])}"
    for name, header in declared["headers"].items():
        assert name in answer.headers or not _resolved(header).get("required"), f"{where} requires {name}"
    # An empty body has no form, whatever type the host gives it.
    media_type = answer.headers.get("Content-Type") if answer.content else None
    assert media_type in declared.get("content", {None: ""}), f"{where} does not declare {media_type}"
    if media_type and media_type.endswith("json") and media_type != "application/x-ndjson":
        schema = declared["content"][media_type]["schema"]
        errors = list(_validator(json.dumps(schema)).iter_errors(answer.json()))
        assert not errors, f"{where} says otherwise: {errors[0].message}"


def _operation(method: str, path: str) -> JSON | None:
    for template, methods in document()["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path) and method.lower() in methods:
            found: JSON = methods[method.lower()]
            return found
    return None


def _resolved(value: JSON) -> JSON:
    """Return what a reference into the document refers to; another value as it is."""
    reference = value.get("$ref")
    if reference is None:
        return value
    found = document()
    for step in reference.split("/")[1:]:
        found = found[step]
    return found


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": document()["components"]})
