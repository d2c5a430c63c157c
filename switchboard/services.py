"""Makes the clients and joins them, once per process. Making them does no I/O; their first use does."""

import logging
from dataclasses import dataclass
from time import sleep

from switchboard.calls import Calls
from switchboard.connecting import Connecting
from switchboard.credentials import ApiKey, Credentials, EntraToken, Identity
from switchboard.limits.admissions import Admissions
from switchboard.limits.places import Places
from switchboard.network import Network
from switchboard.observing.live import LiveCalls
from switchboard.observing.observers import Observers
from switchboard.observing.poison import Poison
from switchboard.observing.sweep import Sweep
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.preview import PreviewClient
from switchboard.realtime.service import RealtimeService
from switchboard.realtime.sideband import SidebandDialler
from switchboard.record.archive import Archive
from switchboard.record.journal import Journals
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.threads import Threads
from switchboard.tokens import Tokens

log = logging.getLogger(__name__)

# Only lists need the SDK of storage. Its import, of a third of a second, would slow down the requests after a start.
SDK_AFTER_SECONDS = 1.0


@dataclass(frozen=True)
class Services:
    """Holds everything that the edges call. An instance lives as long as the process; `close` ends what it owns."""

    settings: Settings
    """The app settings that everything was built with."""
    connecting: Connecting
    """Begins calls."""
    admissions: Admissions
    """Admits calls, and knows what the limits leave to new ones."""
    calls: Calls
    """Does what callers and operators want with calls that exist."""
    tokens: Tokens
    """Issues and checks the gateway's own ephemeral tokens."""
    archive: Archive
    """Writes call summaries and poison messages."""
    observers: Observers
    """Runs the observers of this process."""
    poison: Poison
    """Deals with queue messages that failed too often."""
    storage: Storage
    """The archive's container and the queues."""
    journals: Journals
    """The journals of all calls."""
    live: LiveCalls
    """The calls that are up."""
    places: Places
    """The places of all calls."""
    sweep: Sweep
    """Finds calls that nobody observes, and places that nobody uses."""
    credentials: Credentials
    """What proves to the Realtime service who the gateway is."""
    network: Network
    """The way to the service and to storage."""
    threads: Threads
    """The executors on which everything blocking runs."""

    def warm_up(self) -> None:
        """Make what would otherwise be made by the first request: TLS, the credential and the storage clients.

        This takes about half a second of processor time, mostly for imports, and sends nothing.
        """
        self.network.warm_up()
        self.credentials.warm_up()
        sleep(SDK_AFTER_SECONDS)
        self.storage.warm_up()

    def close(self) -> None:
        """End the threads and close the connections of this process."""
        self.threads.close()
        self.network.close()


def build(settings: Settings) -> Services:
    """Return all services for these settings."""
    threads, network = Threads(), Network(settings.network)
    identity = Identity(settings.identity_client_id, network)
    credentials: Credentials = (
        ApiKey(settings.realtime_api_key)
        if settings.realtime_api_key
        else EntraToken(identity, settings.realtime_token_scope)
    )
    # Usually one identity serves both; the settings can name another one for storage.
    other = settings.storage.client_id not in ("", settings.identity_client_id)
    storage_identity = Identity(settings.storage.client_id, network) if other else identity
    storage = Storage(settings.storage, storage_identity, settings.archive_container, network)
    client = _client(settings, credentials, network)
    dialler = SidebandDialler(credentials, threads.service, network)
    journals, live = Journals(storage), LiveCalls(storage)
    places = Places(
        storage,
        threads.storage,
        per_caller=settings.max_calls_per_caller,
        over_all=settings.max_calls,
        call_seconds=settings.max_call_seconds,
        tokens_per_minute=settings.max_tokens_per_minute,
    )
    admissions = Admissions(settings, storage, places, threads.storage)
    archive = Archive(storage, journals)
    observers = Observers(
        client, dialler, storage, journals, live, places, admissions, threads, keep_words=settings.archive_transcripts
    )
    return Services(
        settings=settings,
        connecting=Connecting(settings, client, dialler, storage, journals, live, places, admissions, threads),
        admissions=admissions,
        calls=Calls(client, dialler, storage, journals, live, places),
        tokens=Tokens(storage, settings, places),
        archive=archive,
        observers=observers,
        poison=Poison(archive, observers),
        storage=storage,
        journals=journals,
        live=live,
        places=places,
        sweep=Sweep(storage, live, places, admissions.budget, threads.storage),
        credentials=credentials,
        network=network,
        threads=threads,
    )


def _client(settings: Settings, credentials: Credentials, network: Network) -> RealtimeService:
    if settings.realtime_protocol == "ga":
        return RealtimeClient(
            settings.realtime_endpoints,
            credentials,
            network,
            webrtc_filter=settings.realtime_webrtc_filter,
            spread=settings.realtime_spread,
        )
    log.warning(
        "REALTIME_PROTOCOL=preview is deprecated and may stop working any day. Calls are not observed: limits are not "
        "enforced, and records rest on what the browser says. Move to a GA model and REALTIME_PROTOCOL=ga."
    )
    return PreviewClient(
        settings.realtime_endpoints,
        credentials,
        network,
        region=settings.realtime_region,
        deployment=settings.realtime_deployment,
    )
