"""Tests what a typed function with a docstring becomes, and which functions cannot be tools."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import pytest

from switchboard.tools import Call, tool
from switchboard.tools.definition import DefinitionError, Options, Tool, define, is_tool


class Place(msgspec.Struct):
    """A place on a map."""

    city: str
    country: str = "Spain"


def made(function: Callable[..., Any]) -> Tool:
    return define(tool(function))


def faults(function: Callable[..., Any]) -> list[str]:
    with pytest.raises(DefinitionError) as error:
        define(tool(function))
    return error.value.faults


def forecast(
    place: Place,
    call: Call,
    days: Annotated[int, msgspec.Meta(ge=1, le=7, description="How many days to look ahead.")] = 1,
    unit: Literal["celsius", "fahrenheit"] = "celsius",
    tags: list[str] = [],  # noqa: B006
) -> str:
    """Return the weather forecast of a place.

    The temperatures are those of noon.
    """
    return f"{place.city} {days} {unit} {tags} {call.caller_id}"


def test_name_description_and_schema() -> None:
    """The signature and the docstring say everything; the model sees nothing of the Call."""
    definition = made(forecast).definition()

    assert definition == {
        "type": "function",
        "name": "forecast",
        "description": "Return the weather forecast of a place.\n\nThe temperatures are those of noon.",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"$ref": "#/$defs/Place"},
                "days": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 7,
                    "description": "How many days to look ahead.",
                    "default": 1,
                },
                "unit": {"enum": ["celsius", "fahrenheit"], "default": "celsius"},
                "tags": {"type": "array", "items": {"type": "string"}, "default": []},
            },
            "required": ["place"],
            "additionalProperties": False,
            "$defs": {
                "Place": {
                    "title": "Place",
                    "description": "A place on a map.",
                    "type": "object",
                    "properties": {"city": {"type": "string"}, "country": {"type": "string", "default": "Spain"}},
                    "required": ["city"],
                }
            },
        },
    }


def test_arguments_as_azure_was_recorded_to_write_them() -> None:
    """There may be any white space in them, and what the model leaves out has its default."""
    read = made(forecast).read('{  \n  "place": {"city": "Vigo"} \n} \n')

    assert read == {"place": Place("Vigo"), "days": 1, "unit": "celsius", "tags": []}


def test_two_calls_share_no_default() -> None:
    first = made(forecast).read('{"place": {"city": "Vigo"}}')
    first["tags"].append("wet")

    assert made(forecast).read('{"place": {"city": "Vigo"}}')["tags"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", "missing required field `place`"),
        ('{"place": {"city": "Vigo"}, "days": 8}', "`int` <= 7"),
        ('{"place": {"city": "Vigo"}, "days": "two"}', "got `str` - at `$.days`"),
        ('{"place": {"city": "Vigo"}, "colour": "red"}', "unknown field `colour`"),
        ('{"place": ', "truncated"),
        ('{"place": {"city": "Vigo"}, "call": {}}', "unknown field `call`"),
    ],
)
def test_arguments_that_do_not_fit(arguments: str, words: str) -> None:
    """The error says in words what is wrong. The model cannot invent the Call."""
    with pytest.raises(msgspec.MsgspecError, match=words.replace("$", r"\$").replace(".", r"\.")):
        made(forecast).read(arguments)


def test_a_tool_without_parameters() -> None:
    def ping() -> str:
        """Return a greeting."""
        return "pong"

    assert made(ping).parameters == {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    assert made(ping).read("") == {}
    assert made(ping).call_parameter == ""


def test_a_default_that_is_not_empty() -> None:
    def order(toppings: list[str] = ["salt"]) -> None:  # noqa: B006
        """Order chips."""

    first = made(order).read("")
    first["toppings"].append("vinegar")

    assert made(order).read("") == {"toppings": ["salt"]}


def test_options() -> None:
    """The decorator leaves the function as it is, and remembers what it was told."""

    @tool(say="One moment…", once=True)
    async def book(seats: int) -> int:
        """Book seats."""
        return seats

    assert is_tool(book)
    assert define(book).options == Options("One moment…", once=True)
    assert define(book).asynchronous
    assert not made(forecast).asynchronous
    assert not is_tool(Place)


def test_all_faults_of_a_function_at_once() -> None:
    def größe(a, *more: int, c: Call, d: Call) -> None:  # type: ignore[no-untyped-def]
        pass

    assert faults(größe) == [
        "its name may only have 1 to 64 letters without accents, digits, _ and -",
        "it has no docstring, which is what the model is told about it",
        "its parameter 'a' has no type",
        "its parameter 'more' cannot be given by name",
        "it takes the Call more than once: c, d",
    ]


def test_types_that_do_not_exist() -> None:
    def odd(a: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821
        """Do something."""

    assert faults(odd) == ["its types cannot be read: name 'Nowhere' is not defined"]


def test_types_that_json_cannot_express() -> None:
    def odd(a: Callable[[], None]) -> None:
        """Do something."""

    (fault,) = faults(odd)
    assert fault.startswith("its parameters cannot be described to the model: ")
