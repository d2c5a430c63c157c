"""This module lists the fields of a session as the GA protocol names them, and checks a configuration against them.

The fields are those of `RealtimeSessionCreateRequest` in the `openai` Python package 3.52; the refusals follow
what was recorded from Azure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.realtime.errors import (
    invalid,
    invalid_value,
    missing_parameter,
    out_of_range,
    unknown_parameter,
    wrong_type,
)

_NAMES: dict[str, str] = {"str": "a string", "int": "an integer", "float": "a number", "bool": "a boolean"}
_NAMES |= {"list": "an array", "dict": "an object"}
_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
_TYPES |= {"list": (list,), "dict": (dict,)}


@dataclass(frozen=True)
class Leaf:
    """A leaf describes a field whose value is checked as a whole, without looking for known fields inside it."""

    types: tuple[str, ...]
    """The JSON types that the value may have, by the names of their Python types."""
    choices: tuple[str, ...] = ()
    """The strings that the value may be; an empty tuple allows any string."""
    nullable: bool = False
    """Whether the value may also be null."""
    low: float | None = None
    """The smallest number allowed, in the field's own unit; it counts only together with `high`."""
    high: float | None = None
    """The largest number allowed, in the field's own unit; it counts only together with `low`."""
    items: str = ""
    """The JSON type that the elements of an array must have, by Python name; the empty string allows any."""
    length: int | None = None
    """The number of elements that an array must have; None allows any number."""


@dataclass(frozen=True)
class Group:
    """A group describes an object whose fields are known; any other field in it is refused."""

    fields: Mapping[str, "Leaf | Group"]
    """The fields that the object may have, by name."""
    nullable: bool = False
    """Whether null may stand in place of the object."""
    required: tuple[str, ...] = ()
    """The names of the fields that must not be missing."""


VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
_TEXT = Leaf(("str",))
_NULLABLE_TEXT = Leaf(("str",), nullable=True)
_FLAG = Leaf(("bool",))
_FORMAT = Group(
    {"type": Leaf(("str",), ("audio/pcm", "audio/pcmu", "audio/pcma")), "rate": Leaf(("int",), low=24000, high=24000)}
)
_TURN_DETECTION = Group(
    {
        "type": Leaf(("str",), ("server_vad", "semantic_vad")),
        "threshold": Leaf(("float",), low=0, high=1),
        "prefix_padding_ms": Leaf(("int",), low=0, high=5000),
        "silence_duration_ms": Leaf(("int",), low=0, high=10000),
        "idle_timeout_ms": Leaf(("int",), nullable=True, low=5000, high=30000),
        "eagerness": Leaf(("str",), ("low", "medium", "high", "auto")),
        "create_response": _FLAG,
        "interrupt_response": _FLAG,
    },
    nullable=True,
    required=("type",),
)
_TRANSCRIPTION = Group(
    {
        "model": _TEXT,
        "language": _NULLABLE_TEXT,
        "prompt": _NULLABLE_TEXT,
        "delay": Leaf(("str",), ("minimal", "low", "medium", "high", "xhigh")),
        "keywords": Leaf(("list",)),
        "languages": Leaf(("list",)),
    },
    nullable=True,
)
_NOISE = Group(
    {"type": Leaf(("str",), ("near_field", "far_field")), "strength": Leaf(("float",))},
    nullable=True,
    required=("type",),
)
_VOICE = Leaf(("str", "dict"), VOICES)
_OUTPUT = Group({"format": _FORMAT, "voice": _VOICE, "speed": Leaf(("float",), low=0.25, high=1.5)})
_MODALITIES = Leaf(("list",), ("audio", "text"), items="str", length=1)
_TOOLS = Leaf(("list",), items="dict")
_MAX_TOKENS = Leaf(("int", "str"), ("inf",), low=1, high=4096)

