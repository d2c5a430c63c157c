"""The session configuration that a call runs with: the server's, with what a page may choose of it.

Field names are those of the GA API's `session` object (RealtimeSessionCreateRequest in openai-python).
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from switchboard.errors import OverrideInvalid
from switchboard.settings import Settings

# The voices of the GA API (openai-python, RealtimeAudioConfigOutput). A custom voice may stand in SESSION_VOICE.
VOICES = ("alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Choice(msgspec.Struct, frozen=True):
    """What a page chose of the session: None where it leaves it to the server."""

    voice: str | None = None
    language: str | None = None


CHOICE_FIELDS = frozenset(Choice.__struct_fields__)


def voices(settings: Settings) -> tuple[str, ...]:
    """The voices a page may choose from, the configured one among them."""
    return tuple(sorted({*VOICES, default_voice(settings)}))


def default_voice(settings: Settings) -> str:
    """The voice that speaks where the page chooses none."""
    configured = _walk(settings.session_config, "audio", "output").get("voice")
    return configured if isinstance(configured, str) else settings.session_voice


def read_choice(fields: Mapping[str, str], settings: Settings) -> Choice:
    """Read a page's choice from form fields or query parameters; others are not looked at.

    Raises OverrideInvalid for a voice that is not offered or a language that is no ISO 639 code.
    """
    voice, language = fields.get("voice") or None, fields.get("language") or None
    if voice is not None and voice not in voices(settings):
        raise OverrideInvalid("There is no such voice.", hint=f"Choose one of {', '.join(voices(settings))}.")
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise OverrideInvalid("This is no language code.", hint="Use an ISO 639 code such as en, es, pt or tr.")
    return Choice(voice, language)


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


def _walk(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for key in path:
        below = value.get(key)
        value = below if isinstance(below, Mapping) else {}
    return value
