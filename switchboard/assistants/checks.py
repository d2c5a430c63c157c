"""Checks an assistant against the settings of the gateway. This module does no I/O."""

from collections.abc import Collection, Iterator

from switchboard.assistants.assistant import DEFAULT, Assistant
from switchboard.preview_session import PREVIEW_VOICES, not_of_ga, preview_session
from switchboard.settings import SERVER_OWNED_SESSION_FIELDS, Settings

# A field of `session` would win over these fields of the file, and nobody would see which one counts.
_FIELD_FOR = {"instructions": "the text below the fields", "tools": "the fields 'tools' and 'mcp'"}


def faults(assistant: Assistant, settings: Settings, tools: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield what cannot work with these settings: the field that is at fault, and what is wrong with it.

    `tools` are the names of the tools that the gateway can run; None if that cannot be said.
    """
    for name in ("max_call_seconds", "max_idle_seconds"):
        chosen, widest = getattr(assistant.limits, name), getattr(settings, name)
        if chosen is not None and chosen > widest:
            yield "limits", f"has {name} {chosen}, which is wider than the gateway's {name.upper()} of {widest}"
    for tool in assistant.tools:
        if tools is not None and tool not in tools:
            known = ", ".join(sorted(tools)) or "there are none"
            yield "tools", f"names the tool {tool!r}, which is not registered ({known})"
    for path, what in not_of_ga(assistant.session).items():
        yield "session", f"has {path!r}, {what}"
    for field in sorted(assistant.session.keys() & SERVER_OWNED_SESSION_FIELDS):
        yield "session", f"may not set {field!r}: the gateway sets it, and the field 'deployment' names the deployment"
    for field, instead in _FIELD_FOR.items():
        if field in assistant.session:
            yield "session", f"may not set {field!r}: use {instead}"


def beyond_preview(assistant: Assistant) -> Iterator[tuple[str, str]]:
    """Yield what the preview protocol cannot do: the field that asks for it, and what is wrong with it."""
    if assistant.voice and assistant.voice not in PREVIEW_VOICES:
        yield "voice", f"is {assistant.voice}; the preview protocol has {', '.join(PREVIEW_VOICES)}"
    for field in ("deployment", "tools", "mcp", "greeting"):
        if getattr(assistant, field):
            yield field, "needs the GA protocol (REALTIME_PROTOCOL=ga)"
    for path in preview_session(assistant.session)[1]:
        yield "session", f"has {path!r}, which the preview protocol cannot express"


def overridden(assistant: Assistant, settings: Settings) -> list[str]:
    """Return the settings that win over what the default assistant's file says.

    For every other assistant it is the other way round: its file wins, and the settings fill in what it leaves open.
    """
    if assistant.name != DEFAULT:
        return []
    config = settings.session_config
    pairs = {
        "SESSION_INSTRUCTIONS": settings.session_instructions and assistant.instructions,
        "SESSION_VOICE": settings.session_voice and assistant.voice,
        "SESSION_TRANSCRIPTION_DEPLOYMENT": settings.session_transcription_deployment
        and assistant.transcription_deployment,
        "SESSION_CONFIG": config
        and ("instructions" in config or "audio" in config or config.keys() & assistant.session),
    }
    return [name for name, wins in pairs.items() if wins]
