"""Reduces Azure's published resource types to those that infra/ uses, and writes azure.json beside this file.

    git clone --depth 1 https://github.com/Azure/bicep-types-az
    python -m tests.infra.types.reduce bicep-types-az

The source is Azure/bicep-types-az, which Microsoft publishes under the MIT licence (LICENSE beside this file). Of
each resource type in infra/, azure.json keeps the properties that infra/ sets and those that Azure requires beside
them, with their kinds, ranges and values. Run it again when infra/ sets a property that it did not set before.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tree_sitter import Node

from tests.infra.bicep import FILES, parse, properties
from tests.infra.resources import Resource, items, possible, resources

HERE = Path(__file__).parent
_REQUIRED, _READ_ONLY = 1, 2


class Published:
    """Reads one types.json: a list whose elements refer to each other by their index."""

    def __init__(self, path: Path) -> None:
        self._all: list[dict[str, Any]] = json.loads(path.read_text())

    def follow(self, reference: dict[str, str]) -> dict[str, Any]:
        """Return the element that a reference names."""
        return self._all[int(reference["$ref"].rpartition("/")[2])]

    def body(self, name: str) -> dict[str, Any] | None:
        """Return the type of a resource's body, or None if this file does not have the resource."""
        for one in self._all:
            if one["$type"] == "ResourceType" and one["name"].lower() == name.lower():
                return self.follow(one["body"])
        return None

    def reduced(self, kind: dict[str, Any], used: list[Node]) -> dict[str, Any]:
        """Return the type with what the values in Bicep use of it."""
        match kind["$type"]:
            case "ObjectType":
                return self._object(kind.get("properties", {}), used, open_ended="additionalProperties" in kind)
            case "DiscriminatedObjectType":
                return self._choice(kind, used)
            case "ArrayType":
                found = [item for node in used for value in possible(node) for item in items(value)]
                return {"kind": "array", "item": self.reduced(self.follow(kind["itemType"]), found)}
            case "UnionType":
                return self._union([self.follow(one) for one in kind["elements"]], used)
            case "StringType":
                return {"kind": "string", **_limits(kind, "minLength", "maxLength")}
            case "StringLiteralType":
                return {"kind": "string", "values": [kind["value"]]}
            case "IntegerType":
                return {"kind": "int", **_limits(kind, "minValue", "maxValue")}
            case "BooleanType":
                return {"kind": "bool"}
        return {"kind": "any"}

    def _union(self, members: list[dict[str, Any]], used: list[Node]) -> dict[str, Any]:
        literals = [one["value"] for one in members if one["$type"] == "StringLiteralType"]
        others = [one for one in members if one["$type"] not in ("StringLiteralType", "NullType")]
        if literals:
            return {"kind": "string", "values": literals}
        return self.reduced(others[0], used) if len(others) == 1 else {"kind": "any"}

    def _object(self, known: dict[str, Any], used: list[Node], *, open_ended: bool) -> dict[str, Any]:
        given: dict[str, list[Node]] = {}
        for node in used:
            for value in possible(node):
                if value.type == "object":
                    for name, inner in properties(value).items():
                        given.setdefault(name.lower(), []).append(inner)
        found = {}
        for name, entry in known.items():
            flags, values = entry.get("flags", 0), given.get(name.lower(), [])
            if not values and not flags & _REQUIRED:
                continue
            kind = self.reduced(self.follow(entry["type"]), values) if values else {"kind": "any"}
            marks = {"required": True} if flags & _REQUIRED else {}
            marks |= {"readOnly": True} if flags & _READ_ONLY else {}
            found[name] = {**kind, **marks}
        return {"kind": "object", "properties": found, **({"open": True} if open_ended else {})}

    def _choice(self, kind: dict[str, Any], used: list[Node]) -> dict[str, Any]:
        elements = {}
        for value, reference in kind["elements"].items():
            element = self.follow(reference)
            chosen = [node for node in used if _says(node, kind["discriminator"], value)]
            if chosen:
                both = {**kind.get("baseProperties", {}), **element.get("properties", {})}
                elements[value] = self._object(both, chosen, open_ended="additionalProperties" in element)
        return {"kind": "choice", "on": kind["discriminator"], "elements": elements}


def _limits(kind: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: kind[name] for name in names if name in kind}


def _says(node: Node, name: str, value: str) -> bool:
    return any(
        inner.text == f"'{value}'".encode()
        for one in possible(node)
        if one.type == "object"
        for key, inner in properties(one).items()
        if key == name
    )


def reduce(source: Path) -> dict[str, Any]:
    """Return the reduced types of everything in infra/, by name and version."""
    uses: dict[str, list[Resource]] = {}
    for path in FILES:
        for one in resources(parse(path)):
            uses.setdefault(one.name, []).append(one)
    found = {}
    for name, used in sorted(uses.items()):
        provider, version = name.split("/")[0].lower(), name.partition("@")[2]
        for path in sorted(source.glob(f"generated/*/{provider}/{version}/types.json")):
            published = Published(path)
            body = published.body(name)
            if body is not None:
                found[name] = published.reduced(body, [one.body for one in used if not one.existing])
                break
        else:
            raise SystemExit(f"{name} is in no types.json of {source}")
    return found


def main() -> None:
    """Write azure.json from a clone of Azure/bicep-types-az."""
    source = Path(sys.argv[1])
    commit = subprocess.run(
        ["/usr/bin/env", "git", "-C", str(source), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    document = {
        "source": "https://github.com/Azure/bicep-types-az",
        "commit": commit,
        "licence": "MIT, Copyright (c) Microsoft Corporation",
        "types": reduce(source),
    }
    (HERE / "azure.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
