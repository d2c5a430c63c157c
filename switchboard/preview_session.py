"""Translates a session configuration from the GA protocol's fields into the preview protocol's flat fields.

The gateway and its settings use the GA protocol's fields everywhere (RealtimeSessionCreateRequest in openai-python).
Only what is sent to the preview endpoint is translated; the preview fields are those of SessionCreateParams in
openai-python's `types/beta/realtime` and of Microsoft's guide to migrating from preview to GA. What the preview
protocol cannot express is reported, never dropped silently. What a session still has in the preview protocol's form is
found too, because the GA service would refuse every call with it. This module does no I/O.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

# The beta types list only these eight voices; marin and cedar came with the GA models.
PREVIEW_VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")
_GA_VOICES = frozenset({"cedar", "marin"})
_OBJECTS = ("audio", "audio.input", "audio.output")
_FORMATS = {"audio/pcm": "pcm16", "audio/pcmu": "g711_ulaw", "audio/pcma": "g711_alaw"}


class Untranslatable(ValueError):
    """This error means that the preview protocol cannot express a value. Its message may name the inner field."""


def preview_session(session: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a GA `session` in the preview protocol's flat fields, and the paths of what cannot be translated.

    A null switches something off. Switching off what the preview protocol does not have changes nothing, so that is not
    reported.
    """
    flat: dict[str, Any] = {}
    lost: list[str] = []
    for path, value in _fields(session):
        field = _FIELDS.get(path)
        if field is None:
            if value is not None:
                lost.append(path)
            continue
        name, translate = field
        try:
            flat[name] = translate(value)
        except Untranslatable as error:
            lost.append(f"{path}.{error}" if str(error) else path)
    return flat, lost


def not_of_ga(session: Mapping[str, Any]) -> dict[str, str]:
    """Return what a GA `session` cannot have, as a path and what is wrong there.

    That is a flat field of the preview protocol, at the top or within `audio`; a value that has another form in GA; and
    anything but an object in the place of `audio`, `audio.input` or `audio.output`.
    """
    wrong = {}
    for path, value in _fields(session):
        name = path.rpartition(".")[2]
        if path in _OBJECTS:
            wrong[path] = "which must be an object"
        elif path in _OLD_VALUES and _OLD_VALUES[path][0](value):
            wrong[path] = f"with a value of the preview protocol; {_OLD_VALUES[path][1]}"
        elif path not in _FIELDS and name in _OLD_NAMES:
            wrong[path] = f"a field of the preview protocol; {_OLD_NAMES[name]}"
    return wrong


def _fields(session: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in session.items():
        path = f"{above}{name}"
        if path in _OBJECTS and isinstance(value, Mapping | None):
            yield from _fields(value or {}, f"{path}.")
        # The preview protocol has only one type of session, and no field for it.
        elif path != "type":
            yield path, value


def _same(value: Any) -> Any:
    return value


def _group(*known: str) -> Callable[[Any], Any]:
    """Return a translator for an object whose `known` fields have the same names in both protocols."""

    def translate(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        for name, inner in value.items():
            if name not in known and inner is not None:
                raise Untranslatable(name)
        return {name: inner for name, inner in value.items() if name in known}

    return translate


_detection = _group(
    "type",
    "threshold",
    "prefix_padding_ms",
    "silence_duration_ms",
    "create_response",
    "interrupt_response",
    "eagerness",
)


def _turn_detection(value: Any) -> Any:
    # According to Microsoft's preview pages a type of its own switches it off; the GA protocol uses null.
    return {"type": "none"} if value is None else _detection(value)


def _modalities(value: Any) -> Any:
    # In the preview protocol a spoken answer always has its text beside it: text alone and both are the only values.
    return ["audio", "text"] if value == ["audio"] else value


def _format(value: Any) -> str:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in _FORMATS:
        raise Untranslatable
    return _FORMATS[kind]


def _voice(value: Any) -> Any:
    if not isinstance(value, str) or value in _GA_VOICES:
        raise Untranslatable
    return value


def _tools(value: Any) -> Any:
    if not isinstance(value, list | None):
        raise Untranslatable
    # The service calls a tool of type `mcp` by itself, which only the GA protocol has.
    if not all(isinstance(tool, Mapping) and tool.get("type") == "function" for tool in value or ()):
        raise Untranslatable
    return value


def _tool_choice(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if value.get("type") != "function":
        raise Untranslatable
    return {"type": "function", "function": {"name": value.get("name")}}


_FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "model": ("model", _same),
    "instructions": ("instructions", _same),
    "output_modalities": ("modalities", _modalities),
    "max_output_tokens": ("max_response_output_tokens", _same),
    "tools": ("tools", _tools),
    "tool_choice": ("tool_choice", _tool_choice),
    "tracing": ("tracing", _same),
    "audio.input.format": ("input_audio_format", _format),
    "audio.input.noise_reduction": ("input_audio_noise_reduction", _group("type")),
    "audio.input.transcription": ("input_audio_transcription", _group("model", "language", "prompt")),
    "audio.input.turn_detection": ("turn_detection", _turn_detection),
    "audio.output.format": ("output_audio_format", _format),
    "audio.output.speed": ("speed", _same),
    "audio.output.voice": ("voice", _voice),
}
# What to write instead of a flat field of the preview protocol.
_OLD_NAMES = {name: f"write {path} instead" for path, (name, _) in _FIELDS.items() if name != path} | {
    "temperature": "the GA protocol does not have it",
    "client_secret": "the gateway asks for client secrets itself",
}
_A_FORMAT = 'write an object such as {"type": "audio/pcm", "rate": 24000}'
# For fields of GA names: which values only the preview protocol has, and what to write instead.
_OLD_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "audio.input.format": (lambda value: isinstance(value, str), _A_FORMAT),
    "audio.output.format": (lambda value: isinstance(value, str), _A_FORMAT),
    "audio.input.turn_detection": (
        lambda value: isinstance(value, Mapping) and value.get("type") == "none",
        "write null to switch it off",
    ),
    "output_modalities": (
        lambda value: isinstance(value, list) and len(value) > 1,
        'write ["audio"], which has the text beside it, or ["text"]',
    ),
    "tool_choice": (
        lambda value: isinstance(value, Mapping) and "function" in value,
        'write {"type": "function", "name": "…"}',
    ),
}
