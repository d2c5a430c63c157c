"""Builds what a page must know about the gateway (GET /api/config). It contains no secret and no instructions."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from switchboard import __version__
from switchboard.assistants.assistant import PLAIN, Assistant
from switchboard.limits.left import Left
from switchboard.session import default_voice, turn_detection, voices
from switchboard.settings import Prices, RealtimeProtocol, Settings

# The service offers only this port for media, over UDP and TCP (recorded).
MEDIA_PORT = 3478


class CallLimits(msgspec.Struct, frozen=True):
    """Says which limits the gateway sets."""

    max_call_seconds: int
    """How long a call may last, in seconds."""
    max_idle_seconds: int
    """How long a call may last without any speech or answer, in seconds."""
    max_calls_per_caller: int
    """How many calls a caller may be in at the same time."""


class FirewallRule(msgspec.Struct, frozen=True):
    """Says which outbound traffic the visitor's network must allow."""

    port: int
    """The port of the service's media."""
    protocols: list[str]
    """The transport protocols on that port: `udp` and `tcp`."""
    service_tag: str | None
    """Azure's service tag for the addresses, such as `AzureCloud.eastus2`; None if the region is not known."""


class SessionChoices(msgspec.Struct, frozen=True):
    """Says what a page may choose for a call, and how turns end."""

    voice: str
    """The voice that the model speaks with if the page chooses none."""
    voices: tuple[str, ...]
    """The voices that the page may choose from."""
    languages: str
    """The standard of the language codes that the page may choose from."""
    turn_detection: str | None
    """The type of voice detection that ends a caller's turn; None if the page must end each turn itself."""


class OfferedAssistant(msgspec.Struct, frozen=True):
    """Says what a page may show of an assistant that its visitor may call. It never contains the instructions."""

    name: str
    """The name by which a request chooses the assistant."""
    title: str
    """What to call the assistant, in a few words."""
    description: str
    """What the assistant is for, in a sentence; empty if its file does not say."""
    session: SessionChoices
    """What the page may choose for a call with this assistant, and how turns end in it."""
    limits: CallLimits
    """The limits of calls with this assistant."""


class ArchiveNotice(msgspec.Struct, frozen=True):
    """Says what is kept of a call."""

    transcripts: bool
    """Whether the words of a call are stored."""
    retention_days: int | None
    """How many days a record is kept; None if the settings do not say."""
    notice: str | None
    """What the page asks visitors to agree to before their first call; None if it asks nothing."""


class PageConfig(msgspec.Struct, frozen=True):
    """This is the answer of GET /api/config."""

    version: str
    """The version of the gateway."""
    signalling: Literal["proxy", "token", "both"]
    """Who sends the SDP offer to Azure: the gateway (`proxy`), the page (`token`), or as the page likes (`both`)."""
    protocol: RealtimeProtocol
    """The protocol of the Realtime API: `ga` or `preview`."""
    webrtc_filter: bool
    """Whether Azure hides most server events from the page."""
    deployment: str
    """Azure's name for the deployed model."""
    sign_in_required: bool
    """Whether only signed-in visitors may call."""
    limits: CallLimits
    """The limits of calls, where the assistant has no narrower ones."""
    continue_seconds: int
    """For how many seconds after its end a call may be continued by its caller; 0 if calls cannot be continued."""
    firewall: FirewallRule
    """The outbound traffic that the visitor's network must allow."""
    session: SessionChoices
    """What the page may choose for a call with the first of the assistants."""
    assistants: tuple[OfferedAssistant, ...]
    """The assistants that the visitor may call, the default one first."""
    archive: ArchiveNotice
    """What is kept of a call."""
    prices: Prices | None
    """What the model costs; None if the page shows no estimate."""
    left: Left
    """What the limits over all callers leave to new calls, as it was a few seconds ago."""


def page_config(settings: Settings, left: Left, assistants: Iterable[Assistant] = (PLAIN,)) -> PageConfig:
    """Return what the settings say to a page, what the limits leave to new calls, and whom its visitor may call."""
    offered = tuple(assistants)
    return PageConfig(
        version=__version__,
        signalling=settings.signalling,
        protocol=settings.realtime_protocol,
        # The preview protocol has no filter, whatever the setting says.
        webrtc_filter=settings.realtime_webrtc_filter and settings.realtime_protocol == "ga",
        deployment=settings.realtime_deployment,
        sign_in_required=settings.require_sign_in,
        limits=CallLimits(settings.max_call_seconds, settings.max_idle_seconds, settings.max_calls_per_caller),
        continue_seconds=settings.continuable_seconds,
        firewall=FirewallRule(
            MEDIA_PORT,
            ["udp", "tcp"],
            f"AzureCloud.{settings.realtime_region}" if settings.realtime_region else None,
        ),
        session=_choices(offered[0] if offered else PLAIN, settings),
        assistants=tuple(_offered(assistant, settings) for assistant in offered),
        archive=ArchiveNotice(
            settings.archive_transcripts, settings.archive_retention_days, settings.consent_notice or None
        ),
        prices=settings.prices,
        left=left,
    )


def _choices(assistant: Assistant, settings: Settings) -> SessionChoices:
    return SessionChoices(
        default_voice(settings, assistant), voices(settings, assistant), "ISO 639", turn_detection(settings, assistant)
    )


def _offered(assistant: Assistant, settings: Settings) -> OfferedAssistant:
    return OfferedAssistant(
        assistant.name,
        assistant.title,
        assistant.description,
        _choices(assistant, settings),
        CallLimits(
            assistant.limits.max_call_seconds or settings.max_call_seconds,
            assistant.limits.max_idle_seconds or settings.max_idle_seconds,
            settings.max_calls_per_caller,
        ),
    )
