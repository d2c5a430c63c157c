"""Defines what an assistant is, as frozen values: the fields of its file, checked."""

from collections.abc import Collection
from typing import Annotated, Any, Literal

import msgspec

DEFAULT = "default"
"""The name of the assistant that answers when nobody chooses one."""

# These two words, or else the name of a role.
ANYONE, SIGNED_IN = "anyone", "signed-in"

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
_Words = Annotated[str, msgspec.Meta(min_length=1)]
AssistantName = Annotated[str, msgspec.Meta(pattern=NAME_PATTERN)]


class NarrowerLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Holds the limits of an assistant's calls. None of them may be wider than the gateway's own."""

    max_call_seconds: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """How long a call may last, in seconds; None for the gateway's MAX_CALL_SECONDS."""
    max_idle_seconds: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """How long a call may last without any speech or answer, in seconds; None for the gateway's MAX_IDLE_SECONDS."""


class McpServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names a remote MCP server whose tools the realtime service itself calls."""

    label: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
    """The name by which the conversation refers to the server."""
    url: Annotated[str, msgspec.Meta(pattern=r"^https://[^/\s]+")]
    """The URL of the server, which must begin with https://."""
    allowed_tools: Annotated[tuple[_Words, ...], msgspec.Meta(min_length=1)]
    """The names of the server's tools that the model may call."""
    require_approval: Literal["never", "always"]
    """Whether the caller must agree to each call of a tool."""


class FrontMatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Holds the fields that stand at the top of an assistant's file."""

    title: _Words
    """What the page calls the assistant, in a few words."""
    description: str = ""
    """What the page says about the assistant, in a sentence."""
    voice: str = ""
    """The voice that the model speaks with if the page chooses none; empty for the gateway's."""
    language: Annotated[str, msgspec.Meta(pattern="^([a-z]{2,3})?$")] = ""
    """The language that callers speak if the page chooses none, as an ISO 639 code; empty if it is recognised."""
    deployment: str = ""
    """Azure's name for the deployed model that answers; empty for the gateway's REALTIME_DEPLOYMENT."""
    transcription_deployment: str = ""
    """The deployment that transcribes the caller's words; empty for the gateway's."""
    tools: tuple[Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,64}$")], ...] = ()
    """The names of the tools that the gateway runs for this assistant."""
    mcp: tuple[McpServer, ...] = ()
    """The remote MCP servers whose tools the service may call for this assistant."""
    limits: NarrowerLimits = NarrowerLimits()
    """Limits of this assistant's calls that are narrower than the gateway's."""
    greeting: str = ""
    """What the model is told to say first, before the caller speaks; empty if the caller speaks first."""
    callers: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,64}$")] = ANYONE
    """Who may call: `anyone`, whoever is `signed-in`, or the name of a role that a signed-in caller must have."""
    session: dict[str, Any] = {}
    """Further fields of the GA API's `session` object, which win over the fields above."""


class Assistant(FrontMatter, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Is one assistant: the fields of its file, its name, and its instructions."""

    name: AssistantName
    """The name of the file without its ending, by which requests and records name the assistant."""
    instructions: str = ""
    """What the model is told about its task: the text below the fields."""

    def open_to(self, roles: Collection[str], *, signed_in: bool) -> bool:
        """Return whether a caller with these roles may call this assistant."""
        if self.callers == ANYONE:
            return True
        return signed_in and (self.callers == SIGNED_IN or self.callers in roles)


PLAIN = Assistant(name=DEFAULT, title="Assistant")
"""The assistant that answers where no file describes the default one: the settings alone say what it is."""
