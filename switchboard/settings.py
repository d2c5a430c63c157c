"""Defines the app settings as frozen values. `switchboard.environment` reads them."""

from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

RealtimeProtocol = Literal["ga", "preview"]
OpenAIClients = Literal["off", "filtered", "full"]

SERVER_OWNED_SESSION_FIELDS = frozenset({"type", "model"})


def is_loopback(endpoint: str) -> bool:
    """Return whether the endpoint is on this machine, which means that it is an emulator."""
    return urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1")


class Secret:
    """Holds a text that nobody must see: its `repr` and `str` hide it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text itself. Only the code that sends it should call this."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Says what the model costs, so that the page can estimate the cost of a call. A price that is None is unknown."""

    currency: str = "USD"
    """The currency of the prices, as an ISO 4217 code."""
    text_input: float | None = None
    """The price of a million text tokens of input that are not cached."""
    text_cached_input: float | None = None
    """The price of a million cached text tokens of input."""
    text_output: float | None = None
    """The price of a million text tokens of output."""
    audio_input: float | None = None
    """The price of a million audio tokens of input that are not cached."""
    audio_cached_input: float | None = None
    """The price of a million cached audio tokens of input."""
    audio_output: float | None = None
    """The price of a million audio tokens of output."""
    transcription_input: float | None = None
    """The price of a million input tokens of a transcription."""
    transcription_output: float | None = None
    """The price of a million output tokens of a transcription."""
    transcription_minute: float | None = None
    """The price of transcribing a minute of audio, for a model that is billed by duration."""


class StorageSettings(msgspec.Struct, frozen=True):
    """Says where Blob and Queue storage are: a connection string, or the URIs of both services."""

    connection_string: Secret | None = None
    """The storage account's connection string; None if the gateway's identity is used instead."""
    blob_uri: str = ""
    """The URI of the Blob service; empty if there is a connection string."""
    queue_uri: str = ""
    """The URI of the Queue service; empty if there is a connection string."""
    client_id: str = ""
    """The client id of the user-assigned identity for storage; empty for the system-assigned one."""


class NetworkSettings(msgspec.Struct, frozen=True):
    """Says how other machines are reached. The names are those that every program on a machine reads."""

    ca_bundle: str = ""
    """The file or folder of the certificate authorities to trust; empty for those that Mozilla trusts."""
    https_proxy: Secret | None = None
    """The URL of the proxy for https and wss, perhaps with a password; None if there is none."""
    http_proxy: Secret | None = None
    """The URL of the proxy for http and ws, perhaps with a password; None if there is none."""
    no_proxy: tuple[str, ...] = ()
    """Hosts that are reached directly: names (and all names below them), addresses, networks, or `*` for all."""


class ToolSettings(msgspec.Struct, frozen=True):
    """Limits what tools may do."""

    seconds: int
    """How long a tool may run, in seconds (1 to 120)."""
    rounds: int
    """How many times in a row the model may call tools before the caller has spoken again."""
    calls: int
    """How many tools may run in one call altogether."""
    http_hosts: frozenset[str]
    """The names of the hosts that the tools `http_get` and `http_post` may reach."""
    http_headers: dict[str, dict[str, Secret]]
    """The headers that these two tools send to a host beside their own, by host and name."""


