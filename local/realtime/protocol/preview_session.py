"""This module checks the flat session fields of the preview protocol, and turns them into GA's fields and back.

Inside, the emulator knows only GA's fields. The preview protocol's are those of `SessionCreateParams` in the beta
types of the `openai` Python package; how the two correspond is described in Microsoft's guide to migrating from
preview to GA.
"""

from collections.abc import Callable, Mapping
from typing import Any

from local.realtime.errors import invalid
from local.realtime.protocol.fields import SESSION, Group, Leaf, check

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")
DEFAULT_TEMPERATURE = 0.8
_FORMATS = {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
_FORMAT_NAMES = {ga: preview for preview, ga in _FORMATS.items()}
_MODALITIES = Leaf(("list",), ("audio", "text"), items="str")
_FORMAT = Leaf(("str",), tuple(_FORMATS))
_TEXT = Leaf(("str",), nullable=True)
_FLAG = Leaf(("bool",))
_BOTH = {
    "instructions": SESSION.fields["instructions"],
    "modalities": _MODALITIES,
    "voice": Leaf(("str",), VOICES),
    "output_audio_format": _FORMAT,
    "tools": SESSION.fields["tools"],
    "tool_choice": SESSION.fields["tool_choice"],
    "temperature": Leaf(("float",), low=0.6, high=1.2),
    "max_response_output_tokens": SESSION.fields["max_output_tokens"],
}
_SESSION = Group(
    {
        **_BOTH,
        "model": SESSION.fields["model"],
        "speed": Leaf(("float",), low=0.25, high=1.5),
        "tracing": SESSION.fields["tracing"],
        "input_audio_format": _FORMAT,
        "input_audio_transcription": Group({"model": _TEXT, "language": _TEXT, "prompt": _TEXT}, nullable=True),
        "input_audio_noise_reduction": Group({"type": Leaf(("str",), ("near_field", "far_field"))}, nullable=True),
        "turn_detection": Group(
            {
                "type": Leaf(("str",), ("server_vad", "semantic_vad", "none")),
                "threshold": Leaf(("float",), low=0, high=1),
                "prefix_padding_ms": Leaf(("int",), low=0, high=5000),
                "silence_duration_ms": Leaf(("int",), low=0, high=10000),
                "eagerness": Leaf(("str",), ("low", "medium", "high", "auto")),
                "create_response": _FLAG,
                "interrupt_response": _FLAG,
            },
            nullable=True,
            required=("type",),
        ),
    }
)
_RESPONSE = Group(
    {
        **_BOTH,
        "conversation": Leaf(("str",), ("auto", "none")),
        "input": Leaf(("list",), items="dict"),
        "metadata": Leaf(("dict",), nullable=True),
    }
)


def _ga_format(name: str) -> dict[str, Any]:
    kind = _FORMATS[name]
    return {"type": kind, "rate": 24000} if kind == "audio/pcm" else {"type": kind}


_PLACES: dict[str, tuple[tuple[str, ...], Callable[[Any], Any]]] = {
    "modalities": (("output_modalities",), lambda value: ["audio"] if "audio" in value else ["text"]),
    "max_response_output_tokens": (("max_output_tokens",), lambda value: value),
    "voice": (("audio", "output", "voice"), lambda value: value),
    "speed": (("audio", "output", "speed"), lambda value: value),
    "output_audio_format": (("audio", "output", "format"), _ga_format),
    "input_audio_format": (("audio", "input", "format"), _ga_format),
    "input_audio_transcription": (("audio", "input", "transcription"), lambda value: value),
    "input_audio_noise_reduction": (("audio", "input", "noise_reduction"), lambda value: value),
    "turn_detection": (
        ("audio", "input", "turn_detection"),
        lambda value: None if value is None or value["type"] == "none" else value,
    ),
}


def nested_session(flat: Any) -> dict[str, Any]:
    """Return the GA form of a preview session. The temperature, which GA does not have, is left out.

    Raises:
        ServiceError: The session has a field or value that the preview API refuses; GA's own fields are among them.
    """
    check(flat, _SESSION, "session")
    _check_modalities(flat, "session")
    return {"type": "realtime", **_nested(flat)}


def nested_response(flat: Any) -> dict[str, Any]:
    """Return the GA form of the `response` in a preview `response.create`, again without the temperature.

    Raises:
        ServiceError: The response has a field or value that the preview API refuses.
    """
    check(flat, _RESPONSE, "response")
    _check_modalities(flat, "response")
    return _nested(flat)


def flat_session(session: Mapping[str, Any], temperature: float) -> dict[str, Any]:
    """Return the preview form of a GA session; `temperature` is what the preview client asked for."""
    heard, spoken = session["audio"]["input"], session["audio"]["output"]
    detection = heard["turn_detection"]
    return {
        **{name: session[name] for name in ("id", "object", "expires_at", "model", "instructions", "include")},
        **{name: session[name] for name in ("tools", "tool_choice", "tracing")},
        "modalities": modalities(session["output_modalities"]),
        "voice": spoken["voice"],
        "speed": spoken["speed"],
        "input_audio_format": _FORMAT_NAMES[heard["format"]["type"]],
        "output_audio_format": _FORMAT_NAMES[spoken["format"]["type"]],
        "input_audio_transcription": heard["transcription"],
        "input_audio_noise_reduction": heard["noise_reduction"],
        "turn_detection": detection and {name: value for name, value in detection.items() if name != "idle_timeout_ms"},
        "temperature": temperature,
        "max_response_output_tokens": session["max_output_tokens"],
        "client_secret": None,
    }


def flat_response(response: Mapping[str, Any], temperature: float) -> dict[str, Any]:
    """Return the preview form of a GA response object. The items in its output are left in GA's form."""
    spoken = response["audio"]["output"]
    same = {name: value for name, value in response.items() if name not in ("audio", "output_modalities")}
    return {
        **same,
        "modalities": modalities(response["output_modalities"]),
        "voice": spoken["voice"],
        "output_audio_format": _FORMAT_NAMES[spoken["format"]["type"]],
        "temperature": temperature,
    }


def modalities(ga: list[str]) -> list[str]:
    """Return the preview form of `output_modalities`; there, a spoken answer is said to consist of audio and text."""
    return ["audio", "text"] if ga == ["audio"] else ["text"]


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    change: dict[str, Any] = {}
    for name, value in flat.items():
        if name == "temperature":
            continue
        (*above, last), convert = _PLACES.get(name, ((name,), lambda value: value))
        place = change
        for step in above:
            place = place.setdefault(step, {})
        place[last] = convert(value)
    return change


def _check_modalities(flat: Mapping[str, Any], path: str) -> None:
    given = flat.get("modalities")
    if given is not None and sorted(given) not in (["text"], ["audio", "text"]):
        text = f"Invalid modalities: {given}. Supported combinations are: ['text'] and ['audio', 'text']."
        raise invalid("invalid_value", text, f"{path}.modalities")
