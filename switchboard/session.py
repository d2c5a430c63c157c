"""The session configuration that a call runs with: the server's, with what a page may choose of it.

Field names are those of the GA API's `session` object (RealtimeSessionCreateRequest in openai-python).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from switchboard.errors import FieldNotAllowed, OverrideInvalid
from switchboard.preview_session import PREVIEW_VOICES
from switchboard.settings import Settings

# The voices of the GA API (openai-python, RealtimeAudioConfigOutput). A custom voice may stand in SESSION_VOICE.
VOICES = ("alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Choice(msgspec.Struct, frozen=True):
    """What a page chose of the session: None where it leaves it to the server."""

    voice: str | None = None
    language: str | None = None


CHOICE_FIELDS = frozenset(Choice.__struct_fields__)
# Where the same choices stand in a `session` object.
_VOICE_PATH, _LANGUAGE_PATH = ("audio", "output", "voice"), ("audio", "input", "transcription", "language")
_INNER = frozenset(path[:end] for path in (_VOICE_PATH, _LANGUAGE_PATH) for end in range(1, len(path)))


def voices(settings: Settings) -> tuple[str, ...]:
    """The voices a page may choose from, the configured one among them."""
    offered = VOICES if settings.realtime_protocol == "ga" else PREVIEW_VOICES
    return tuple(sorted({*offered, default_voice(settings)}))


def default_voice(settings: Settings) -> str:
    """The voice that speaks where the page chooses none."""
    configured = _walk(settings.session_config, "audio", "output").get("voice")
    return configured if isinstance(configured, str) else settings.session_voice


def turn_detection(settings: Settings) -> str | None:
    """The kind of voice detection that ends a caller's turn; None where SESSION_CONFIG switches it off."""
    return _walk(session_configuration(settings, Choice()), "audio", "input", "turn_detection").get("type")


def read_choice(fields: Mapping[str, str], settings: Settings) -> Choice:
    """Read a page's choice from form fields or query parameters; others are not looked at.

    Raises OverrideInvalid for a voice that is not offered or a language that is no ISO 639 code.
    """
    voice, language = fields.get("voice") or None, fields.get("language") or None
    if voice is not None and voice not in voices(settings):
        raise OverrideInvalid("There is no such voice.", hint=f"Choose one of {', '.join(voices(settings))}.")
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise OverrideInvalid("This is not a language code.", hint="Use an ISO 639 code such as en, es, pt or tr.")
    return Choice(voice, language)


def read_session(session: Mapping[str, Any], settings: Settings) -> Choice:
    """Read a client's choice from a `session` object of the API's own form.

    `type` and `model` may be there if they are the server's. Raises FieldNotAllowed, which names the first field that a
    client may not set, or OverrideInvalid as `read_choice`.
    """
    found = dict(_leaves(session))
    chosen = {name: found.pop(path, None) for name, path in (("voice", _VOICE_PATH), ("language", _LANGUAGE_PATH))}
    fixed = {("type",): "realtime", ("model",): settings.realtime_deployment}
    for path, value in found.items():
        if path not in fixed or value != fixed[path]:
            raise FieldNotAllowed(
                f"The server decides session.{'.'.join(path)}.",
                hint=f"A client may choose session.{'.'.join(_VOICE_PATH)} and session.{'.'.join(_LANGUAGE_PATH)}.",
            )
    # What is no text is no voice and no language either.
    return read_choice({name: str(value) for name, value in chosen.items() if value is not None}, settings)


def visible_session(settings: Settings, choice: Choice) -> dict[str, Any]:
    """What a client is shown of the `session` of its calls: its own choices, nothing of the instructions."""
    audio: dict[str, Any] = {"output": {"voice": choice.voice or default_voice(settings)}}
    if choice.language:
        audio["input"] = {"transcription": {"language": choice.language}}
    return {"type": "realtime", "object": "realtime.session", "model": settings.realtime_deployment, "audio": audio}


def session_configuration(settings: Settings, choice: Choice) -> dict[str, Any]:
    """The `session` object of a client secret: settings, then SESSION_CONFIG over them, then the page's choice."""
    audio_in: dict[str, Any] = {
        # Without create_response and interrupt_response a page behind the filter could neither answer nor barge in.
        "turn_detection": {"type": "server_vad", "create_response": True, "interrupt_response": True},
    }
    if settings.session_transcription_deployment:
        audio_in["transcription"] = {"model": settings.session_transcription_deployment}
    session: dict[str, Any] = {
        "type": "realtime",
        "model": settings.realtime_deployment,
        "audio": {"input": audio_in, "output": {"voice": settings.session_voice}},
    }
    if settings.session_instructions:
        session["instructions"] = settings.session_instructions
    session = _merge(session, settings.session_config)
    if choice.voice:
        session = _merge(session, {"audio": {"output": {"voice": choice.voice}}})
    # A language can only be asked for where there is a transcription at all; null switches it off.
    if choice.language and _walk(session, "audio", "input", "transcription"):
        session = _merge(session, {"audio": {"input": {"transcription": {"language": choice.language}}}})
    return session


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Objects are merged, everything else is replaced, null included: null is how the API switches something off."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        # Another type of turn detection has other fields: a semantic_vad must not inherit server_vad's.
        if isinstance(below, Mapping) and isinstance(value, Mapping) and value.get("type") in (None, below.get("type")):
            merged[key] = _merge(below, value)
        else:
            merged[key] = value
    return merged


def _leaves(value: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The fields of a session with their paths; it goes only as deep as there is something to choose."""
    for key, below in value.items():
        here = (*path, key)
        if here in _INNER and (below is None or isinstance(below, Mapping)):
            yield from _leaves(below or {}, here)
        else:
            yield here, below


def _walk(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for key in path:
        below = value.get(key)
        value = below if isinstance(below, Mapping) else {}
    return value
