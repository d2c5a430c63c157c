"""Provides a call in the emulator, observers that the test starts itself, and the call's journal in Azurite."""

import asyncio
from time import time
from typing import Any

from switchboard.assistants.assistant import PLAIN
from switchboard.assistants.shelf import Assistants
from switchboard.credentials import ApiKey
from switchboard.limits.admissions import Admissions
from switchboard.limits.places import Places
from switchboard.observing.live import LiveCalls
from switchboard.observing.observers import Observers
from switchboard.realtime.service import RealtimeService
from switchboard.realtime.sideband import SidebandDialler
from switchboard.record.journal import Journals
from switchboard.record.lines import AnyLine, Attached, CallCreated
from switchboard.record.summary import CallSummary, fold
from switchboard.settings import Secret
from switchboard.storage import Storage
from switchboard.telemetry.port import OFF, Telemetry
from switchboard.threads import Threads
from switchboard.tools.toolbox import Toolbox
from switchboard.tools.toolset import ToolLimits
from tests.emulator import Emulator
from tests.examples import NETWORK, OFFER, settings
from tests.wait import eventually

THREADS = Threads()


def places_in(storage: Storage, *, per_caller: int = 1, over_all: int = 20, call_seconds: int = 100) -> Places:
    """Return places that are counted in this storage."""
    return Places(
        storage,
        THREADS.storage,
        per_caller=per_caller,
        over_all=over_all,
        call_seconds=call_seconds,
        tokens_per_minute=5,
    )


NO_TOOLS = Toolbox({}, THREADS.tools, ToolLimits())


def observers_in(
    storage: Storage,
    client: RealtimeService,
    assistants: Assistants | None = None,
    toolbox: Toolbox = NO_TOOLS,
    telemetry: Telemetry = OFF,
    **environ: str,
) -> Observers:
    """Return observers that write to this storage, for the emulator's calls."""
    chosen, places = settings(**environ), places_in(storage)
    return Observers(
        client,
        SidebandDialler(ApiKey(Secret("emulator")), THREADS.service, NETWORK),
        storage,
        Journals(storage),
        LiveCalls(storage),
        places,
        Admissions(chosen, storage, places, THREADS.storage),
        assistants or Assistants(None, chosen),
        toolbox,
        THREADS,
        settings=chosen,
        telemetry=telemetry,
    )


class Stage:
    """Holds a call in the emulator, and starts observers for it."""

    def __init__(self, client: RealtimeService, storage: Storage, emulator: Emulator) -> None:
        self.client = client
        self.storage = storage
        self.emulator = emulator
        self.journals = Journals(storage)
        self.live = LiveCalls(storage)
        self.places = places_in(storage)
        self.telemetry: Telemetry = OFF
        self.call_id = ""
        self.toolbox = NO_TOOLS
        self.assistants: Assistants | None = None
        self.assistant = PLAIN

    async def call(self, **fields: Any) -> CallCreated:
        return await asyncio.to_thread(self._call, fields)

    def _call(self, fields: dict[str, Any]) -> CallCreated:
        session = {
            "type": "realtime",
            "model": "gpt-realtime",
            "audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}},
            "tools": self.toolbox.definitions(self.toolbox.names),
        }
        offered = self.toolbox.offer(session, self.assistant)
        created = self.client.create_call(self.client.create_client_secret(offered, 600), OFFER)
        self.call_id = created.call_id
        defaults: dict[str, Any] = {"max_call_seconds": 60, "max_idle_seconds": 60, "place": self.places.reserve("ada")}
        return CallCreated(
            **defaults
            | {"at": time(), "call_id": created.call_id, "caller_id": "ada", "endpoint": created.endpoint}
            | fields
        )

    def observers(self, **environ: str) -> Observers:
        return observers_in(self.storage, self.client, self.assistants, self.toolbox, self.telemetry, **environ)

    def lines(self) -> list[AnyLine]:
        return self.journals.read(self.call_id) or []

    def summary(self) -> CallSummary:
        found = fold(self.lines())
        assert found is not None
        return found

    def said(self) -> list[tuple[str, str | None]]:
        return [(line.role, line.text) for line in self.summary().transcript]

    async def attached(self, times: int = 1) -> None:
        await eventually(
            lambda: sum(isinstance(line, Attached) for line in self.lines()) >= times, "the observer attaches"
        )

    async def talk(self, transcript: str, answer: str) -> None:
        """Take one turn, and wait until its words are in the journal."""
        await asyncio.to_thread(self.emulator.turn, self.call_id, transcript, answer)
        await eventually(lambda: ("assistant", answer) in self.said(), f"the journal has {answer!r}")
