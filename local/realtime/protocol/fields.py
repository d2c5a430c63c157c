"""The session's fields as the GA protocol names them, and the check of a configuration against them.

Sources: `RealtimeSessionCreateRequest` in the `openai` Python package 3.52, and Azure's recorded answers.
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
    """A field without fields of its own that matter here."""

    types: tuple[str, ...]
    """JSON types it may have, by Python name; `None` is allowed with `nullable`."""
    choices: tuple[str, ...] = ()
    """The strings it may be, if limited."""
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    items: str = ""
    """JSON type of the elements, for an array."""
    length: int | None = None
    """How many elements, for an array."""


@dataclass(frozen=True)
class Group:
    """An object with known fields."""

    fields: Mapping[str, "Leaf | Group"]
    nullable: bool = False
    required: tuple[str, ...] = ()


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
"""`session` of a client secret and of `session.update`."""

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
"""`response` of `response.create`."""


def check(value: Any, group: Group, path: str) -> None:
    """Refuse what the API would refuse.

    Raises:
        ServiceError: for the first unknown, missing or impossible field, named by its path.
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
