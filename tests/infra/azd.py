"""What azd makes of main.parameters.json: a model of its rules, for what no compiler sees.

The rules (azd's bicep_provider.go, the same from 1.25.6 to August 2026): the file is JSON before anything is put into
it. A parameter that is an object or array, given as one text, is filled in and then read as JSON of its own. In any
other, the variables are put into the value's JSON text. `${NAME=word}` stands for the word where NAME is unset or
empty. A parameter whose text came out empty because its variable is not set is left out. Text becomes a number or
boolean only where the parameter itself is one: what cannot be read is dropped, and inside an object it stays text. A
type that has a name is looked up one name deep, and no deeper.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.infra.bicep import INFRA, MAIN, VALUES, Declaration, literal

_VARIABLE = re.compile(r"\$\{(\w+)(?:=([^}]*))?\}")
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")


class AzdStopsError(Exception):
    """azd gives up with a message of its own."""


def kind_of(parameter: Declaration) -> str:
    """string, int, bool, object or array, as azd finds it. Raises AzdStopsError for a name that stands for a name."""
    kind = parameter.type
    if kind in VALUES:
        kind = VALUES[kind].type
        if re.fullmatch(r"\w+", kind) and kind not in ("string", "int", "bool", "object", "array"):
            raise AzdStopsError(f"{parameter.name}: a name for a name")
    if "|" in kind:
        return "string" if "'" in kind else "int"
    return "array" if kind.endswith("[]") else kind


def _fill(text: str, env: Mapping[str, str]) -> tuple[str, bool]:
    unset = False

    def one(found: re.Match[str]) -> str:
        nonlocal unset
        unset = unset or found[1] not in env
        return env.get(found[1], "") or found[2] or ""

    return _VARIABLE.sub(one, text), unset


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise AzdStopsError(text) from error


def _converted(kind: str, value: Any, default: Any) -> Any:
    """Return the value that is deployed; None for the template's default."""
    if not isinstance(value, str):
        return value
    if kind == "bool":
        return True if value in _TRUE else False if value in _FALSE else None
    if kind == "int":
        return int(value) if re.fullmatch(r"[+-]?\d+", value) else None
    if kind == "string" and not value:
        return value if isinstance(default, str) and default else None
    return value


def deployed(env: Mapping[str, str], file: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the parameters that azd sends, by name; one that is missing has the template's default."""
    document = file or json.loads((INFRA / "main.parameters.json").read_text())
    found = {}
    for name, entry in document["parameters"].items():
        parameter, value = MAIN.of("param")[name], entry["value"]
        kind = kind_of(parameter)
        default = None if parameter.value is None else literal(parameter.value)
        if kind in ("object", "array") and isinstance(value, str):
            text, unset = _fill(value, env)
            if text == "" and unset:
                continue
            read = _read(text)
        else:
            text, unset = _fill(json.dumps(value), env)
            read = _read(text)
            if read == "" and unset:
                continue
        converted = _converted(kind, read, default)
        if converted is not None:
            found[name] = converted
    return found
