"""Reads Bicep files as far as the tests need: declarations, decorators, and the names that expressions mention.

The compiler is not installed everywhere, so the workflow compiles with it. This module only parses. Of types it knows
what the type of a parameter says about its values.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

INFRA = Path(__file__).parents[2] / "infra"
FILES = sorted(INFRA.rglob("*.bicep"))
_PARSER = Parser(Language(tree_sitter_bicep.language()))
_DECLARATIONS = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "module_declaration": "module",
    "output_declaration": "output",
    "resource_declaration": "resource",
    "type_declaration": "type",
}
# What this parser does not know: a variable with a type.
_TYPED_VARIABLE = re.compile(rb"^(var \w+) (\w+) =", re.MULTILINE)


@dataclass(frozen=True)
class Declaration:
    """Holds one param, var, module, output, resource or type, with the literal arguments of its decorators."""

    kind: str
    name: str
    node: Node
    decorators: dict[str, Any] = field(default_factory=dict)
    # The type that stands beside a variable's name, empty for none.
    declared: str = ""

    @property
    def value(self) -> Node | None:
        """Return the node to the right of the equals sign."""
        children = self.node.children
        equals = next((i for i, child in enumerate(children) if child.type == "="), None)
        return None if equals is None else next(c for c in children[equals + 1 :] if c.is_named)

    @property
    def type(self) -> str:
        """Return the text of the declared type; for a resource or module, the string after its name."""
        children = self.node.children
        if self.kind == "type":
            # A name for a type: the type stands where a value would.
            return text(self.node).partition("=")[2].strip()
        end = next(
            (i for i, child in enumerate(children) if child.type in ("=", "if_statement", "object")), len(children)
        )
        start = next(i for i, child in enumerate(children) if child.type == "identifier") + 1
        found = b" ".join(child.text or b"" for child in children[start:end]).decode().strip()
        return found if "|" in found else found.strip("'")

    @property
    def body(self) -> Node | None:
        """Return the object of a resource or module, inside any condition or loop."""
        return next((node for node in walk(self.value) if node.type == "object"), None) if self.value else None


@dataclass(frozen=True)
class Bicep:
    """Holds one parsed file."""

    path: Path
    root: Node
    declarations: tuple[Declaration, ...]

    def of(self, kind: str) -> dict[str, Declaration]:
        """Return the declarations of one kind by name."""
        return {one.name: one for one in self.declarations if one.kind == kind}

    def faults(self) -> list[int]:
        """Return the numbers of the lines that are not valid Bicep."""
        return [node.start_point[0] + 1 for node in walk(self.root) if node.type == "ERROR" or node.is_missing]

    def mentions(self) -> list[str]:
        """Return every identifier in the file, including declarations but not member and property names."""
        return [
            text(node)
            for node in walk(self.root)
            if node.type == "identifier" and not (node.parent and _is_key(node.parent, node))
        ]


def _is_key(parent: Node, node: Node) -> bool:
    return parent.type == "object_property" and parent.children[0] == node


def text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


@cache
def parse(path: Path) -> Bicep:
    source = path.read_bytes()
    declared = {name.split()[-1].decode(): kind.decode() for name, kind in _TYPED_VARIABLE.findall(source)}
    root = _PARSER.parse(_TYPED_VARIABLE.sub(rb"\1 =", source)).root_node
    declarations, decorators = [], {}
    for child in root.children:
        if child.type == "decorators":
            decorators = dict(_decorator(one) for one in child.children)
        elif child.type in _DECLARATIONS:
            name = text(next(c for c in child.children if c.type == "identifier"))
            kind = _DECLARATIONS[child.type]
            typed = declared.get(name, "") if kind == "var" else ""
            declarations.append(Declaration(kind, name, child, decorators, typed))
            decorators = {}
    return Bicep(path, root, tuple(declarations))


def _decorator(node: Node) -> tuple[str, Any]:
    call = next(child for child in node.children if child.type == "call_expression")
    name, arguments = call.children[0], call.children[1]
    given = next((child for child in arguments.children if child.is_named), None)
    return text(name), None if given is None else literal(given)


def properties(node: Node) -> dict[str, Node]:
    """Return the properties of an object by name."""
    found = {}
    for child in node.children:
        if child.type == "object_property":
            named = [one for one in child.children if one.is_named]
            found[text(named[0]).strip("'")] = named[-1]
    return found


def at(node: Node | None, *path: str) -> Node:
    """Return the property at this path inside an object."""
    for name in path:
        assert node is not None
        node = properties(node)[name]
    assert node is not None
    return node


def literal(node: Node) -> Any:
    """Return the value of a literal, or the source text of anything else."""
    match node.type:
        case "string" if not any(child.type == "interpolation" for child in node.children):
            return text(node)[1:-1].replace("\\'", "'")
        case "number":
            return int(text(node))
        case "boolean":
            return text(node) == "true"
        case "array":
            return [literal(child) for child in node.children if child.is_named and child.type != "comment"]
        case "object":
            return {name: literal(value) for name, value in properties(node).items()}
    return text(node)


def strings(node: Node) -> list[str]:
    """Return all string literals below a node, without their quotes."""
    return [text(one)[1:-1] for one in walk(node) if one.type == "string"]


@dataclass(frozen=True)
class Range:
    """Says what a value may be: one of `allowed`, or an integer from `least` to `most`; None where anything goes."""

    kind: str
    allowed: tuple[str | int, ...] | None = None
    least: int | None = None
    most: int | None = None


def range_of(parameter: Declaration) -> Range:
    """Return what a top-level parameter may be, by its own type or the one in types.bicep that it names."""
    decorators, kind = parameter.decorators, parameter.type
    if kind in VALUES:
        decorators, kind = VALUES[kind].decorators, VALUES[kind].type
    if "allowed" in decorators:
        return Range(kind, tuple(decorators["allowed"]))
    if "|" in kind:
        members = [one.strip() for one in kind.split("|")]
        words = all(member.startswith("'") for member in members)
        return Range("string" if words else "int", tuple(m.strip("'") if words else int(m) for m in members))
    return Range(kind, None, decorators.get("minValue"), decorators.get("maxValue"))


MAIN = parse(INFRA / "main.bicep")
TYPES = parse(INFRA / "types.bicep")
VALUES = {name: one for name, one in TYPES.of("type").items() if "sealed" not in one.decorators}
GROUPS = {name: one for name, one in TYPES.of("type").items() if "sealed" in one.decorators}
