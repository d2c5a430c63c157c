"""Makes the clients and joins them, once per process. Making them does no I/O; their first use does."""

import gc
import logging
from dataclasses import dataclass
from time import sleep

from switchboard.assistants.shelf import Assistants
from switchboard.calls import Calls
from switchboard.connecting import Connecting
from switchboard.continuing import Continuing
from switchboard.credentials import ApiKey, Credentials, EntraToken, Identity
from switchboard.limits.admissions import Admissions
from switchboard.limits.places import Places
from switchboard.network import Network
from switchboard.observing.live import LiveCalls
from switchboard.observing.observers import Observers
from switchboard.observing.poison import Poison
from switchboard.observing.sweep import Sweep
from switchboard.operating.room import OperatorsRoom
from switchboard.realtime.client import RealtimeClient
from switchboard.realtime.preview import PreviewClient
from switchboard.realtime.service import RealtimeService
from switchboard.realtime.sideband import SidebandDialler
from switchboard.record.archive import Archive
from switchboard.record.journal import Journals
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.telemetry.choice import telemetry_for
from switchboard.telemetry.port import Telemetry
from switchboard.threads import Threads
from switchboard.tokens import Tokens
from switchboard.tools.definition import define
from switchboard.tools.shipped import shipped_tools
from switchboard.tools.team import NO_TEAM_TOOLS, TeamTools
from switchboard.tools.toolbox import Toolbox
from switchboard.tools.toolset import ToolLimits

log = logging.getLogger(__name__)

# Only what is rare needs the SDK of storage. Its import, a third of a second, would slow down requests after a start.
SDK_AFTER_SECONDS = 1.0
# Python's garbage collector looks at new objects when there are so many more of them. A call makes a few thousand.
GARBAGE_OBJECTS = 20_000


@dataclass(frozen=True)
class Services:
    """Holds everything that the edges call. An instance lives as long as the process; `close` ends what it owns."""

    settings: Settings
    """The app settings that everything was built with."""
    assistants: Assistants
    """The assistants that answer calls."""
    connecting: Connecting
    """Begins calls."""
    continuing: Continuing
    """Ends calls that new ones continue, and notes it in their records."""
    admissions: Admissions
    """Admits calls, and knows what the limits leave to new ones."""
    calls: Calls
    """Does what callers and operators want with calls that exist."""
    room: OperatorsRoom
    """Does what operators want with calls and their records."""
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
    telemetry: Telemetry
    """Records traces and figures, or nothing."""
    threads: Threads
    """The executors on which everything blocking runs."""

    def warm_up(self) -> None:
        """Make what would otherwise be made by the first request: TLS, the credential and the storage clients.

        This takes about half a second of processor time, mostly for imports, and sends nothing. Afterwards Python's
        garbage collector no longer looks at what is there, because all of it lives as long as the process, and looks at
        the rest less often.
        """
        self.network.warm_up()
        self.credentials.warm_up()
        sleep(SDK_AFTER_SECONDS)
        self.storage.warm_up()
        # Each look at all modules would stop every call of this process for some 35 ms, once in a few seconds of work.
        gc.freeze()
        # What a call leaves behind has few cycles, so it is enough to look for them rarely.
        gc.set_threshold(GARBAGE_OBJECTS)

    def close(self) -> None:
        """End the threads and close the connections of this process."""
        self.telemetry.close()
        self.threads.close()
        self.network.close()


def build(settings: Settings, assistants: Assistants | None = None, team: TeamTools = NO_TEAM_TOOLS) -> Services:
    """Return all services for these settings, assistants and tools.

    Without assistants, there is only the default one, as the settings describe it.
    """
    assistants = assistants or Assistants(None, settings)
    threads, network = Threads(), Network(settings.network)
    toolbox = _toolbox(settings, team, network, threads)
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
    telemetry = telemetry_for(settings.telemetry, lambda: identity.credential)
    client = _client(settings, credentials, network, telemetry)
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
    archive = Archive(storage, journals, telemetry)
    observers = Observers(
        *(client, dialler, storage, journals, live, places, admissions, assistants, toolbox, threads),
        settings=settings,
        telemetry=telemetry,
    )
    return Services(
        settings=settings,
        assistants=assistants,
        connecting=Connecting(
            *(settings, client, dialler, storage, journals, live, places, admissions, assistants, toolbox, threads),
            telemetry=telemetry,
        ),
        continuing=Continuing(settings, client, storage, journals, live, places, admissions),
        admissions=admissions,
        calls=Calls(
            client, dialler, storage, journals, live, places, archive, may_end_early=settings.budget_ends_calls
        ),
        room=OperatorsRoom(settings, storage, journals, live, admissions.budget, threads.storage),
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
        telemetry=telemetry,
        threads=threads,
    )


def _toolbox(settings: Settings, team: TeamTools, network: Network, threads: Threads) -> Toolbox:
    shipped = [define(function) for function in shipped_tools(settings.tools, network, team.documents)]
    limits = ToolLimits(settings.tools.seconds, settings.tools.rounds, settings.tools.calls)
    return Toolbox({**team.tools, **{tool.name: tool for tool in shipped}}, threads.tools, limits)


def _client(settings: Settings, credentials: Credentials, network: Network, telemetry: Telemetry) -> RealtimeService:
    if settings.realtime_protocol == "ga":
        return RealtimeClient(
            settings.realtime_endpoints,
            credentials,
            network,
            webrtc_filter=settings.realtime_webrtc_filter,
            spread=settings.realtime_spread,
            telemetry=telemetry,
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
        telemetry=telemetry,
    )
