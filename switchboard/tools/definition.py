"""Turns a typed Python function with a docstring into a tool: name, description, JSON schema and a check of arguments.

This module does no I/O.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints, overload

import msgspec

from switchboard.tools.call import Call

F = TypeVar("F", bound=Callable[..., Any])

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARK = "__switchboard_tool__"


class Options(msgspec.Struct, frozen=True):
    """Holds what `@tool` was told about a function."""

    say: str = ""
    """What the model says if the tool is still running after half a second; empty if it says nothing."""
    once: bool = False
    """Whether the tool is never begun twice for the same function call of the model, even if an observer was killed
    while it ran. The model is then told that nobody knows what became of it."""


class DefinitionError(Exception):
    """This error means that a function cannot be a tool. `faults` holds one sentence for each fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(faults)


@dataclass(frozen=True)
class Tool:
    """Is a function that the model may call."""

    name: str
    """The name by which the model calls it, which is the function's own."""
    description: str
    """What the model is told about it, which is the function's docstring."""
    parameters: dict[str, Any]
    """The JSON schema of the arguments."""
    function: Callable[..., Any]
    """The function itself, asynchronous or plain."""
    options: Options
    """What `@tool` was told about it."""
    call_parameter: str
    """The name of the parameter that takes the Call; empty if there is none."""
    arguments: type[msgspec.Struct]
    """The struct that the arguments are checked against."""

    @property
    def asynchronous(self) -> bool:
        """Return whether the function is a coroutine function, which runs on the event loop."""
        return inspect.iscoroutinefunction(self.function)

    def definition(self) -> dict[str, Any]:
        """Return the tool as the `session` object of the API describes a function."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }

    def read(self, arguments: str) -> dict[str, Any]:
        """Return the arguments that the model wrote as JSON, by name. Parameters that it left out keep their defaults.

        Raises msgspec.ValidationError or msgspec.DecodeError, whose words the model understands.
        """
        read = msgspec.json.decode(arguments.strip() or "{}", type=self.arguments)
        return {field.name: getattr(read, field.name) for field in msgspec.structs.fields(self.arguments)}


@overload
def tool(function: F, /) -> F: ...
@overload
def tool(*, say: str = "", once: bool = False) -> Callable[[F], F]: ...
def tool(function: Callable[..., Any] | None = None, /, *, say: str = "", once: bool = False) -> Any:
    """Mark a function as a tool that an assistant may name. The function itself stays as it is.

    `say` is what the model says while a slow tool runs, and with `once` the tool is never begun twice for the same
    function call. Whether the function can be a tool is checked when the gateway starts, so that all faults are named.
    """

    def mark(marked: F) -> F:
        setattr(marked, _MARK, Options(say, once))
        return marked

    return mark if function is None else mark(function)


def is_tool(value: object) -> bool:
    """Return whether `@tool` has marked this value."""
    return inspect.isroutine(value) and isinstance(getattr(value, _MARK, None), Options)


def define(function: Callable[..., Any]) -> Tool:
    """Return the tool that a marked function describes. Raises DefinitionError, which names every fault."""
    name = getattr(function, "__name__", "")
    faults: list[str] = []
    if not _NAME.fullmatch(name):
        faults.append("its name may only have 1 to 64 letters without accents, digits, _ and -")
    description = inspect.getdoc(function) or ""
    if not description:
        faults.append("it has no docstring, which is what the model is told about it")
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        raise DefinitionError([*faults, f"its types cannot be read: {error}"]) from error
    own = inspect.signature(function).parameters.values()
    call_parameters = [each.name for each in own if hints.get(each.name) is Call]
    faults += _parameter_faults(own, hints)
    if len(call_parameters) > 1:
        faults.append(f"it takes the Call more than once: {', '.join(call_parameters)}")
    if faults:
        raise DefinitionError(faults)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
        (each.name, hints[each.name])
        if each.default is each.empty
        else (each.name, hints[each.name], _default(each.default))
        for each in own
        if each.name not in call_parameters
    ]
    try:
        arguments = msgspec.defstruct(name, fields, kw_only=True, frozen=True, forbid_unknown_fields=True)
        parameters = _schema(arguments)
    except TypeError as error:
        raise DefinitionError([f"its parameters cannot be described to the model: {error}"]) from error
    options: Options = getattr(function, _MARK)
    called = call_parameters[0] if call_parameters else ""
    return Tool(name, description, parameters, function, options, called, arguments)


def _parameter_faults(parameters: Iterable[inspect.Parameter], hints: Mapping[str, Any]) -> Iterator[str]:
    for parameter in parameters:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            yield f"its parameter {parameter.name!r} cannot be given by name"
        elif parameter.name not in hints:
            yield f"its parameter {parameter.name!r} has no type"


def _default(value: Any) -> Any:
    # msgspec gives each call a copy of its own of these three, but only if they are empty.
    if isinstance(value, list | dict | set) and value:
        return msgspec.field(default_factory=lambda: type(value)(value))
    return value


def _schema(arguments: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the JSON schema of the arguments, as one object that names the types of its own in `$defs`."""
    (reference,), components = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    schema = components.pop(reference["$ref"].rpartition("/")[2])
    schema.pop("title", None)
    return {**schema, "$defs": components} if components else schema
