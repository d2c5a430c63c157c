"""The calls there are, and a number of those that were."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.realtime.errors import call_not_found
from local.realtime.talk.call import Call, CallState

if TYPE_CHECKING:
    from local.realtime.media.peer import Peer
    from local.realtime.service.sideband import Sideband

_KEPT = 1000


@dataclass
class Entry:
    """One call with those who take part in it."""

    call: Call
    filtered: bool
    peer: "Peer"
    protocol: str = "ga"
    sidebands: list["Sideband"] = field(default_factory=list)

    @property
    def summary(self) -> dict[str, Any]:
        """What the control plane shows."""
        return {
            "call_id": self.call.id,
            "state": self.call.state.value,
            "peer": self.peer.state,
            "sidebands": len(self.sidebands),
            "ended_by": self.call.ended_by,
            "filter": self.filtered,
            "protocol": self.protocol,
        }


class Registry:
    """Calls by id, oldest first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, Entry] = OrderedDict()

    @property
    def entries(self) -> list[Entry]:
        """All calls that are remembered."""
        return list(self._entries.values())

    def add(self, entry: Entry) -> None:
        """Remember a call; the oldest ended ones are forgotten."""
        self._entries[entry.call.id] = entry
        ended = [key for key, kept in self._entries.items() if kept.call.state is CallState.ENDED]
        for key in ended[: max(0, len(self._entries) - _KEPT)]:
            del self._entries[key]

    def live(self, call_id: str) -> Entry:
        """A call that is going on.

        Raises:
            ServiceError: 404 for one that never was or is over.
        """
        entry = self._entries.get(call_id)
        if entry is None or entry.call.state is CallState.ENDED:
            raise call_not_found(call_id)
        return entry

    def within_reach(self, call_id: str) -> Entry:
        """A live call that a server may attach to or hang up.

        Raises:
            ServiceError: 404 also for a call of the preview protocol, which has neither.
        """
        entry = self.live(call_id)
        if entry.protocol == "preview":
            raise call_not_found(call_id)
        return entry
