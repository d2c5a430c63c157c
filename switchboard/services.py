"""Makes the clients and joins them, once per process. Making them does no I/O; their first use does."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from switchboard.archive import Archive
from switchboard.calls import Calls
from switchboard.credentials import ApiKey, Credentials, EntraToken, Identity
from switchboard.journal import Journals
from switchboard.limits import Places
from switchboard.lines import AnyLine, CallCreated, Line
from switchboard.observer import observe
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.preview import PreviewClient
from switchboard.realtime.service import RealtimeService
from switchboard.realtime.sideband import Sideband, SidebandDialler
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.tokens import Tokens
from switchboard.unobserved import wait_for_end

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """Everything the edges call."""

    settings: Settings
    calls: Calls
    tokens: Tokens
    archive: Archive
    observers: "Observers"


class Observers:
    """Observes calls, and frees a caller's place when the call has ended. The ports of `observe`."""

    def __init__(
        self, settings: Settings, client: RealtimeService, dialler: SidebandDialler, journals: Journals, places: Places
    ) -> None:
        self._keep_words = settings.archive_transcripts
        self._client = client
        self._dialler = dialler
        self._journals = journals
        self._places = places

    async def observe(self, call: CallCreated) -> None:
        """See switchboard.observer.observe; for a call that cannot be observed, switchboard.unobserved.wait_for_end."""
        if call.observable:
            await observe(call, self, keep_words=self._keep_words)
        else:
            await wait_for_end(call, self)
        await asyncio.to_thread(self._places.release, call.place)

    def dial(self, endpoint: str, call_id: str) -> AbstractAsyncContextManager[Sideband]:
        """Attach to a call."""
        return self._dialler.dial(endpoint, call_id)

    def start_journal(self, call: CallCreated) -> list[AnyLine]:
        """Begin the call's journal, or read it."""
        return self._journals.start(call)

    def read_journal(self, call_id: str) -> list[AnyLine]:
        """What stands in the call's journal."""
        return self._journals.read(call_id) or []

    def append(self, call_id: str, lines: Iterable[Line]) -> None:
        """Append to the call's journal."""
        self._journals.append(call_id, lines)

    def hang_up(self, endpoint: str, call_id: str) -> bool:
        """End the call."""
        return self._client.hang_up(endpoint, call_id)


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
    return Services(
        settings=settings,
        calls=Calls(settings, client, dialler, places, journals, storage),
        tokens=Tokens(storage, settings),
        archive=Archive(storage, journals, client),
        observers=Observers(settings, client, dialler, journals, places),
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
