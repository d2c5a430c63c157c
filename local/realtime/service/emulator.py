"""This module holds the state of one running emulator."""

import asyncio
import importlib
from dataclasses import dataclass, field

from aiohttp import web

from local.realtime.media.speech import Synthesizer
from local.realtime.options import Options
from local.realtime.service.client_secrets import ClientSecrets
from local.realtime.service.faults import Faults
from local.realtime.service.registry import Registry
from local.realtime.service.seen import SeenRequests


@dataclass
class Delays:
    """Delays make the imitated service as slow as a measurement wants it. Its own work is part of them."""

    client_secrets_ms: float = 0
    """How long a client secret takes at least, in milliseconds."""
    calls_ms: float = 0
    """How long the answer to an SDP offer takes at least, in milliseconds."""


@dataclass
class Emulator:
    """This class is the state of one emulator, which lives as long as its aiohttp application."""

    options: Options
    """What the command line has set."""
    client_secrets: ClientSecrets
    """The client secrets that are valid."""
    synthesizer: Synthesizer
    """The speech synthesis that all calls share."""
    registry: Registry = field(default_factory=Registry)
    """The calls."""
    faults: Faults = field(default_factory=Faults)
    """The faults that tests have switched on."""
    seen: SeenRequests = field(default_factory=SeenRequests)
    """The requests that the imitated service has received."""
    delays: Delays = field(default_factory=Delays)
    """The delays that a measurement has set."""
    warm: asyncio.Task[None] | None = None
    """The task that runs `warm_up`; None before the application has started."""

    @classmethod
    def create(cls, options: Options) -> "Emulator":
        """Return a new emulator with these options."""
        return cls(options, ClientSecrets(options.deployments), Synthesizer())

    async def warm_up(self) -> None:
        """Load what the first call needs.

        This takes about a second, so it happens off the event loop, while the port is already open.
        """
        await asyncio.get_running_loop().run_in_executor(None, importlib.import_module, "local.realtime.media.peer")
        await self.synthesizer.say("Hello", "alloy")

    async def ready_for_media(self) -> None:
        """Wait until `warm_up` has finished."""
        if self.warm is not None:
            await asyncio.shield(self.warm)


EMULATOR = web.AppKey("emulator", Emulator)
