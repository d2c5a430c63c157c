"""Makes the clients and joins them, once per process. Making them does no I/O; their first use does."""

import logging
from dataclasses import dataclass

from switchboard.calls import Calls
from switchboard.credentials import ApiKey, Credentials, EntraToken, Identity
from switchboard.limits import Places
from switchboard.observing.observers import Observers
from switchboard.observing.poison import Poison
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.preview import PreviewClient
from switchboard.realtime.service import RealtimeService
from switchboard.realtime.sideband import SidebandDialler
from switchboard.record.archive import Archive
from switchboard.record.journal import Journals
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.tokens import Tokens

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """Everything the edges call."""

    settings: Settings
    calls: Calls
    tokens: Tokens
    archive: Archive
    observers: Observers
    poison: Poison


def build(settings: Settings) -> Services:
    """All services for these settings."""
    identity = Identity(settings.identity_client_id)
    credentials: Credentials = (
        ApiKey(settings.realtime_api_key)
        if settings.realtime_api_key
        else EntraToken(identity, settings.realtime_token_scope)
    )
    # Mostly one identity for both; where storage names another one, that one.
    other = settings.storage.client_id not in ("", settings.identity_client_id)
    storage_identity = Identity(settings.storage.client_id) if other else identity
    storage = Storage(settings.storage, storage_identity, settings.archive_container)
    client = _client(settings, credentials)
    dialler = SidebandDialler(credentials)
    journals = Journals(storage)
    places = Places(storage, per_caller=settings.max_calls_per_caller, call_seconds=settings.max_call_seconds)
    archive = Archive(storage, journals)
    observers = Observers(settings, client, dialler, journals, places)
    return Services(
        settings=settings,
        calls=Calls(settings, client, dialler, places, journals, storage),
        tokens=Tokens(storage, settings),
        archive=archive,
        observers=observers,
        poison=Poison(archive, observers),
    )


def _client(settings: Settings, credentials: Credentials) -> RealtimeService:
    if settings.realtime_protocol == "ga":
        return RealtimeClient(settings.realtime_endpoints, credentials, webrtc_filter=settings.realtime_webrtc_filter)
    log.warning(
        "REALTIME_PROTOCOL=preview is deprecated and may stop working any day. Calls are not observed: limits are not "
        "enforced, and records rest on what the browser says. Move to a GA model and REALTIME_PROTOCOL=ga."
    )
    return PreviewClient(
        settings.realtime_endpoints,
        credentials,
        region=settings.realtime_region,
        deployment=settings.realtime_deployment,
    )
