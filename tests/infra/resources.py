"""Checks the resources of Bicep files against Azure's types, which tests/infra/types/azure.json has an extract of.

The compiler checks the same and more where it can be had. Like the compiler, this looks at what can be known without a
deployment: literals, texts with parts put in, both ends of a condition, and parameters by their type. It is stricter in
one thing: of a text with published values, no other value is accepted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tree_sitter import Node

from tests.infra.bicep import GROUPS, VALUES, Bicep, literal, properties, text, walk

_BICEPS_OWN = {"parent", "scope", "dependson"}
_KINDS = {"string": "string", "int": "int", "bool": "bool", "array": "array", "object": "object"}


@dataclass(frozen=True)
class Resource:
    """Holds one resource declaration: `Type@version`, its body, and whether it is only looked up."""

    name: str
    body: Node
    existing: bool


@dataclass(frozen=True)
class Fault:
    """Says where in a file something is wrong, and what."""

    line: int
    what: str


def resources(file: Bicep) -> Iterator[Resource]:
    """Return the resources that a file declares, those in loops and under conditions too."""
    for one in file.of("resource").values():
        name = next(text(node).strip("'") for node in one.node.children if node.type == "string")
        body = next(node for node in walk(one.node) if node.type == "object")
        yield Resource(name, body, " existing " in text(one.node).split("{")[0])


def possible(node: Node) -> Iterator[Node]:
    """Return what an expression may turn out to be: the ends of its conditions, or itself."""
    match node.type:
        case "ternary_expression" | "conditional_expression":
            for end in node.named_children[1:]:
                yield from possible(end)
        case "parenthesized_expression":
            yield from possible(node.named_children[0])
        case "if_statement":
            yield from possible(node.named_children[-1])
        case _:
            yield node


def items(node: Node) -> list[Node]:
    """Return the items that an array has in the file: those of a literal, or the body of its loop."""
    if node.type == "for_statement":
        return list(possible(node.named_children[-1]))
    if node.type != "array" or "(" in text(node).partition("{")[0]:
        # The parser takes a call inside an array apart.
        return []
    return [child for child in node.named_children if child.type != "comment"]


def kind_in_bicep(node: Node, file: Bicep) -> str | None:
    """Return the kind of a value (string, int, bool, array, object), or None if it cannot be told."""
    match node.type:
        case "string" | "multiline_string":
            return "string"
        case "number":
            return "int"
        case "boolean":
            return "bool"
        case "array" | "for_statement":
            return "array"
        case "object":
            return "object"
        case "identifier":
            parameter = file.of("param").get(text(node))
            return _declared(parameter.type) if parameter else None
        case "member_expression":
            owner, _, field = text(node).partition(".")
            parameter = file.of("param").get(owner)
            group = GROUPS.get(parameter.type) if parameter else None
            return _declared(_field(group.node, field)) if group else None
    return None


def _field(group: Node, name: str) -> str:
    lines = [line.strip() for line in text(group).splitlines()]
    return next((line.partition(": ")[2] for line in lines if line.startswith(f"{name}: ")), "")


def _declared(kind: str) -> str | None:
    kind = VALUES[kind].type if kind in VALUES else kind
    if kind.endswith("[]"):
        return "array"
    if "|" in kind:
        return "string" if "'" in kind else "int"
    return "object" if kind in GROUPS else _KINDS.get(kind)


def faults(file: Bicep, types: dict[str, Any]) -> Iterator[Fault]:
    """Return what is wrong with the resources of a file."""
    for one in resources(file):
        kind = types.get(one.name)
        if kind is None:
            yield Fault(one.body.start_point[0] + 1, f"{one.name} is not in azure.json: run tests.infra.types.reduce")
        elif not one.existing:
            yield from _value(one.body, kind, file, one.name.partition("@")[0])


def _value(node: Node, kind: dict[str, Any], file: Bicep, where: str) -> Iterator[Fault]:
    for value in possible(node):
        line = value.start_point[0] + 1
        found = kind_in_bicep(value, file)
        wanted = "object" if kind["kind"] == "choice" else kind["kind"]
        # null leaves a property out.
        if wanted == "any" or found is None or text(value) == "null":
            continue
        if found != wanted:
            yield Fault(line, f"{where} is of the kind {wanted}, not {found}")
        elif wanted == "object":
            yield from _object(value, _chosen(value, kind), file, where)
        elif wanted == "array":
            for item in items(value):
                yield from _value(item, kind["item"], file, f"{where}[]")
        else:
            yield from (Fault(line, f"{where}: {what}") for what in _limits(value, kind))


def _limits(node: Node, kind: dict[str, Any]) -> Iterator[str]:
    value = literal(node)
    if node.type == "string" and not any(child.type == "interpolation" for child in walk(node)):
        if "values" in kind and value not in kind["values"]:
            yield f"{value!r} is none of {', '.join(kind['values'])}"
        if not kind.get("minLength", 0) <= len(value) <= kind.get("maxLength", len(value)):
            yield f"{value!r} is too short or too long"
    if node.type == "number" and not kind.get("minValue", value) <= value <= kind.get("maxValue", value):
        yield f"{value} is out of range"


def _chosen(node: Node, kind: dict[str, Any]) -> dict[str, Any] | None:
    if kind["kind"] != "choice":
        return kind
    value = properties(node).get(kind["on"])
    found: dict[str, Any] | None = kind["elements"].get(literal(value)) if value is not None else None
    return found


def _object(node: Node, kind: dict[str, Any] | None, file: Bicep, where: str) -> Iterator[Fault]:
    line = node.start_point[0] + 1
    if kind is None:
        yield Fault(line, f"{where} is none of the forms that Azure knows")
        return
    known = {name.lower(): (name, one) for name, one in kind["properties"].items()}
    given = {name.lower(): value for name, value in properties(node).items()}
    for name, value in given.items():
        if name in known:
            proper, one = known[name]
            if one.get("readOnly") and proper != "name":
                yield Fault(value.start_point[0] + 1, f"{where}.{proper} is read-only")
            else:
                yield from _value(value, one, file, f"{where}.{proper}")
        elif not kind.get("open") and name not in _BICEPS_OWN and not name.startswith("${"):
            yield Fault(value.start_point[0] + 1, f"{where}.{name} is not known: run tests.infra.types.reduce")
    yield from _missing(known.values(), given, line, where)


def _missing(
    known: Iterable[tuple[str, dict[str, Any]]], given: dict[str, Node], line: int, where: str
) -> Iterator[Fault]:
    for name, one in known:
        implied = name in ("type", "apiVersion") or (name == "name" and "parent" in given)
        if one.get("required") and not one.get("readOnly") and not implied and name.lower() not in given:
            yield Fault(line, f"{where}.{name} is required")
