"""Everything one running emulator holds, made once from its options."""

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
    """What the imitated service is made to take longer, for measurements. Milliseconds."""

    client_secrets_ms: float = 0
    calls_ms: float = 0


@dataclass
class Emulator:
    """One emulator's state."""

    options: Options
    client_secrets: ClientSecrets
    synthesizer: Synthesizer
    registry: Registry = field(default_factory=Registry)
    faults: Faults = field(default_factory=Faults)
    seen: SeenRequests = field(default_factory=SeenRequests)
    delays: Delays = field(default_factory=Delays)
    warm: asyncio.Task[None] | None = None

    @classmethod
    def create(cls, options: Options) -> "Emulator":
        """A fresh emulator."""
        return cls(options, ClientSecrets(options.deployments), Synthesizer())

    async def warm_up(self) -> None:
        """Load what a first call needs. Takes a second, so it happens after the port is open, off the event loop."""
        await asyncio.get_running_loop().run_in_executor(None, importlib.import_module, "local.realtime.media.peer")
        await self.synthesizer.say("Hello", "alloy")

    async def ready_for_media(self) -> None:
        """Wait for `warm_up`."""
        if self.warm is not None:
            await asyncio.shield(self.warm)


EMULATOR = web.AppKey("emulator", Emulator)
