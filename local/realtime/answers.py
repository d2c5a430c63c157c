"""What the emulator answers: no model thinks here, a rule repeats what was understood."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.realtime.conversation import Item

GREETING = "Hello! This is the emulator speaking. Say or write something."
_LONGEST_ECHO = 200


@dataclass(frozen=True)
class Answer:
    """Either words, or a function call when `function` is named."""

    words: str
    """What to say; for a function call its arguments, as JSON."""
    function: str | None = None


def answer_to(items: Sequence[Item], tools: Sequence[dict[str, Any]], tool_choice: Any = "auto") -> Answer:
    """The answer to the newest item that asks for one."""
    asked = [item for item in items if item.data.get("role") == "user" or "output" in item.data]
    if not asked:
        return Answer(GREETING)
    data = asked[-1].data
    if "output" in data:
        return Answer(f"The function says: {_shortened(data['output'])}")
    spoken = any(part.get("type") == "input_audio" for part in data["content"])
    text = asked[-1].text
    called = None if tool_choice == "none" else _function_call(text, tools)
    if called:
        return called
    if spoken and not text:
        return Answer(f"I heard you speak for {seconds(asked[-1].speech_ms)}.")
    return Answer(f"{'You said' if spoken else 'You wrote'}: {_shortened(text)}")


def heard(speech_ms: int) -> str:
    """The transcript of speech that no test scripted: nobody here recognises words."""
    return f"(speech of {seconds(speech_ms)})"


def seconds(milliseconds: int) -> str:
    """A duration in words."""
    return f"{milliseconds / 1000:.1f} seconds"


def _function_call(text: str, tools: Sequence[dict[str, Any]]) -> Answer | None:
    """A function is called when the text names it; a JSON object in the text gives its arguments."""
    for tool in tools:
        name = str(tool.get("name", ""))
        if name and (name in text or name.replace("_", " ") in text):
            found = re.search(r"\{.*\}", text, re.DOTALL)
            return Answer(found.group() if found else _invented(tool), name)
    return None


def _invented(tool: dict[str, Any]) -> str:
    parameters = tool.get("parameters") or {}
    properties = parameters.get("properties") or {}
    return json.dumps({name: _example(properties.get(name) or {}) for name in parameters.get("required") or []})


def _example(schema: dict[str, Any]) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    examples: dict[str, Any] = {"number": 1, "integer": 1, "boolean": True, "array": [], "object": {}}
    return examples.get(str(schema.get("type")), "London")


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO].rsplit(" ", 1)[0] + " …"
