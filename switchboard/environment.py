"""Reads the app settings from a mapping of names to texts, and reports every fault at once.

The mapping is an argument, and nothing in the package reads the environment by itself: function_app.py passes
`os.environ`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec

from switchboard.errors import SettingsError
from switchboard.preview_session import PREVIEW_VOICES, not_of_ga, preview_session
from switchboard.settings import (
    SERVER_OWNED_SESSION_FIELDS,
    NetworkSettings,
    OpenAIClients,
    Prices,
    RealtimeProtocol,
    Secret,
    Settings,
    StorageSettings,
    is_loopback,
)
from switchboard.telemetry.reading import read_telemetry
from switchboard.tool_environment import read_tool_settings

T = TypeVar("T")

# A switch may be written in these ways, in any setting.
SWITCH = {"true": True, "on": True, "false": False, "off": False}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that the mapping contains.

    Raises SettingsError, which lists every fault and never contains the value of a secret.
    """
    return _Reader(environ).settings()


# The service accepts 10 to 7200 s for a client secret, and it ends every session after 60 minutes
# (openai-python, client_secret_create_params; Microsoft's how-to on realtime audio).
_ClientSecretSeconds = Annotated[int, msgspec.Meta(ge=10, le=7200)]
# The platform waits 60 minutes for what still runs on an instance that it takes away, and one of them is for the end.
_CallSeconds = Annotated[int, msgspec.Meta(ge=1, le=3540)]
_IdleSeconds = Annotated[int, msgspec.Meta(ge=1, le=3600)]
_Positive = Annotated[int, msgspec.Meta(ge=1)]
_NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class _Reader:
    """Reads settings from the mapping and collects their faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []

    def settings(self) -> Settings:
        preview = self._value("REALTIME_PROTOCOL", RealtimeProtocol, "ga") == "preview"
        settings = Settings(
            realtime_endpoints=self._endpoints(),
            realtime_deployment=self._text("REALTIME_DEPLOYMENT", required=True),
            realtime_protocol="preview" if preview else "ga",
            realtime_region=self._region(preview),
            realtime_spread=self._switch("REALTIME_SPREAD", default=False),
            realtime_api_key=self._api_key(),
            realtime_token_scope=self._token_scope(),
            realtime_webrtc_filter=self._switch("REALTIME_WEBRTC_FILTER", default=True),
            session_instructions=self._text("SESSION_INSTRUCTIONS"),
            session_voice=self._voice(preview),
            session_transcription_deployment=self._text("SESSION_TRANSCRIPTION_DEPLOYMENT"),
            session_config=self._session_config(preview),
            signalling=self._value("SIGNALLING", Literal["proxy", "token", "both"], "proxy"),
            client_secret_seconds=self._value("CLIENT_SECRET_SECONDS", _ClientSecretSeconds, 600),
            max_call_seconds=self._value("MAX_CALL_SECONDS", _CallSeconds, 1800),
            max_idle_seconds=self._value("MAX_IDLE_SECONDS", _IdleSeconds, 300),
            token_seconds=self._value("TOKEN_SECONDS", _ClientSecretSeconds, 10),
            continue_seconds=self._value("CONTINUE_SECONDS", _NotNegative, 600),
            max_calls_per_caller=self._value("MAX_CALLS_PER_CALLER", _Positive, 2),
            max_calls=self._value("MAX_CALLS", _Positive, 100),
            max_tokens_per_minute=self._value("MAX_TOKENS_PER_MINUTE", _Positive, 30),
            daily_seconds_per_caller=self._value("DAILY_SECONDS_PER_CALLER", _NotNegative, 0),
            daily_budget=self._budget(),
            budget_ends_calls=self._switch("BUDGET_ENDS_CALLS", default=False),
            require_sign_in=self._switch("REQUIRE_SIGN_IN", default=False),
            openai_clients=self._openai_clients(),
            direct_gateway=self._direct_gateway(preview),
            operator_role=self._text("OPERATOR_ROLE", "operator"),
            allowed_origins=self._origins(),
            storage=self._storage(),
            network=self._network(),
            archive_container=self._container(),
            archive_transcripts=self._switch("ARCHIVE_TRANSCRIPTS", default=True),
            archive_retention_days=self._value("ARCHIVE_RETENTION_DAYS", _Positive, None),
            consent_notice=self._text("CONSENT_NOTICE"),
            prices=self._json("PRICES", Prices, None),
            tools=read_tool_settings(self._raw, self._value, self._fault),
            identity_client_id=self._text("AZURE_CLIENT_ID"),
            telemetry=read_telemetry(self._raw, self._fault),
        )
        if self._faults:
            raise SettingsError(self._faults)
        return settings

    def _raw(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def _fault(self, name: str, what: str) -> None:
        self._faults.append(f"{name} {what}")

    def _text(self, name: str, default: str = "", *, required: bool = False) -> str:
        value = self._raw(name) or default
        if required and not value:
            self._fault(name, "is missing")
        return value

    def _value(self, name: str, kind: Any, default: T) -> T:
        return self._convert(name, default, lambda text: msgspec.convert(text, kind, strict=False))

    def _json(self, name: str, kind: Any, default: T) -> T:
        return self._convert(name, default, lambda text: msgspec.json.decode(text, type=kind))

    def _convert(self, name: str, default: T, read: Callable[[str], Any]) -> T:
        text = self._raw(name)
        if not text:
            return default
        try:
            value: T = read(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            self._fault(name, f"cannot be read: {error}")
            return default
        return value

    def _switch(self, name: str, *, default: bool) -> bool:
        value = self._raw(name).lower()
        if value and value not in SWITCH:
            self._fault(name, "is a switch: true or false (on and off mean the same)")
        return SWITCH.get(value, default)

    def _direct_gateway(self, preview: bool) -> bool:
        name = "DIRECT_GATEWAY"
        direct = self._switch(name, default=False)
        if direct and (preview or self._raw("SIGNALLING") == "token"):
            self._fault(
                name, "relays offers of the GA protocol: SIGNALLING must be proxy or both, REALTIME_PROTOCOL ga"
            )
        return direct

    def _openai_clients(self) -> OpenAIClients:
        clients: OpenAIClients = self._value("OPENAI_CLIENTS", OpenAIClients, "off")
        if clients == "off" and SWITCH.get(self._raw("DIRECT_GATEWAY").lower()):
            # The direct gateway serves nobody else, so there `off` keeps what it did before this setting existed.
            return "filtered" if SWITCH.get(self._raw("REALTIME_WEBRTC_FILTER").lower(), True) else "full"
        return clients

    def _endpoints(self) -> tuple[str, ...]:
        name = "REALTIME_ENDPOINT"
        found = tuple(part.strip().rstrip("/") for part in self._raw(name).split(",") if part.strip())
        if not found:
            self._fault(
                name, "is missing: set it to https://<resource>.openai.azure.com, or to several such URLs with commas"
            )
        for endpoint in found:
            parts = _parts(endpoint)
            if parts is None:
                self._fault(name, f"is not a URL: {endpoint}")
            elif parts.scheme != "https" and not is_loopback(endpoint):
                self._fault(name, f"must begin with https://: {endpoint}")
            elif not parts.hostname or parts.path or parts.query or parts.fragment:
                self._fault(name, f"must end with the host name, without a path: {endpoint}")
        return found

    def _region(self, preview: bool) -> str:
        region = self._text("REALTIME_REGION")
        if preview and not re.fullmatch(r"[a-z0-9]+", region):
            self._fault(
                "REALTIME_REGION",
                "must be the region of the resource, such as eastus2: the preview protocol has it in an address",
            )
        return region

    def _api_key(self) -> Secret | None:
        key = self._raw("REALTIME_API_KEY")
        if key.startswith("@Microsoft.KeyVault("):
            self._fault("REALTIME_API_KEY", "is a Key Vault reference that the platform has not resolved")
        on_azure = self._raw("WEBSITE_SITE_NAME") or self._raw("WEBSITE_INSTANCE_ID")
        if on_azure and not (key or self._raw("IDENTITY_ENDPOINT") or self._raw("AZURE_CLIENT_ID")):
            self._fault("REALTIME_API_KEY", "is missing and the app has no managed identity: it needs one of the two")
        return Secret(key) if key else None

    def _token_scope(self) -> str:
        name = "REALTIME_TOKEN_SCOPE"
        # Whoever sets a scope wants an Entra token. A key that was left behind would silently be used instead.
        if self._raw(name) and self._raw("REALTIME_API_KEY"):
            self._fault(
                name, "is set beside REALTIME_API_KEY, and with a key no Entra token is used: remove one of the two"
            )
        return self._text(name, "https://ai.azure.com/.default")

    def _voice(self, preview: bool) -> str:
        voice = self._text("SESSION_VOICE")
        if voice and preview and preview_session({"audio": {"output": {"voice": voice}}})[1]:
            self._fault("SESSION_VOICE", f"is {voice}; the preview protocol has {', '.join(PREVIEW_VOICES)}")
        return voice

    def _session_config(self, preview: bool) -> dict[str, Any]:
        name = "SESSION_CONFIG"
        config: dict[str, Any] = self._json(name, dict[str, Any], {})
        wrong = not_of_ga(config)
        for path, what in wrong.items():
            self._fault(name, f"has {path!r}, {what}")
        for field in sorted(config.keys() & SERVER_OWNED_SESSION_FIELDS):
            self._fault(
                name, f"may not set {field!r}: the gateway sets it, and REALTIME_DEPLOYMENT names the deployment"
            )
        for path in preview_session(config)[1] if preview else ():
            if path not in wrong:
                self._fault(name, f"has {path!r}, which the preview protocol cannot express")
        return config

    def _budget(self) -> float | None:
        name = "DAILY_BUDGET"
        if self._raw(name) and not self._raw("PRICES"):
            self._fault(name, "needs PRICES, because the gateway cannot know otherwise what a call costs")
        return self._value(name, Annotated[float, msgspec.Meta(gt=0)], None)

    def _origins(self) -> frozenset[str]:
        name = "ALLOWED_ORIGINS"
        origins = frozenset(part.strip().rstrip("/") for part in self._raw(name).split(",") if part.strip())
        for origin in sorted(origins):
            parts = _parts(origin)
            if not parts or parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != origin:
                self._fault(name, f"has something that is not an origin such as https://example.com: {origin}")
        return origins

    def _storage(self) -> StorageSettings:
        name = "AzureWebJobsStorage"
        connection = self._raw(name)
        account = self._raw(f"{name}__accountName")
        found = StorageSettings(
            connection_string=Secret(connection) if connection else None,
            blob_uri=self._raw(f"{name}__blobServiceUri") or (account and f"https://{account}.blob.core.windows.net"),
            queue_uri=self._raw(f"{name}__queueServiceUri")
            or (account and f"https://{account}.queue.core.windows.net"),
            client_id=self._raw(f"{name}__clientId"),
        )
        if not connection and not (found.blob_uri and found.queue_uri):
            self._fault(
                name,
                f"is missing: set it to a connection string, or set {name}__blobServiceUri and {name}__queueServiceUri",
            )
        return found

    def _network(self) -> NetworkSettings:
        # requests prefers the first of these two names, and everything that uses OpenSSL knows the second one.
        name = "REQUESTS_CA_BUNDLE" if self._raw("REQUESTS_CA_BUNDLE") else "SSL_CERT_FILE"
        bundle = self._raw(name)
        if bundle and not Path(bundle).exists():
            self._fault(name, f"names a file that does not exist: {bundle}")
        no_proxy = self._raw("no_proxy") or self._raw("NO_PROXY")
        return NetworkSettings(
            ca_bundle=bundle,
            https_proxy=self._proxy("HTTPS_PROXY"),
            http_proxy=self._proxy("HTTP_PROXY"),
            no_proxy=tuple(part.strip() for part in no_proxy.split(",") if part.strip()),
        )

    def _proxy(self, name: str) -> Secret | None:
        # As in other programs, the name in lower case comes first.
        url = self._raw(name.lower()) or self._raw(name)
        if not url:
            return None
        url = url if "://" in url else f"http://{url}"
        parts = _parts(url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            # The URL may hold a password, so it is not shown.
            self._fault(name, "is not the URL of an HTTP proxy, such as http://proxy.example.com:8080")
            return None
        return Secret(url)

    def _container(self) -> str:
        name = "ARCHIVE_CONTAINER"
        container = self._text(name, "archive")
        # The naming rule of Blob containers.
        if not re.fullmatch(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", container):
            self._fault(name, f"is not a valid name for a Blob container: {container}")
        return container


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL, or None if it cannot be taken apart, or has a port that is not one."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None
