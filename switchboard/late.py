"""Builds the services after the functions are indexed, so that a cold start need not wait for them.

Importing the clients of storage, of the Realtime service and of Entra takes longer than everything else at a start. The
platform wants to know the functions first and sends requests only afterwards, so the services are built on a thread of
their own between the two. A request that comes earlier waits for that thread.
"""

import asyncio
import threading
from typing import TYPE_CHECKING

from switchboard.assistants.shelf import Assistants
from switchboard.settings import Settings
from switchboard.tools.team import NO_TEAM_TOOLS, TeamTools

if TYPE_CHECKING:
    from switchboard.services import Services


class LateServices:
    """Builds the services of the process once. An instance lives as long as the process, and threads share it."""

    def __init__(self, settings: Settings, assistants: Assistants, team: TeamTools = NO_TEAM_TOOLS) -> None:
        self.settings = settings
        """The app settings, which are known from the beginning."""
        self.assistants = assistants
        """The assistants that answer calls. Their files have been read, so that faults are named at the start."""
        self.team = team
        """What the team has written for its assistants to use. It has been read, too."""
        self.built: Services | None = None
        """The services, or None while they have not been built."""
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Begin to build the services, and to make what their first requests need, in the background."""
        threading.Thread(target=lambda: self.now().warm_up(), name="warm-up", daemon=True).start()

    def now(self) -> "Services":
        """Return the services. This blocks while they are being built, so it is not for an event loop."""
        with self._lock:
            services = self.built
            if services is None:
                from switchboard.services import build

                self.built = services = build(self.settings, self.assistants, self.team)
            return services

    async def soon(self) -> "Services":
        """Return the services, and let the event loop go on while they are being built."""
        if self.built is not None:
            return self.built
        return await asyncio.to_thread(self.now)
