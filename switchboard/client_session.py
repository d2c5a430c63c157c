"""Reads the `session` object that a client of OpenAI's API sends, and says what the client may see of its session.

A visitor's client may choose a voice and a language. What else it sends must change nothing: many clients always send
fields such as `instructions: ""`. An application that has authenticated as such may send a whole session.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from switchboard.assistants.assistant import PLAIN, Assistant
from switchboard.errors import FieldNotAllowed, OverrideInvalid
from switchboard.preview_session import not_of_ga
from switchboard.session import (
    Choice,
    LanguageCode,
    default_voice,
    deployment,
    merge,
    read_choice,
    session_configuration,
    walk,
)
from switchboard.settings import SERVER_OWNED_SESSION_FIELDS, Settings

# What the service does if a session does not say it (recorded, and RealtimeSessionCreateRequest in openai-python).
SERVICE_DEFAULTS: dict[str, Any] = {
    "output_modalities": ["audio"],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
    "truncation": "auto",
    "audio": {
        "input": {"format": {"type": "audio/pcm", "rate": 24000}},
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "speed": 1},
    },
}
# Nobody may find out by trying whether the gateway has these values.
_NOT_SHOWN = frozenset({"instructions", "tools", "prompt"})


class TranscriptionChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Says how the caller's speech is transcribed."""

    language: LanguageCode | None = None
    """The ISO 639 code of the language that the caller speaks."""


class InputChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Says what may be chosen for the caller's audio."""

    transcription: TranscriptionChoice | None = None
    """How the caller's speech is transcribed."""


class OutputChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Says what may be chosen for the model's audio."""

    voice: str | None = None
    """One of the voices that GET /api/config lists."""


class AudioChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Says what may be chosen for the audio of a session."""

    input: InputChoice | None = None
    """What is chosen for the caller's audio."""
    output: OutputChoice | None = None
    """What is chosen for the model's audio."""


class ClientSession(msgspec.Struct, frozen=True):
    """Is a `session` object as a client of the API may send it. The gateway decides everything else.

    Any other field must be empty, or must say what the gateway's own session says anyway. At the direct gateway an
    application may send every field of the API's `session` object.
    """

    type: Literal["realtime"] | msgspec.UnsetType = msgspec.UNSET
    """The type of the session, which may only be this one."""
    model: str | msgspec.UnsetType = msgspec.UNSET
    """The name of the deployed model, which may only be the gateway's."""
    audio: AudioChoice | None = None
    """What the client chooses for the audio."""


class IssuedSession(msgspec.Struct, frozen=True):
    """Holds what a client may see of the `session` of its calls: its own choices, but not the instructions."""

    id: str
    """An id that names the token, because a session has no id before its call."""
    type: Literal["realtime"]
    """The type of the session."""
    object: Literal["realtime.session"]
    """The type of this object."""
    model: str
    """Azure's name for the deployed model."""
    audio: AudioChoice
    """The voice, and the language if one was chosen."""


# Where a `session` object holds the same choices.
_VOICE_PATH, _LANGUAGE_PATH = ("audio", "output", "voice"), ("audio", "input", "transcription", "language")
_INNER = frozenset(path[:end] for path in (_VOICE_PATH, _LANGUAGE_PATH) for end in range(1, len(path)))


def read_session(
    session: Mapping[str, Any],
    settings: Settings,
    assistant: Assistant = PLAIN,
    whole: Mapping[str, Any] | None = None,
) -> Choice:
    """Return the choice that a client makes in a `session` object of the API, for calls of this assistant.

    `whole` is the session that an application has sent for this client's calls, if one has. Fields that say nothing, or
    what the session says anyway, are ignored. Raises FieldNotAllowed, which names the first field that a client may not
    set, and OverrideInvalid if the voice is not offered, if the language does not look like an ISO 639 code, or if a
    field that may be set has a value of another type.
    """
    has = merge(SERVICE_DEFAULTS, session_configuration(settings, Choice(), assistant, whole))
    for path, value in _leaves(session):
        if path not in (_VOICE_PATH, _LANGUAGE_PATH) and not _changes_nothing(path, value, has):
            raise FieldNotAllowed(
                f"The server decides session.{'.'.join(path)}.",
                hint=f"A client may choose session.{'.'.join(_VOICE_PATH)} and session.{'.'.join(_LANGUAGE_PATH)}.",
            )
    try:
        msgspec.convert(session, ClientSession)
    except msgspec.ValidationError as error:
        raise OverrideInvalid(f"The session has a value of a wrong type: {error}.") from error
    chosen = {path[-1]: value for path, value in _leaves(session) if path in (_VOICE_PATH, _LANGUAGE_PATH)}
    return read_choice(chosen, settings, assistant)


def read_whole_session(
    session: Mapping[str, Any], settings: Settings, assistant: Assistant = PLAIN
) -> tuple[Choice, dict[str, Any]]:
    """Return the choice in an application's `session` object, and the object without the fields that the server owns.

    Raises FieldNotAllowed for another `type` or `model` than the gateway's, and for a field of the preview protocol.
    """
    has = session_configuration(settings, Choice(), assistant)
    for name in sorted(SERVER_OWNED_SESSION_FIELDS & session.keys()):
        if not _changes_nothing((name,), session[name], has):
            raise FieldNotAllowed(
                f"The server decides session.{name}.", hint=f"Leave it out, or send {has[name]!r}, which it is."
            )
    for path, what in not_of_ga(session).items():
        raise FieldNotAllowed(f"The session has {path!r}, {what}.", hint="Use the field names of the GA API.")
    voice = walk(session, "audio", "output").get("voice")
    language = walk(session, "audio", "input", "transcription").get("language")
    choice = Choice(
        voice if isinstance(voice, str) else None, language if isinstance(language, str) else None, assistant.name
    )
    return choice, {name: value for name, value in session.items() if name not in SERVER_OWNED_SESSION_FIELDS}


def visible_session(session_id: str, settings: Settings, choice: Choice, assistant: Assistant = PLAIN) -> IssuedSession:
    """Return what a client may see of the `session` of its calls: its own choices, but not the instructions."""
    spoken = InputChoice(TranscriptionChoice(choice.language)) if choice.language else None
    voice = OutputChoice(choice.voice or default_voice(settings, assistant))
    model = deployment(settings, assistant)
    return IssuedSession(session_id, "realtime", "realtime.session", model, AudioChoice(spoken, voice))


def _changes_nothing(path: tuple[str, ...], value: Any, has: Mapping[str, Any]) -> bool:
    if value == "" or (value in ([], {}) and path[0] not in SERVER_OWNED_SESSION_FIELDS):
        return True
    if path[0] in _NOT_SHOWN:
        return value is None
    return _repeats(value, walk(has, *path[:-1]).get(path[-1]))


def _repeats(value: Any, has: Any) -> bool:
    """Return whether every field of `value` has the same value in `has`."""
    if isinstance(value, Mapping) and isinstance(has, Mapping):
        return all(_repeats(below, has.get(key)) for key, below in value.items())
    return bool(value == has)


def _leaves(value: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the fields of a session with their paths. Only objects that contain something to choose are entered."""
    for key, below in value.items():
        here = (*path, key)
        if here in _INNER and (below is None or isinstance(below, Mapping)):
            yield from _leaves(below or {}, here)
        else:
            yield here, below
