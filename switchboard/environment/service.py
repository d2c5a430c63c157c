"""Reads the app settings that are about the realtime service, its sessions and OpenAI's clients."""

import re
from typing import Any

from switchboard.environment.values import SWITCH, Values, url_parts
from switchboard.preview_session import PREVIEW_VOICES, not_of_ga, preview_session
from switchboard.settings import SERVER_OWNED_SESSION_FIELDS, OpenAIClients, Secret, is_loopback


def endpoints(values: Values) -> tuple[str, ...]:
    """Return the base URLs of the Azure resources, without a final slash, in the order in which they are tried."""
    name = "REALTIME_ENDPOINT"
    found = tuple(part.strip().rstrip("/") for part in values.raw(name).split(",") if part.strip())
    if not found:
        values.fault(
            name, "is missing: set it to https://<resource>.openai.azure.com, or to several such URLs with commas"
        )
    for endpoint in found:
        parts = url_parts(endpoint)
        if parts is None:
            values.fault(name, f"is not a URL: {endpoint}")
        elif parts.scheme != "https" and not is_loopback(endpoint):
            values.fault(name, f"must begin with https://: {endpoint}")
        elif not parts.hostname or parts.path or parts.query or parts.fragment:
            values.fault(name, f"must end with the host name, without a path: {endpoint}")
    return found


def region(values: Values, preview: bool) -> str:
    """Return the region of the resource. The preview protocol needs it; GA does not."""
    region = values.text("REALTIME_REGION")
    if preview and not re.fullmatch(r"[a-z0-9]+", region):
        values.fault(
            "REALTIME_REGION",
            "must be the region of the resource, such as eastus2: the preview protocol has it in an address",
        )
    return region


def api_key(values: Values) -> Secret | None:
    """Return the key of the resource, or None where the gateway signs in with an identity."""
    key = values.raw("REALTIME_API_KEY")
    if key.startswith("@Microsoft.KeyVault("):
        values.fault("REALTIME_API_KEY", "is a Key Vault reference that the platform has not resolved")
    on_azure = values.raw("WEBSITE_SITE_NAME") or values.raw("WEBSITE_INSTANCE_ID")
    if on_azure and not (key or values.raw("IDENTITY_ENDPOINT") or values.raw("AZURE_CLIENT_ID")):
        values.fault("REALTIME_API_KEY", "is missing and the app has no managed identity: it needs one of the two")
    return Secret(key) if key else None


def token_scope(values: Values) -> str:
    """Return the scope of the Entra tokens with which the gateway signs in."""
    name = "REALTIME_TOKEN_SCOPE"
    # Whoever sets a scope wants an Entra token. A key that was left behind would silently be used instead.
    if values.raw(name) and values.raw("REALTIME_API_KEY"):
        values.fault(
            name, "is set beside REALTIME_API_KEY, and with a key no Entra token is used: remove one of the two"
        )
    return values.text(name, "https://ai.azure.com/.default")


def voice(values: Values, preview: bool) -> str:
    """Return the voice that the model speaks with; empty for the service's own choice."""
    voice = values.text("SESSION_VOICE")
    if voice and preview and preview_session({"audio": {"output": {"voice": voice}}})[1]:
        values.fault("SESSION_VOICE", f"is {voice}; the preview protocol has {', '.join(PREVIEW_VOICES)}")
    return voice


def session_config(values: Values, preview: bool) -> dict[str, Any]:
    """Return the session's further fields, under their GA names."""
    name = "SESSION_CONFIG"
    config: dict[str, Any] = values.json(name, dict[str, Any], {})
    wrong = not_of_ga(config)
    for path, what in wrong.items():
        values.fault(name, f"has {path!r}, {what}")
    for field in sorted(config.keys() & SERVER_OWNED_SESSION_FIELDS):
        values.fault(name, f"may not set {field!r}: the gateway sets it, and REALTIME_DEPLOYMENT names the deployment")
    for path in preview_session(config)[1] if preview else ():
        if path not in wrong:
            values.fault(name, f"has {path!r}, which the preview protocol cannot express")
    return config


def direct_gateway(values: Values, preview: bool) -> bool:
    """Return whether the gateway serves OpenAI's clients without a site in front of it."""
    name = "DIRECT_GATEWAY"
    direct = values.switch(name, default=False)
    if direct and (preview or values.raw("SIGNALLING") == "token"):
        values.fault(name, "relays offers of the GA protocol: SIGNALLING must be proxy or both, REALTIME_PROTOCOL ga")
    return direct


def openai_clients(values: Values) -> OpenAIClients:
    """Return how OpenAI's clients are served. On the direct gateway, `off` means as the filter says."""
    clients: OpenAIClients = values.value("OPENAI_CLIENTS", OpenAIClients, "off")
    if clients == "off" and SWITCH.get(values.raw("DIRECT_GATEWAY").lower()):
        # The direct gateway serves nobody else, so there `off` keeps what it did before this setting existed.
        return "filtered" if SWITCH.get(values.raw("REALTIME_WEBRTC_FILTER").lower(), True) else "full"
    return clients
