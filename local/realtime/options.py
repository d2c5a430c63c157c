"""What the command line can set, with the values the real service was seen to use."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Deployments:
    """The models this pretended resource has deployed, by deployment name (case-sensitive, as on Azure)."""

    realtime: frozenset[str] = frozenset({"gpt-realtime", "gpt-realtime-mini"})
    """Deployments that can hold a call."""
    transcription: frozenset[str] = frozenset({"gpt-realtime-whisper", "gpt-4o-mini-transcribe"})
    """Deployments that can transcribe what the caller says."""
    other: frozenset[str] = frozenset({"gpt-4o"})
    """Deployments that exist and cannot do either."""


@dataclass(frozen=True)
class Options:
    """One emulator's settings. Times are in the unit their name ends with."""

    api_key: str = "emulator"
    """The resource's key, for the `api-key` header."""
    max_call_seconds: float = 3600
    """The service ends a call after 60 minutes."""
    connect_seconds: float = 30
    """How long a media peer may take to connect before its sockets are given up; the call itself stays."""
    thinking_ms: int = 150
    """From `response.created` to the first word."""
    delta_ms: int = 20
    """Between two transcript deltas, after the first few that come at once."""
    deployments: Deployments = field(default_factory=Deployments)
    """What DeploymentNotFound is decided by."""