class TelemetrySettings(msgspec.Struct, frozen=True):
    """Says where traces and figures go."""

    target: Literal["off", "console", "otlp", "azure"] = "off"
    """`off` for nowhere, `console` for standard output, `otlp` for an endpoint, `azure` for Application Insights."""
    endpoint: str = ""
    """The base URL of the OTLP endpoint, without a final slash; empty unless `target` is `otlp`."""
    headers: tuple[tuple[str, Secret], ...] = ()
    """Names and values of the headers that the OTLP endpoint wants, such as a key."""
    connection_string: Secret | None = None
    """The connection string of Application Insights; None unless `target` is `azure`."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Holds all settings of the gateway. The page docs/settings.md lists the app settings that they come from."""

    realtime_endpoints: tuple[str, ...]
    """The base URLs of the Azure resources, without a final slash, in the order in which they are tried."""
    realtime_deployment: str
    """Azure's name for the deployed model."""
    realtime_protocol: RealtimeProtocol
    """The protocol of the Realtime API: `ga` or `preview`."""
    realtime_region: str
    """The Azure region of the resource, such as `eastus2`; empty if it was not named."""
    realtime_spread: bool
    """Whether calls are spread over the endpoints, instead of the further ones being used only after a failure."""
    realtime_token_scope: str
    """The scope of the Entra token that the Realtime service accepts."""
    realtime_api_key: Secret | None
    """A key of the resource; None if the gateway uses its identity."""
    realtime_webrtc_filter: bool
    """Whether Azure hides most server events, and with them the instructions, from the page."""
    session_instructions: str
    """What the model is told about its task; empty for what the assistant's file says."""
    session_voice: str
    """The voice that the model speaks with if the page chooses none; empty for what the assistant's file says."""
    session_transcription_deployment: str
    """The deployment that transcribes the caller's words; empty for what the assistant's file says."""
    session_config: dict[str, Any]
    """Fields of the GA API's `session` object, which override the other session settings."""
    signalling: Literal["proxy", "token", "both"]
    """Who sends the SDP offer to Azure: the gateway (`proxy`), the page (`token`), or as the page likes (`both`)."""
    client_secret_seconds: int
    """How long a client secret lives, in seconds (10 to 7200)."""
    max_call_seconds: int
    """How long a call may last, in seconds (1 to 3540)."""
    max_idle_seconds: int
    """How long a call may last without any speech or answer, in seconds (1 to 3600)."""
    token_seconds: int
    """How long a client secret lives that a page gets for a call of its own, in seconds (10 to 7200)."""
    continue_seconds: int
    """For how many seconds after its end a call may be continued by its caller; 0 if calls cannot be continued."""
    max_calls_per_caller: int
    """How many calls a caller may be in at the same time."""
    max_calls: int
    """How many calls all callers together may be in at the same time."""
    max_tokens_per_minute: int
    """How many tokens a caller may take in a minute."""
    daily_seconds_per_caller: int
    """How many seconds a caller may talk in one UTC day; 0 without such a limit."""
    daily_budget: float | None
    """What all calls of one UTC day may cost together, in the currency of `prices`; None without such a limit."""
    budget_ends_calls: bool
    """Whether live calls end when the budget is spent, and not only new ones are refused."""
    require_sign_in: bool
    """Whether only signed-in visitors may call."""
    openai_clients: OpenAIClients
    """What the routes of OpenAI's clients offer: nothing (`off`), or calls whose page gets only the events that Azure's
    filter lets through (`filtered`) or all of them, and with them the instructions (`full`)."""
    direct_gateway: bool
    """Whether clients reach this app directly, behind App Service Authentication, instead of through the site."""
    operator_role: str
    """The role that makes a signed-in visitor an operator."""
    allowed_origins: frozenset[str]
    """The origins of other sites whose pages may use the gateway, such as `https://example.com`."""
    storage: StorageSettings
    """Where Blob and Queue storage are."""
    network: NetworkSettings
    """How other machines are reached."""
    archive_container: str
    """The Blob container of the journals, the summaries and everything else that is stored."""
    archive_transcripts: bool
    """Whether the words of a call are stored."""
    archive_retention_days: int | None
    """How many days a record is kept, according to what the page tells its visitors; None if it tells nothing."""
    consent_notice: str
    """What the page asks visitors to agree to before their first call; empty if it asks nothing."""
    prices: Prices | None
    """What the model costs; None if the page shows no estimate."""
    tools: ToolSettings
    """What tools may do."""
    identity_client_id: str
    """The client id of the gateway's user-assigned identity; empty for the system-assigned one."""
    telemetry: TelemetrySettings
    """Where traces and figures go."""

    @property
    def continuable_seconds(self) -> int:
        """Return for how many seconds after its end a call may be continued; 0 if no call can be."""
        return self.continue_seconds if self.archive_transcripts and self.realtime_protocol == "ga" else 0
