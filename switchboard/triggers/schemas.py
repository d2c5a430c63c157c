"""Builds JSON schemas of the structs that the routes read and write. The structs' docstrings become descriptions."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec

REFERENCE = "#/components/schemas/{name}"
JSON = dict[str, Any]


class Schemas:
    """Collects the schemas of structs in `components`, by name, as they are asked for."""

    def __init__(self) -> None:
        self.components: dict[str, JSON] = {}

    def read(self, kind: Any) -> JSON:
        """Return the schema of what the gateway reads as `kind`."""
        return self._schema(kind, sent=False)

    def sent(self, kind: Any) -> JSON:
        """Return the schema of what the gateway sends as `kind`, which has all fields, even those with defaults."""
        return self._schema(kind, sent=True)

    def fields(self, struct: type[msgspec.Struct]) -> dict[str, JSON]:
        """Return the schema of each optional field of a struct that is read from a query, which cannot contain null."""
        alone = Schemas()
        alone.read(struct)
        fields = {}
        for name, schema in alone.components[struct.__name__]["properties"].items():
            (some,) = [choice for choice in schema.get("anyOf", [schema]) if choice != {"type": "null"}]
            fields[name] = {**some, "description": schema["description"]}
        return fields

    def _schema(self, kind: Any, *, sent: bool) -> JSON:
        (schema,), components = msgspec.json.schema_components([kind], ref_template=REFERENCE)
        structs = {struct.__name__: struct for struct in _structs(msgspec.inspect.type_info(kind))}
        for name, component in components.items():
            described = _described(component, structs[name], sent=sent)
            if self.components.setdefault(name, described) != described:
                raise ValueError(f"Two different forms are called {name}.")
        return schema


def _described(component: JSON, struct: type[msgspec.Struct], *, sent: bool) -> JSON:
    component = {**component, "description": _flowing(inspect.getdoc(struct) or "")}
    notes = _notes(struct)
    always = set(component["required"])
    properties = {name: dict(schema) for name, schema in component["properties"].items()}
    for field in msgspec.structs.fields(struct):
        schema = properties[field.encode_name]
        if note := notes.get(field.name):
            # OpenAPI 3.1 allows other keywords beside a reference.
            schema["description"] = note
        if sent and not struct.__struct_config__.omit_defaults and field.default is not msgspec.UNSET:
            always.add(field.encode_name)
            schema.pop("default", None)
        properties[field.encode_name] = schema
    return {**component, "properties": properties, "required": [name for name in properties if name in always]}


def _structs(node: Any, seen: set[type] | None = None) -> Iterator[type[msgspec.Struct]]:
    """Yield each struct that occurs in a type which msgspec has inspected."""
    seen = set() if seen is None else seen
    if isinstance(node, msgspec.inspect.StructType):
        if node.cls in seen:
            return
        seen.add(node.cls)
        yield node.cls
    if isinstance(node, tuple):
        for below in node:
            yield from _structs(below, seen)
    elif isinstance(node, msgspec.inspect.Type | msgspec.inspect.Field):
        for name in node.__struct_fields__:
            yield from _structs(getattr(node, name), seen)


def _notes(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the words below each field, by its name, from the struct and from those that it extends."""
    notes: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if base.__module__.startswith("switchboard."):
            notes |= _notes_of_module(base.__module__).get(base.__name__, {})
    return notes


@cache
def _notes_of_module(module: str) -> dict[str, dict[str, str]]:
    """Return the string that directly follows each field in the source, by class and field."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    notes: dict[str, dict[str, str]] = {}
    for definition in [node for node in tree.body if isinstance(node, ast.ClassDef)]:
        for field, below in pairwise(definition.body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    notes.setdefault(definition.name, {})[name] = _flowing(inspect.cleandoc(text))
    return notes


def _flowing(text: str) -> str:
    """Return the text with no line breaks except between paragraphs, and in JSON's words: Python's None is null."""
    return re.sub(r"\bNone\b", "null", re.sub(r"(?<!\n)\n(?!\n)", " ", text))
