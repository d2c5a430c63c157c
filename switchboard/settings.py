"""The app settings: read once from a mapping, frozen, every fault named at once."""

from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

T = TypeVar("T")
RealtimeProtocol = Literal["ga", "preview"]

# The preview protocol's flat fields; the GA service answers them with an error at every call.
PREVIEW_SESSION_FIELDS = frozenset(
    {
        "modalities",
        "voice",
        "input_audio_format",
        "output_audio_format",
        "input_audio_transcription",
        "input_audio_noise_reduction",
        "turn_detection",
        "temperature",
        "max_response_output_tokens",
    }
)
SERVER_OWNED_SESSION_FIELDS = frozenset({"type", "model"})


def is_loopback(endpoint: str) -> bool:
    """Whether the endpoint is on this machine: an emulator, that is."""
    return urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1")


class Secret:
    """A text that must not be seen: its repr and str hide it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one header that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class Prices(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a million tokens cost, for the page's estimate. None where no price is known."""

    currency: str = "USD"
    text_input: float | None = None
    text_cached_input: float | None = None
    text_output: float | None = None
    audio_input: float | None = None
    audio_cached_input: float | None = None
    audio_output: float | None = None
    transcription_input: float | None = None
    transcription_output: float | None = None
    transcription_minute: float | None = None


class StorageSettings(msgspec.Struct, frozen=True):
    """Where Blob and Queue storage are: by connection string, or by URI and identity."""

    connection_string: Secret | None = None
    blob_uri: str = ""
    queue_uri: str = ""
    client_id: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings. Times in seconds."""

    realtime_endpoints: tuple[str, ...]
    realtime_deployment: str
    realtime_protocol: RealtimeProtocol
    realtime_region: str
    realtime_token_scope: str
    realtime_api_key: Secret | None
    realtime_webrtc_filter: bool
    session_instructions: str
    session_voice: str
    session_transcription_deployment: str
    session_config: dict[str, Any]
    signalling: Literal["proxy", "token", "both"]
    client_secret_seconds: int
    max_call_seconds: int
    max_idle_seconds: int
    max_calls_per_caller: int
    require_sign_in: bool
    operator_role: str
    allowed_origins: frozenset[str]
    storage: StorageSettings
    archive_container: str
    archive_transcripts: bool
    archive_retention_days: int | None
    consent_notice: str
    prices: Prices | None
    identity_client_id: str
