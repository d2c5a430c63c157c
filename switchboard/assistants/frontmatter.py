"""Reads an assistant from the text of its file: fields in YAML between two lines of `---`, and then the instructions.

Every fault comes with the number of its line. This module does no I/O.
"""

import contextlib
import re
from typing import TYPE_CHECKING, Any

import msgspec

from switchboard.assistants.assistant import Assistant, FrontMatter
from switchboard.assistants.plainfields import Lines, read_plain

if TYPE_CHECKING:
    import yaml

_FENCE = "---"
# Where in a value msgspec found a fault: `$.limits.max_call_seconds`, `$.tools[0]`, or `$` for the value itself.
_PATH = r" - at `(?:key in )?\$([^`]*)`$"
_STEP = r"\.(\w+)|\[(\d+)\]"


class Faults(Exception):
    """This error means that the text describes no assistant. `found` holds the line and the words of each fault."""

    def __init__(self, found: list[tuple[int, str]]) -> None:
        self.found = found
        super().__init__(found)


def parse(name: str, text: str) -> tuple[Assistant, Lines]:
    """Return the assistant of this name that the text describes, and the line of each of its fields.

    Raises Faults, with every fault of the text.
    """
    front, body = _split(text)
    instructions = body.strip()
    plain = read_plain(front)
    if plain and instructions:
        # If the fields are wrong, the YAML parser's nodes help to name every fault.
        with contextlib.suppress(msgspec.ValidationError):
            fields = msgspec.convert(plain[0], FrontMatter)
            return Assistant(name=name, instructions=instructions, **msgspec.structs.asdict(fields)), plain[1]
    return _parse_yaml(name, front, instructions, len(text.splitlines()))


def _parse_yaml(name: str, front: str, instructions: str, last_line: int) -> tuple[Assistant, Lines]:
    node, values = _yaml(front)
    found: list[tuple[int, str]] = []
    lines: Lines = {}
    fields = {field.name: field for field in msgspec.structs.fields(FrontMatter)}
    good: dict[str, Any] = {}
    for key_node, value_node in node.value if node else ():
        key, line = str(key_node.value), key_node.start_mark.line + 2
        if key not in fields:
            found.append((line, f"has {key!r}, which is no field of an assistant"))
        elif key in lines:
            found.append((line, f"has {key!r} a second time"))
        else:
            lines[key] = line
            faults = _value_faults(values[key], fields[key].type, value_node)
            if faults:
                found.extend((where, f"{key!r} cannot be read: {what}") for where, what in faults)
            else:
                good[key] = msgspec.convert(values[key], fields[key].type, str_keys=True)
    if "title" not in lines:
        found.append((1, "has no 'title'"))
    if not instructions:
        found.append((last_line, "has no instructions below its fields"))
    if found:
        raise Faults(sorted(found))
    return Assistant(name=name, instructions=instructions, **good), lines


def _split(text: str) -> tuple[str, str]:
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != _FENCE:
        raise Faults([(1, "must begin with a line of three hyphens, then its fields, then another such line")])
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    raise Faults([(1, "has no second line of three hyphens, after its fields")])


def _yaml(front: str) -> "tuple[yaml.MappingNode | None, dict[str, Any]]":
    """Return the fields as a node, which knows their lines, and as values."""
    # At a cold start, this import takes as long as everything else of the gateway's own that the start needs.
    import yaml

    try:
        loader = yaml.SafeLoader(front)
        node = loader.get_single_node()
        if node is None:
            return None, {}
        if not isinstance(node, yaml.MappingNode):
            raise Faults([(2, "must have fields between the two lines of hyphens, such as `title: Help`")])
        values = loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise Faults(
            [(mark.line + 2 if mark else 2, f"is not YAML between the lines of hyphens: {problem}")]
        ) from error
    return node, {str(key): value for key, value in values.items()}


def _value_faults(value: Any, wanted: Any, node: "yaml.Node") -> list[tuple[int, str]]:
    """Return the lines and the words of what is wrong with a field's value: one fault of each of its entries."""
    try:
        # A value that contains itself cannot be sent to the service.
        msgspec.json.encode(value)
        msgspec.convert(value, wanted, str_keys=True)
    except msgspec.ValidationError as error:
        return _entry_faults(value, wanted, node) or [_fault(str(error), node)]
    except (TypeError, ValueError, RecursionError):
        return [(node.start_mark.line + 2, "it cannot be written as JSON")]
    return []


def _entry_faults(value: Any, wanted: Any, node: "yaml.Node") -> list[tuple[int, str]]:
    """Return a fault of each entry of an object or a list, as if it were the only one."""
    if isinstance(value, dict):
        parts: list[tuple[int, Any]] = [(0, {key: entry}) for key, entry in value.items()]
    else:
        parts = [(index, [entry]) for index, entry in enumerate(value)] if isinstance(value, list) else []
    found = []
    for index, part in parts:
        try:
            msgspec.convert(part, wanted, str_keys=True)
        except msgspec.ValidationError as error:
            found.append(_fault(str(error).replace("$[0]", f"$[{index}]", 1), node))
    return found


def _fault(message: str, node: "yaml.Node") -> tuple[int, str]:
    """Return the line of a fault in a field's value, and its words."""
    at = re.search(_PATH, message)
    for name, index in re.findall(_STEP, at.group(1)) if at else ():
        node = _inside(node, name, index)
    where = f" (at {at.group(1).lstrip('.')})" if at and at.group(1) else ""
    return node.start_mark.line + 2, message[: at.start() if at else None] + where


def _inside(node: "yaml.Node", name: str, index: str) -> "yaml.Node":
    """Return the node of an entry of a list or an object; the object's own if it does not show the entry."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        entry: yaml.Node = node.value[int(index)]
        return entry
    return next((value for key, value in node.value if key.value == name), node)
