"""What a page must know of the gateway: GET /api/config. No secret, nothing of the instructions."""

from typing import Literal

import msgspec

from switchboard import __version__
from switchboard.session import default_voice, turn_detection, voices
from switchboard.settings import Prices, RealtimeProtocol, Settings

# The one port of the service's media, UDP and TCP: its answers offer no other (recorded).
MEDIA_PORT = 3478


class CallLimits(msgspec.Struct, frozen=True):
    """Seconds, and calls at once."""

    max_call_seconds: int
    max_idle_seconds: int
    max_calls_per_caller: int


class FirewallRule(msgspec.Struct, frozen=True):
    """What a client's network must let out; `service_tag` is None where the region is not known."""

    port: int
    protocols: list[str]
    service_tag: str | None


class SessionChoices(msgspec.Struct, frozen=True):
    """What a page may choose, and the kind of `turn_detection`: where it is None, the page says when a turn is over."""

    voice: str
    voices: tuple[str, ...]
    languages: str
    turn_detection: str | None


class ArchiveNotice(msgspec.Struct, frozen=True):
    """What is kept of a call; `notice` is the operator's own text, `retention_days` None where nobody says."""

    transcripts: bool
    retention_days: int | None
    notice: str | None


class PageConfig(msgspec.Struct, frozen=True):
    """The answer of GET /api/config."""

    version: str
    signalling: Literal["proxy", "token", "both"]
    protocol: RealtimeProtocol
    webrtc_filter: bool
    deployment: str
    sign_in_required: bool
    limits: CallLimits
    firewall: FirewallRule
    session: SessionChoices
    archive: ArchiveNotice
    prices: Prices | None


def page_config(settings: Settings) -> PageConfig:
    """The configuration as the settings have it."""
    return PageConfig(
        version=__version__,
        signalling=settings.signalling,
        protocol=settings.realtime_protocol,
        # The preview protocol has none, whatever the setting says.
        webrtc_filter=settings.realtime_webrtc_filter and settings.realtime_protocol == "ga",
        deployment=settings.realtime_deployment,
        sign_in_required=settings.require_sign_in,
        limits=CallLimits(settings.max_call_seconds, settings.max_idle_seconds, settings.max_calls_per_caller),
        firewall=FirewallRule(
            MEDIA_PORT,
            ["udp", "tcp"],
            f"AzureCloud.{settings.realtime_region}" if settings.realtime_region else None,
        ),
        session=SessionChoices(default_voice(settings), voices(settings), "ISO 639", turn_detection(settings)),
        archive=ArchiveNotice(
            settings.archive_transcripts, settings.archive_retention_days, settings.consent_notice or None
        ),
        prices=settings.prices,
    )
