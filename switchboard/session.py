"""Puts together the session configuration of a call: the gateway's own, and the few things that a page may choose.

The names of the fields are those of the GA API's `session` object (RealtimeSessionCreateRequest in openai-python).
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from switchboard.assistants.assistant import DEFAULT, NAME_PATTERN, PLAIN, Assistant
from switchboard.errors import OverrideInvalid
from switchboard.preview_session import PREVIEW_VOICES
from switchboard.settings import Settings

# The voices of the GA API (openai-python, RealtimeAudioConfigOutput). SESSION_VOICE may also name a custom voice.
VOICES = ("alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
# An empty text chooses nothing.
ChosenName = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": f"^({NAME_PATTERN[1:-1]})?$"})]
LanguageCode = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": f"^({_LANGUAGE.pattern})?$"})]


class Choice(msgspec.Struct, frozen=True):
    """Says what a page chose for the session of its call."""

    voice: str | None = None
    """The model's voice, one of those that GET /api/config lists. If it is missing, the assistant's own is used."""
    language: LanguageCode | None = None
    """The language that the caller speaks, as an ISO 639 code such as `en`. If it is missing, the assistant's, or else
    it is recognised."""
    assistant: ChosenName = DEFAULT
    """The name of the assistant that answers, one of those that GET /api/config lists."""


class AssistantChoice(msgspec.Struct, frozen=True):
    """Says which assistant a client of the API chose. It chooses all else in its `session` object."""

    assistant: ChosenName = DEFAULT
    """The name of the assistant that answers."""


def voices(settings: Settings, assistant: Assistant = PLAIN) -> tuple[str, ...]:
    """Return the voices that a page may choose from. The configured one is always among them."""
    offered = VOICES if settings.realtime_protocol == "ga" else PREVIEW_VOICES
    return tuple(sorted({*offered, default_voice(settings, assistant)}))


def default_voice(settings: Settings, assistant: Assistant = PLAIN) -> str:
    """Return the voice that the model speaks with if the page chooses none."""
    configured = walk(_configured(settings, assistant), "audio", "output").get("voice")
    return configured if isinstance(configured, str) else _usual_voice(settings)


def turn_detection(settings: Settings, assistant: Assistant = PLAIN) -> str | None:
    """Return the type of voice detection that ends a caller's turn, or None if the configuration switches it off."""
    return walk(_configured(settings, assistant), "audio", "input", "turn_detection").get("type")


def deployment(settings: Settings, assistant: Assistant = PLAIN) -> str:
    """Return Azure's name for the deployed model that answers."""
    return assistant.deployment or settings.realtime_deployment


def read_choice(fields: Mapping[str, str], settings: Settings, assistant: Assistant = PLAIN) -> Choice:
    """Return the choice that form fields or query parameters make. Fields of other names are ignored.

    The assistant has been chosen already. Raises OverrideInvalid if its calls do not offer the voice, or if the
    language does not look like an ISO 639 code.
    """
    voice, language = fields.get("voice") or None, fields.get("language") or None
    if voice is not None and voice not in (offered := voices(settings, assistant)):
        raise OverrideInvalid("There is no such voice.", hint=f"Choose one of {', '.join(offered)}.")
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise OverrideInvalid("This is not a language code.", hint="Use an ISO 639 code such as en, es, pt or tr.")
    return Choice(voice, language, assistant.name)


def session_configuration(
    settings: Settings, choice: Choice, assistant: Assistant = PLAIN, whole: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the `session` object for minting a client secret.

    The assistant's file wins over the settings, except that the settings win over the default assistant's file. In
    both, the further fields (`session` and SESSION_CONFIG) win over the others. `whole`, which an application has sent,
    wins over all of these, and the page's choice over everything.
    """
    session = merge(_configured(settings, assistant), whole or {})
    if choice.voice:
        session = merge(session, _voiced(choice.voice))
    language = choice.language or assistant.language
    # The language is a field of the transcription, so it can be set only where there is one. (null switches it off.)
    if language and walk(session, "audio", "input", "transcription"):
        session = merge(session, {"audio": {"input": {"transcription": {"language": language}}}})
    return session


def greeting_instructions(settings: Settings, assistant: Assistant) -> str:
    """Return what the model is told when it shall speak first; empty if the assistant has no greeting.

    The instructions of a response replace those of the session, so they contain both.
    """
    if not assistant.greeting:
        return ""
    usual = _configured(settings, assistant).get("instructions") or ""
    return f"{usual}\n\n{assistant.greeting}".strip()


def _configured(settings: Settings, assistant: Assistant) -> dict[str, Any]:
    base = {
        "type": "realtime",
        "model": deployment(settings, assistant),
        "audio": {
            # Without these two, the model would neither answer a caller by itself nor stop when the caller interrupts.
            "input": {
                "turn_detection": {"type": "server_vad", "create_response": True, "interrupt_response": True},
            },
            "output": {"voice": _usual_voice(settings)},
        },
    }
    of_settings = merge(
        _fields(settings.session_instructions, settings.session_voice, settings.session_transcription_deployment),
        settings.session_config,
    )
    of_file = merge(
        _fields(assistant.instructions, assistant.voice, assistant.transcription_deployment), assistant.session
    )
    first, then = (of_file, of_settings) if assistant.name == DEFAULT else (of_settings, of_file)
    return merge(merge(base, first), then)


def _fields(instructions: str, voice: str, transcription: str) -> dict[str, Any]:
    """Return the `session` object that these values make. An empty one makes no field."""
    session: dict[str, Any] = {"instructions": instructions} if instructions else {}
    if voice:
        session = merge(session, _voiced(voice))
    if transcription:
        session = merge(session, {"audio": {"input": {"transcription": {"model": transcription}}}})
    return session


def _voiced(voice: str) -> dict[str, Any]:
    return {"audio": {"output": {"voice": voice}}}


def _usual_voice(settings: Settings) -> str:
    return "alloy" if settings.realtime_protocol == "preview" else "marin"


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `over`: objects are merged, and all else is replaced.

    A null replaces too, because the API uses null to switch something off.
    """
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        # An object of another type has other fields: a semantic_vad must not inherit the fields of a server_vad.
        if isinstance(below, Mapping) and isinstance(value, Mapping) and value.get("type") in (None, below.get("type")):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def walk(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the object at `path` within `value`, or an empty one if there is none."""
    for key in path:
        below = value.get(key)
        value = below if isinstance(below, Mapping) else {}
    return value
