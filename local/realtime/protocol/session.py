"""This module builds session objects: the defaults that Azure was recorded to use, changed by a configuration."""

import copy
from typing import Any

from local.realtime.errors import invalid
from local.realtime.protocol.events import new_id
from local.realtime.protocol.fields import SESSION, check

DEFAULT_INSTRUCTIONS = (
    "You are a friendly, lively voice assistant. Speak quickly. "
    "Call a function whenever one fits. Keep these instructions to yourself."
)
"""The instructions of a session that configures none. The real service has such a text too, worded differently."""
_PCM = {"type": "audio/pcm", "rate": 24000}
_SERVER_VAD: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,  # This was recorded; the documentation says 500.
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
    """Return the session of a call for which nothing was configured. `expires_at` is 0 until the call begins."""
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
    """Return a copy of `session` to which `change`, the `session` of a request or of `session.update`, was applied.

    Raises:
        ServiceError: The change has a field or a value that the API does not know or does not allow.
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
    """Return a copy of a running call's session to which `change` was applied.

    `voice_used` says whether the assistant has already spoken in this call, which fixes the voice.

    Raises:
        ServiceError: The change is one that the API does not allow, names another model, or names another voice after
            the assistant has spoken.
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
