"""This module lists what the command line can set; the defaults are what the real service was seen to use."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Deployments:
    """This class names the deployments of the imitated Azure OpenAI resource. Case matters, as it does on Azure."""

    realtime: frozenset[str] = frozenset({"gpt-realtime", "gpt-realtime-mini"})
    """Deployments that can hold a call."""
    transcription: frozenset[str] = frozenset({"gpt-realtime-whisper", "gpt-4o-mini-transcribe"})
    """Deployments that can transcribe what the caller says."""
    other: frozenset[str] = frozenset({"gpt-4o"})
    """Deployments that exist but can do neither, so that naming one of them is refused in another way."""


@dataclass(frozen=True)
class Options:
    """This class holds the settings of one emulator."""

    api_key: str = "emulator"
    """The resource's key, which the `api-key` header has to carry."""
    max_call_seconds: float = 3600
    """How long a call may last, in seconds; the real service ends a call after 60 minutes."""
    connect_seconds: float = 30
    """How long a WebRTC peer may take to connect, in seconds. Afterwards its sockets are closed; the call remains."""
    thinking_ms: int = 150
    """How long the emulator waits between `response.created` and the first word, in milliseconds."""
    delta_ms: int = 20
    """The pause between two transcript deltas, in milliseconds. The first few deltas are sent without a pause."""
    deployments: Deployments = field(default_factory=Deployments)
    """The deployments that exist; naming any other is refused with DeploymentNotFound."""
