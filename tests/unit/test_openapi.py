"""Tests that the OpenAPI document is valid, is kept in docs/, and describes every function that the app registers."""

import json
import runpy
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from switchboard.triggers.openapi import encoded_document
from switchboard.triggers.schemas import Schemas
from switchboard.triggers.unknown import ABSENT
from tests.examples import ENVIRON
from tests.processes import ROOT

JSON = dict[str, Any]
DOCUMENT: JSON = json.loads(encoded_document())


def test_valid() -> None:
    """The document follows the specification, 3.1 with its own dialect of JSON Schema."""
    # Imported here, so that one worker of the unit tests needs it and not each.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert DOCUMENT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_kept() -> None:
    """docs/openapi.json is up to date, which means that `make openapi` would not change it."""
    kept = json.loads((ROOT / "docs/openapi.json").read_text())
    assert kept == DOCUMENT, "docs/openapi.json is out of date: run `make openapi`."


def operations() -> Iterator[tuple[str, str, JSON]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_function_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document describes exactly the HTTP functions that the app registers, with names, paths and methods.

    Functions that only say that there is no such route are no part of the interface.
    """
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    # The app warms up behind its functions, and the test waits for the end of that.
    monkeypatch.setattr("switchboard.services.SDK_AFTER_SECONDS", 0)
    functions = runpy.run_path(str(ROOT / "function_app.py"))["app"].get_functions()
    triggers = {function.get_function_name(): function.get_trigger().get_dict_repr() for function in functions}
    registered = {
        (name, method, f"/api/{trigger['route']}")
        for name, trigger in triggers.items()
        if trigger["type"] == "httpTrigger"
        for method in (str(getattr(method, "value", method)) for method in trigger["methods"])
        if method != "OPTIONS" and name not in ABSENT
    }

    assert registered == {(operation["operationId"], method, path) for method, path, operation in operations()}


def contents() -> Iterator[Any]:
    """Yield each body of a request or an answer, with a name for it."""
    for method, path, operation in operations():
        bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for where, body in bodies.items():
            for media_type, content in body.get("content", {}).items():
                yield pytest.param(content, id=f"{method} {path} {where} {media_type}")


@pytest.mark.parametrize("content", list(contents()))
def test_examples(content: JSON) -> None:
    """Every body has an example, and each example matches the body's schema."""
    examples = [DOCUMENT["components"]["examples"][code]["value"] for code in content.get("examples", {})]
    examples += [content["example"]] if "example" in content else []
    validator = Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]})

    assert examples
    for example in examples:
        # Problems for OpenAI's clients share the examples of the others, which have no `error`.
        assert [e for e in validator.iter_errors(example) if e.validator_value != ["error"]] == []


class Inner(msgspec.Struct):
    """A struct in another."""

    name: str = ""


class Outer(msgspec.Struct):
    """A struct.

    It has two paragraphs,
    of which this is one.
    """

    inner: Inner
    count: Annotated[int, msgspec.Meta(ge=0)] = 0
    note: str | msgspec.UnsetType = msgspec.UNSET


def test_what_is_sent_is_always_there() -> None:
    """A client may leave out a field with a default; the gateway leaves out only fields that are unset."""
    read, sent = Schemas(), Schemas()
    assert read.read(Outer) == sent.sent(Outer) == {"$ref": "#/components/schemas/Outer"}

    assert read.components["Outer"]["required"] == ["inner"]
    assert read.components["Outer"]["properties"]["count"] == {"type": "integer", "minimum": 0, "default": 0}
    assert sent.components["Outer"]["required"] == ["inner", "count"]
    assert sent.components["Outer"]["properties"]["count"] == {"type": "integer", "minimum": 0}
    assert sent.components["Inner"]["required"] == ["name"]
    assert sent.components["Outer"]["description"] == "A struct.\n\nIt has two paragraphs, of which this is one."


def test_one_name_for_one_form() -> None:
    """A struct cannot have two different schemas, for reading and for sending, under the same name."""
    schemas = Schemas()
    schemas.read(Outer)
    with pytest.raises(ValueError, match="called Outer"):
        schemas.sent(Outer)


def test_what_the_source_says_of_a_field() -> None:
    """The string below a field in the source is its description in the document, where None is called null."""
    token = DOCUMENT["components"]["schemas"]["Token"]["properties"]

    assert token["expires_at"]["description"] == "When the client secret expires, in Unix seconds."
    assert b"None" not in encoded_document().replace(b"If-None-Match", b"")
