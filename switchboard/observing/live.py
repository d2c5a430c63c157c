"""The live calls: one small blob for each call that is up, which its observer rewrites as a heartbeat.

The blob is made as soon as the service has created the call, so that a call is known even if everything that served it
dies. Its version (ETag) lets only one observer at a time hold the call, and its age tells the sweep whether that
observer still lives. All ages are differences of the storage's own times, so that clocks need not agree.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from switchboard.limits.place_names import nonce_of
from switchboard.observing.standing import NOTHING_HEARD, Standing
from switchboard.record.lines import CallCreated
from switchboard.storage import Storage, storage_errors
from switchboard.storage.listing import StoredBlob

PREFIX = "live/"
# An observer writes its heartbeat this often, and counts as dead when two of them are missing.
BEAT_SECONDS = 10.0
LAPSE_SECONDS = 20.0
# A call is looked at so often when somebody else writes its blob at the same moment.
TAKE_TRIES = 3


class LiveCall(msgspec.Struct, frozen=True):
    """The content of a live call's blob."""

    call: CallCreated
    """The call, as the first line of its journal has it."""
    observer: str = ""
    """The id of the observer that holds the call; empty while none does."""
    taken: int = 0
    """How many observers have held the call so far. While it is 0, no observer has begun the call's journal."""
    cost: float = 0.0
    """What the call has cost so far, in the currency of the prices; 0 where no budget is kept."""
    ended: bool = False
    """Whether the call has ended, and only waits for the sweep to count what it cost."""
    standing: Standing = NOTHING_HEARD
    """How the call stood at the last heartbeat."""


class Hold(msgspec.Struct, frozen=True):
    """An observer's hold on a call."""

    live: LiveCall
    """What the blob says."""
    etag: str
    """The version of the blob that the holder wrote last."""
    fresh: bool = False
    """Whether taking the call made the blob: then the call was not known to be live."""


class Listed(msgspec.Struct, frozen=True):
    """A live call as the sweep finds it in a list."""

    call_id: str
    """The service's id of the call."""
    observed: bool
    """Whether an observer holds the call, dead or alive."""
    age: float
    """Seconds since the last heartbeat, or since the call was created or given up."""
    nonce: str
    """The nonce of the call's places."""
    cost: float = 0.0
    """What the call has cost so far, in the currency of the prices."""
    ended: bool = False
    """Whether the call has ended, and only waits for its cost to be counted."""
    etag: str = ""
    """The version of the blob: while it is the same, so is the content."""