SESSION = Group(
    {
        "type": Leaf(("str",), ("realtime",)),
        "model": _TEXT,
        "instructions": _TEXT,
        "output_modalities": _MODALITIES,
        "max_output_tokens": _MAX_TOKENS,
        "tools": _TOOLS,
        "tool_choice": Leaf(("str", "dict"), ("none", "auto", "required")),
        "parallel_tool_calls": _FLAG,
        "reasoning": Group({"effort": Leaf(("str",), ("minimal", "low", "medium", "high", "xhigh"))}),
        "prompt": Leaf(("dict",), nullable=True),
        "tracing": Leaf(("str", "dict"), ("auto",), nullable=True),
        "truncation": Leaf(("str", "dict"), ("auto", "disabled")),
        "include": Leaf(("list",), ("item.input_audio_transcription.logprobs",), nullable=True),
        "audio": Group(
            {
                "input": Group(
                    {
                        "format": _FORMAT,
                        "noise_reduction": _NOISE,
                        "transcription": _TRANSCRIPTION,
                        "turn_detection": _TURN_DETECTION,
                    }
                ),
                "output": _OUTPUT,
            }
        ),
    },
    required=("type",),
)
"""What `session` may hold when a client secret is created and in `session.update`."""

RESPONSE = Group(
    {
        "conversation": Leaf(("str",), ("auto", "none")),
        "input": Leaf(("list",), items="dict"),
        "instructions": _TEXT,
        "tools": _TOOLS,
        "tool_choice": SESSION.fields["tool_choice"],
        "parallel_tool_calls": _FLAG,
        "reasoning": SESSION.fields["reasoning"],
        "output_modalities": _MODALITIES,
        "audio": Group({"output": Group({"format": _FORMAT, "voice": _VOICE})}),
        "max_output_tokens": _MAX_TOKENS,
        "metadata": Leaf(("dict",), nullable=True),
        "prompt": Leaf(("dict",), nullable=True),
    }
)
"""What `response` may hold in `response.create`."""


def check(value: Any, group: Group, path: str) -> None:
    """Refuse a value that the API would refuse; `path` is where it stands in the request.

    Raises:
        ServiceError: A field is unknown, missing or impossible. The error names the first such field by its path.
    """
    if value is None and group.nullable:
        return
    if not isinstance(value, dict):
        raise wrong_type(path, "an object", value)
    for name in group.required:
        if name not in value:
            raise missing_parameter(f"{path}.{name}")
    for name, inner in value.items():
        field = group.fields.get(name)
        if field is None:
            raise unknown_parameter(f"{path}.{name}")
        if isinstance(field, Group):
            check(inner, field, f"{path}.{name}")
        else:
            _check_leaf(inner, field, f"{path}.{name}")


def _check_leaf(value: Any, leaf: Leaf, path: str) -> None:
    if value is None and leaf.nullable:
        return
    allowed = tuple(kind for name in leaf.types for kind in _TYPES[name])
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        raise wrong_type(path, " or ".join(_NAMES[name] for name in leaf.types), value)
    if isinstance(value, list):
        _check_list(value, leaf, path)
    for text in value if isinstance(value, list) else [value]:
        if leaf.choices and isinstance(text, str) and text not in leaf.choices:
            raise invalid_value(path, text, list(leaf.choices))
    if leaf.low is None or leaf.high is None or not isinstance(value, int | float):
        return
    if not leaf.low <= value <= leaf.high:
        raise out_of_range(path, value, leaf.low, leaf.high)


def _check_list(value: list[Any], leaf: Leaf, path: str) -> None:
    for place, element in enumerate(value):
        if leaf.items and not isinstance(element, _TYPES[leaf.items]):
            raise wrong_type(f"{path}[{place}]", _NAMES[leaf.items], element)
    if leaf.length is not None and len(value) != leaf.length:
        choices = " or ".join(f"['{choice}']" for choice in leaf.choices)
        raise invalid("invalid_value", f"Invalid value for '{path}': expected {choices}.", path)
