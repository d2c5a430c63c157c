"""This module decides what the emulator answers. There is no model: simple rules repeat what the caller said."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.realtime.talk.conversation import Item

GREETING = "Hello! This is the emulator speaking. Say or write something."
_LONGEST_ECHO = 200
# The fields that an item has when a tool has ended, or may not be used.
_ANSWERS = frozenset({"output", "error", "approve"})
_ASKS_FOR_MEMORY = re.compile(r"\bwhat did i say\b", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """An answer is either words or a function call."""

    words: str
    """The words to say or, for a function call, its arguments as JSON text."""
    function: str | None = None
    """The name of the function to call, or of an MCP server's tool; None when the answer is words."""
    server: str | None = None
    """The label of the MCP server that has the tool; None for a function of the session."""
    asks: bool = False
    """Whether the call of the MCP server's tool needs approval first."""


def told_to_say(instructions: str) -> Answer | None:
    """Return the words in quotation marks if a response's instructions ask to say exactly them, else None."""
    found = re.match(r'Say exactly this\b[^"]*"(.+)"', instructions, re.DOTALL)
    return Answer(found[1]) if found else None


def answer_to(items: Sequence[Item], tools: Sequence[dict[str, Any]], tool_choice: Any = "auto") -> Answer:
    """Return the answer to the newest item that asks for one, with the tools of the session or of the response."""
    asked = [item for item in items if item.data.get("role") == "user" or _ANSWERS & item.data.keys()]
    if not asked:
        return Answer(GREETING)
    data = asked[-1].data
    if "output" in data:
        return Answer(f"The function says: {_shortened(data['output'])}")
    if "error" in data:
        return Answer(f"The tool {data['name']} has failed.")
    if "approve" in data:
        return Answer("I may not use that tool.")
    spoken = any(part.get("type") == "input_audio" for part in data["content"])
    text = asked[-1].text
    called = None if tool_choice == "none" else _function_call(text, tools)
    if called:
        return called
    if _ASKS_FOR_MEMORY.search(text):
        return Answer(_remembered(asked[:-1]))
    if spoken and not text:
        return Answer(f"I heard you speak for {seconds(asked[-1].speech_ms)}.")
    return Answer(f"{'You said' if spoken else 'You wrote'}: {_shortened(text)}")


def _remembered(before: Sequence[Item]) -> str:
    """Return what the caller said earlier, by the items of the conversation, wherever they came from."""
    words = [item.text for item in before if item.text and "output" not in item.data]
    return f"Before this you said: {_shortened(' / '.join(words))}" if words else "You have said nothing before this."


def heard(speech_ms: int) -> str:
    """Return the transcript of speech that no test scripted: its length, because no words are recognised here."""
    return f"(speech of {seconds(speech_ms)})"


def seconds(milliseconds: int) -> str:
    """Return a duration in words."""
    return f"{milliseconds / 1000:.1f} seconds"


def _function_call(text: str, tools: Sequence[dict[str, Any]]) -> Answer | None:
    """Return a call of the function that the text names; a JSON object in the text becomes its arguments."""
    for tool in tools:
        if tool.get("type") == "mcp":
            called = _remote_call(text, tool)
            if called:
                return called
        name = str(tool.get("name", ""))
        if name and (name in text or name.replace("_", " ") in text):
            found = re.search(r"\{.*\}", text, re.DOTALL)
            return Answer(found.group() if found else _invented(tool), name)
    return None


def _remote_call(text: str, server: dict[str, Any]) -> Answer | None:
    """Return a call of the MCP server's tool that the text names. Only `allowed_tools` are known here."""
    for name in server.get("allowed_tools") or ():
        if isinstance(name, str) and (name in text or name.replace("_", " ") in text):
            found = re.search(r"\{.*\}", text, re.DOTALL)
            asks = server.get("require_approval") != "never"
            return Answer(found.group() if found else "{}", name, str(server.get("server_label", "")), asks)
    return None


def _invented(tool: dict[str, Any]) -> str:
    parameters = _object(tool.get("parameters"))
    properties, required = _object(parameters.get("properties")), parameters.get("required")
    names = [str(name) for name in required] if isinstance(required, list) else []
    return json.dumps({name: _example(_object(properties.get(name))) for name in names})


def _example(schema: dict[str, Any]) -> Any:
    if isinstance(schema.get("enum"), list):
        return schema["enum"][0] if schema["enum"] else None
    examples: dict[str, Any] = {"number": 1, "integer": 1, "boolean": True, "array": [], "object": {}}
    return examples.get(str(schema.get("type")), "London")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO].rsplit(" ", 1)[0] + " …"