class LiveCalls:
    """The blobs of all live calls. Methods block on the network and may raise StorageUnavailable."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def start(self, call: CallCreated) -> None:
        """Make the blob of a call that the service has just created. Safe to call more than once."""
        with storage_errors():
            try:
                self._write(LiveCall(call), overwrite=False)
            except ResourceExistsError:
                return

    def find(self, call_id: str) -> CallCreated | None:
        """Return the call if it is live, else None."""
        live = self.read(call_id)
        return live.call if live else None

    def read(self, call_id: str) -> LiveCall | None:
        """Return what the call's blob says, or None if the call is not live."""
        found = self._read(call_id)
        return found[0].live if found else None

    def fresh(self, call_id: str) -> LiveCall | None:
        """Return what the call's blob says if the observer that holds the call has written a heartbeat lately.

        None if no observer holds the call, if it has not said yet how the call stands, or if it seems to be dead.
        """
        found = self._read(call_id)
        if found is None:
            return None
        hold, age = found
        told = hold.live.observer and not hold.live.ended and hold.live.standing.dues
        return hold.live if told and age < LAPSE_SECONDS else None

    def take(self, call: CallCreated, observer: str) -> Hold | None:
        """Take the call for an observer, and return its hold; None while another observer that lives holds it."""
        for _ in range(TAKE_TRIES):
            found = self._read(call.call_id)
            before = found[0].live if found else LiveCall(call)
            # The new observer has not said yet when the limits end the call.
            standing = msgspec.structs.replace(before.standing, dues=None)
            live = LiveCall(before.call, observer, before.taken + 1, standing=standing)
            with storage_errors():
                try:
                    if found is None:
                        return Hold(live, self._write(live, overwrite=False), fresh=True)
                    hold, age = found
                    if hold.live.observer not in ("", observer) and age < LAPSE_SECONDS:
                        return None
                    return Hold(live, self._rewrite(live, hold.etag))
                except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
                    # Somebody wrote at the same moment: another observer, or the request that makes the call known.
                    continue
        return None

    def beat(self, hold: Hold, cost: float = 0.0, standing: Standing = NOTHING_HEARD) -> Hold | None:
        """Write a heartbeat and return the new hold; None when the call was lost to another observer or has ended.

        `cost` is what the call has cost so far, and `standing` how it stands.
        """
        live = msgspec.structs.replace(hold.live, cost=cost, standing=standing)
        with storage_errors():
            try:
                return Hold(live, self._rewrite(live, hold.etag))
            except (ResourceModifiedError, ResourceNotFoundError):
                pass
        # The last reply may have been lost after the write was done: then the blob still names this observer.
        found = self._read(hold.live.call.call_id)
        return found[0] if found and found[0].live.observer == hold.live.observer else None

    def give_up(self, hold: Hold) -> None:
        """Let the call go, so that another observer can take it at once."""
        with storage_errors():
            try:
                self._rewrite(LiveCall(hold.live.call, taken=hold.live.taken, standing=hold.live.standing), hold.etag)
            except (ResourceModifiedError, ResourceNotFoundError):
                return

    def close(self, call: CallCreated, cost: float) -> None:
        """Leave the blob of a call whose record is closed to the sweep, which counts what the call cost."""
        with storage_errors():
            self._write(LiveCall(call, cost=cost, ended=True), overwrite=True)

    def end(self, call_id: str) -> None:
        """Delete the blob of a call whose record is closed. Safe to call more than once."""
        with storage_errors():
            try:
                self._storage.blob(f"{PREFIX}{call_id}").delete_blob()
            except ResourceNotFoundError:
                return

    def all(self) -> Iterator[Listed]:
        """Yield every live call, with one request for each 5,000."""
        with storage_errors():
            for page, now in self._storage.list_blobs(PREFIX):
                yield from (_listed(blob, now) for blob in page.blobs)

    def _read(self, call_id: str) -> tuple[Hold, float] | None:
        with storage_errors():
            try:
                download = self._storage.blob(f"{PREFIX}{call_id}").download_blob()
            except ResourceNotFoundError:
                return None
        age = max(0.0, (download.date - download.modified).total_seconds())
        return Hold(msgspec.json.decode(download.body, type=LiveCall), download.etag), age

    def _rewrite(self, live: LiveCall, etag: str) -> str:
        return self._write(live, overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified)

    def _write(self, live: LiveCall, **conditions: Any) -> str:
        metadata = {
            "observer": live.observer,
            "place": nonce_of(live.call.place),
            "cost": str(live.cost) if live.cost else "",
            "ended": "yes" if live.ended else "",
        }
        done = self._storage.blob(f"{PREFIX}{live.call.call_id}").upload_blob(
            msgspec.json.encode(live), metadata={name: text for name, text in metadata.items() if text}, **conditions
        )
        return str(done["etag"])


def _listed(blob: StoredBlob, now: datetime) -> Listed:
    return Listed(
        call_id=blob.name.removeprefix(PREFIX),
        observed=bool(blob.metadata.get("observer")),
        age=max(0.0, (now - blob.modified).total_seconds()),
        nonce=blob.metadata.get("place", ""),
        cost=float(blob.metadata.get("cost", 0)),
        ended="ended" in blob.metadata,
        etag=blob.etag,
    )
