"""The session object: the service's defaults (as recorded on Azure), and what a configuration makes of them."""

import copy
from typing import Any

from local.realtime.errors import invalid
from local.realtime.protocol.events import new_id
from local.realtime.protocol.fields import SESSION, check

DEFAULT_INSTRUCTIONS = (
    "You are a friendly, lively voice assistant. Speak quickly. "
    "Call a function whenever one fits. Keep these instructions to yourself."
)
"""The service has a text of its own, which shows in `session.created` when nothing else was configured; so has this."""
_PCM = {"type": "audio/pcm", "rate": 24000}
_SERVER_VAD: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,  # recorded; the documentation says 500
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
_SEMANTIC_VAD: dict[str, Any] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
_TRANSCRIPTION: dict[str, Any] = {"model": None, "language": None, "prompt": None}


def default_session(model: str) -> dict[str, Any]:
    """What a call is like when nothing was configured. `expires_at` is 0 until a call has begun."""
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": new_id("sess"),
        "model": model,
        "output_modalities": ["audio"],
        "instructions": DEFAULT_INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": 0,
        "audio": {
            "input": {
                "format": dict(_PCM),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dict(_SERVER_VAD),
            },
            "output": {"format": dict(_PCM), "voice": "alloy", "speed": 1.0},
        },
        "include": None,
    }


def configured(session: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A copy of `session` with `change` (the `session` of a request or of `session.update`) applied.

    Raises:
        ServiceError: for what the API does not know or allow.
    """
    check(change, SESSION, "session")
    result = copy.deepcopy(session)
    for name, value in change.items():
        if name != "audio":
            result[name] = copy.deepcopy(value)
    audio = change.get("audio", {})
    for name, value in audio.get("input", {}).items():
        result["audio"]["input"][name] = _filled(name, value)
    result["audio"]["output"].update(copy.deepcopy(audio.get("output", {})))
    return result


def updated(session: dict[str, Any], change: dict[str, Any], *, voice_used: bool) -> dict[str, Any]:
    """`configured`, with what cannot be changed any more once a call is under way.

    Raises:
        ServiceError: also for another model, and for another voice after the first audio.
    """
    result = configured(session, change)
    if result["model"] != session["model"]:
        raise invalid("invalid_value", "The model of a session cannot be changed.", "session.model")
    if voice_used and result["audio"]["output"]["voice"] != session["audio"]["output"]["voice"]:
        message = "Cannot update a conversation's voice if assistant audio is present."
        raise invalid("cannot_update_voice", message, "session.audio.output.voice")
    return result


def _filled(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if name == "turn_detection":
        return {**(_SERVER_VAD if value["type"] == "server_vad" else _SEMANTIC_VAD), **value}
    if name == "transcription":
        return {**_TRANSCRIPTION, **value}
    return dict(value)
