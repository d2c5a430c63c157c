"""The ports of an observer: what it needs of the world. Tests give it a world of their own."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from switchboard.observing.standing import Standing
from switchboard.realtime.events import Event
from switchboard.realtime.sideband import Closed
from switchboard.record.lines import AnyLine, CallCreated
from switchboard.tools.toolset import Toolset


class OpenSideband(Protocol):
    """An open sideband of a call."""

    async def receive(self) -> Event | Closed | None:
        """Return the next event, None for an event that no record is made of, or Closed at the end.

        May be cancelled without losing an event.
        """
        ...

    async def send(self, event: str) -> None:
        """Send a client event, as JSON text. Does nothing if the sideband has closed."""
        ...


class RecordPorts(Protocol):
    """What is needed to hold a call and to keep its record. Methods may raise StorageUnavailable."""

    async def take(self, call: CallCreated, observer: str) -> list[AnyLine] | None:
        """Take the call for this observer and return what stands in its journal; None if another observer holds it."""
        ...

    async def beat(self, observer: str, standing: Standing) -> bool:
        """Show that this observer lives, and how its call stands.

        Return False if the observer has lost the call to another one.
        """
        ...

    async def let_go(self, observer: str, *, hand_on: bool) -> None:
        """Forget the call. With `hand_on`, have another observer take it at once. Raises nothing."""
        ...

    async def read(self, call_id: str) -> list[AnyLine]:
        """Return what stands in the call's journal."""
        ...

    async def append(self, call_id: str, block: bytes) -> None:
        """Append encoded lines to the call's journal, all or none. If the reply is lost they may be there already."""
        ...


class Ports(RecordPorts, Protocol):
    """What is needed to observe a call."""

    def dial(self, endpoint: str, call_id: str, *, doubted: bool = False) -> AbstractAsyncContextManager[OpenSideband]:
        """Attach to the call's sideband until the block ends; the call itself goes on.

        With `doubted`, the call is probably over, and the service is first asked in a way that takes less work.
        Raises NoSuchCall if the service does not know the call, and SidebandFailed or UpstreamUnauthorized if the
        sideband cannot be opened now.
        """
        ...

    async def greeting(self, call: CallCreated) -> str:
        """Return what the model is told when it shall speak first in this call; empty if the caller speaks first."""
        ...

    async def toolset(self, call: CallCreated) -> Toolset:
        """Return the tools that the model may call in this call. Raises nothing."""
        ...

    async def must_end(self) -> bool:
        """Return whether the budget is spent and calls that are up must end. Raises StorageUnavailable."""
        ...

    async def hang_up(self, endpoint: str, call_id: str) -> bool:
        """End the call. Return True if it was still up, and False if the service no longer knows it.

        Raises an UpstreamError if the service refuses or does not answer; then the call may still be up.
        """
        ...
