"""This module remembers the calls that are live, and a number of those that have ended."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from local.realtime.errors import call_not_found
from local.realtime.service.sideband import Sideband
from local.realtime.talk.call import Call

if TYPE_CHECKING:
    from local.realtime.media.peer import Peer

_KEPT = 1000


@dataclass
class Entry:
    """An entry is one call with everything that is connected to it."""

    call: Call
    """The call itself."""
    peer: "Peer"
    """The service's end of its media connection."""
    filtered: bool
    """Whether its data channel receives only the events of `webrtcfilter=on`."""
    protocol: Literal["ga", "preview"] = "ga"
    """The protocol in which it was created."""
    sidebands: list[Sideband] = field(default_factory=list)
    """The sidebands that are attached to it at this moment."""

    @property
    def summary(self) -> dict[str, Any]:
        """Return what the control plane shows of the call."""
        return {
            "call_id": self.call.id,
            "state": self.call.state.value,
            "peer": self.peer.state,
            "sidebands": len(self.sidebands),
            "ended_by": self.call.ended_by,
            "filter": self.filtered,
            "protocol": self.protocol,
            "items": self.call.item_ids,
        }

    def attach(self, sideband: Sideband) -> None:
        """Attach a sideband to the call."""
        self.sidebands.append(sideband)
        self.call.join(sideband)

    def detach(self, sideband: Sideband) -> None:
        """Detach a sideband, which may be one that the end of the call has closed."""
        self.sidebands.remove(sideband)
        self.call.leave(sideband)

    def strike(self, fault: str) -> None:
        """Let the fault `drop`, `close` or `cap` strike the attached sidebands."""
        if fault == "cap":
            self.call.reach_cap()
            return
        for sideband in list(self.sidebands):
            if fault == "drop":
                sideband.drop()
            else:
                sideband.end(1000, "")


class Registry:
    """The registry finds calls by their id."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, Entry] = OrderedDict()

    @property
    def entries(self) -> list[Entry]:
        """Return all calls that are remembered, oldest first."""
        return list(self._entries.values())

    def add(self, entry: Entry) -> None:
        """Remember a call. When there are too many, the oldest of those that have ended are forgotten."""
        self._entries[entry.call.id] = entry
        ended = [key for key, kept in self._entries.items() if kept.call.ended]
        for key in ended[: max(0, len(self._entries) - _KEPT)]:
            del self._entries[key]

    def live(self, call_id: str) -> Entry:
        """Return a live call.

        Raises:
            ServiceError: The call never existed, or it has ended (404).
        """
        entry = self._entries.get(call_id)
        if entry is None or entry.call.ended:
            raise call_not_found(call_id)
        return entry

    def within_reach(self, call_id: str) -> Entry:
        """Return a live call that a server may attach to or hang up.

        Raises:
            ServiceError: The call is not live, or it is a call of the preview protocol, which allows neither (404).
        """
        entry = self.live(call_id)
        if entry.protocol == "preview":
            raise call_not_found(call_id)
        return entry
