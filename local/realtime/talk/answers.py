"""What the emulator answers: no model thinks here, a rule repeats what was understood."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.realtime.talk.conversation import Item

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
