"""Says how a tool ended, in a form that the model can explain to the caller. This module does no I/O."""

from typing import Any, Literal

import msgspec

from switchboard.tools.call import EndCall, HandOver

# The model reads the whole result, and pays for it in every later answer of the call.
MOST_RESULT_BYTES = 16 * 1024
# The words of an error, or of a reason, are for a sentence or two.
MOST_MESSAGE_CHARACTERS = 1000

Status = Literal[
    "completed",
    "failed",
    "invalid_arguments",
    "timed_out",
    "too_large",
    "too_many_calls",
    "interrupted",
    "unknown",
]
"""How a tool ended. `interrupted` means that the caller spoke before it began, and `unknown` that the observer which
ran it was killed, so that nobody knows what became of it."""


class Outcome(msgspec.Struct, frozen=True):
    """Holds how a tool ended and what the model is told."""

    status: Status
    """How the tool ended."""
    output: str
    """What the model is told: a text, or JSON."""
    effect: EndCall | HandOver | None = None
    """What the gateway does beside answering; None if nothing."""


def succeeded(result: Any) -> Outcome:
    """Return the outcome of a tool that returned `result`. A result that is too large is replaced by an error."""
    effect = result if isinstance(result, EndCall | HandOver) else None
    value = effect.answer if effect else result
    if isinstance(value, str):
        output = _sendable(value)
    else:
        try:
            output = msgspec.json.encode(value).decode()
        except (TypeError, ValueError, RecursionError):
            return refused("failed", f"The tool returned a {type(value).__name__}, which cannot be written as JSON.")
    size = len(output.encode())
    if size > MOST_RESULT_BYTES:
        message = f"The result has {size} bytes, and {MOST_RESULT_BYTES} is the most. Ask for less."
        return refused("too_large", message)
    if isinstance(effect, HandOver):
        effect = HandOver(_sendable(str(effect.reason)[:MOST_MESSAGE_CHARACTERS]), effect.answer)
    return Outcome("completed", output, effect)


def refused(status: Status, message: str) -> Outcome:
    """Return the outcome of a tool that did not succeed. `message` is for the model, which may repeat it."""
    short = _sendable(message[:MOST_MESSAGE_CHARACTERS])
    output = msgspec.json.encode({"error": {"code": status, "message": short}}).decode()
    return Outcome(status, output)


def _sendable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which no JSON in UTF-8 can hold."""
    return text.encode(errors="replace").decode()
