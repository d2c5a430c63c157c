"""Reads the app settings from a mapping of names to texts, and reports every fault at once.

The mapping is an argument, and nothing in the package reads the environment by itself: function_app.py passes
`os.environ`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from switchboard.environment import service, surroundings
from switchboard.environment.tools import read_tool_settings
from switchboard.environment.values import Values
from switchboard.errors import SettingsError
from switchboard.settings import Prices, RealtimeProtocol, Settings
from switchboard.telemetry.reading import read_telemetry

# The service accepts 10 to 7200 s for a client secret, and it ends every session after 60 minutes
# (openai-python, client_secret_create_params; Microsoft's how-to on realtime audio).
_ClientSecretSeconds = Annotated[int, msgspec.Meta(ge=10, le=7200)]
# The platform waits 60 minutes for what still runs on an instance that it takes away, and one of them is for the end.
_CallSeconds = Annotated[int, msgspec.Meta(ge=1, le=3540)]
_IdleSeconds = Annotated[int, msgspec.Meta(ge=1, le=3600)]
_Positive = Annotated[int, msgspec.Meta(ge=1)]
_NotNegative = Annotated[int, msgspec.Meta(ge=0)]


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that the mapping contains.

    Raises SettingsError, which lists every fault and never contains the value of a secret.
    """
    values = Values(environ)
    preview = values.value("REALTIME_PROTOCOL", RealtimeProtocol, "ga") == "preview"
    settings = Settings(
        realtime_endpoints=service.endpoints(values),
        realtime_deployment=values.text("REALTIME_DEPLOYMENT", required=True),
        realtime_protocol="preview" if preview else "ga",
        realtime_region=service.region(values, preview),
        realtime_spread=values.switch("REALTIME_SPREAD", default=False),
        realtime_api_key=service.api_key(values),
        realtime_token_scope=service.token_scope(values),
        realtime_webrtc_filter=values.switch("REALTIME_WEBRTC_FILTER", default=True),
        session_instructions=values.text("SESSION_INSTRUCTIONS"),
        session_voice=service.voice(values, preview),
        session_transcription_deployment=values.text("SESSION_TRANSCRIPTION_DEPLOYMENT"),
        session_config=service.session_config(values, preview),
        signalling=values.value("SIGNALLING", Literal["proxy", "token", "both"], "proxy"),
        client_secret_seconds=values.value("CLIENT_SECRET_SECONDS", _ClientSecretSeconds, 600),
        max_call_seconds=values.value("MAX_CALL_SECONDS", _CallSeconds, 1800),
        max_idle_seconds=values.value("MAX_IDLE_SECONDS", _IdleSeconds, 300),
        token_seconds=values.value("TOKEN_SECONDS", _ClientSecretSeconds, 10),
        continue_seconds=values.value("CONTINUE_SECONDS", _NotNegative, 600),
        max_calls_per_caller=values.value("MAX_CALLS_PER_CALLER", _Positive, 2),
        max_calls=values.value("MAX_CALLS", _Positive, 100),
        max_tokens_per_minute=values.value("MAX_TOKENS_PER_MINUTE", _Positive, 30),
        daily_seconds_per_caller=values.value("DAILY_SECONDS_PER_CALLER", _NotNegative, 0),
        daily_budget=_budget(values),
        budget_ends_calls=values.switch("BUDGET_ENDS_CALLS", default=False),
        require_sign_in=values.switch("REQUIRE_SIGN_IN", default=False),
        openai_clients=service.openai_clients(values),
        direct_gateway=service.direct_gateway(values, preview),
        operator_role=values.text("OPERATOR_ROLE", "operator"),
        allowed_origins=surroundings.origins(values),
        storage=surroundings.storage(values),
        network=surroundings.network(values),
        archive_container=surroundings.container(values),
        archive_transcripts=values.switch("ARCHIVE_TRANSCRIPTS", default=True),
        archive_retention_days=values.value("ARCHIVE_RETENTION_DAYS", _Positive, None),
        consent_notice=values.text("CONSENT_NOTICE"),
        prices=values.json("PRICES", Prices, None),
        tools=read_tool_settings(values.raw, values.value, values.fault),
        identity_client_id=values.text("AZURE_CLIENT_ID"),
        telemetry=read_telemetry(values.raw, values.fault),
    )
    if values.faults:
        raise SettingsError(values.faults)
    return settings


def _budget(values: Values) -> float | None:
    name = "DAILY_BUDGET"
    if values.raw(name) and not values.raw("PRICES"):
        values.fault(name, "needs PRICES, because the gateway cannot know otherwise what a call costs")
    return values.value(name, Annotated[float, msgspec.Meta(gt=0)], None)
