"""What the judge looks at, gathered from the ledger, the archive and the pages. Sans-I/O."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos.pages import Visit
from tests.chaos.plan import Limits
from tests.standins.service.ledger import Truth

JSON = dict[str, Any]
Span = tuple[float, float]
# A place that belongs to no call is free after 85 seconds, when the sweep finds it, which looks every 20.
STALE_SECONDS = 110.0
# One of the caller's own, and one of all callers'.
PLACES_OF_AN_OFFER = 2


@dataclass(frozen=True)
class Loss:
    """Records the death of an instance: when (Unix seconds), and which one.

    It `mattered` if it ran the sweep, or had taken the message that was to bring the call an observer.
    """

    at: float
    name: str
    mattered: bool = False


@dataclass(frozen=True)
class Evidence:
    """Holds what is known of one call. Times are Unix seconds."""

    truth: Truth
    summaries: list[JSON]
    limits: Limits
    visit: Visit | None = None
    """What its page saw; None where the page never got an answer."""
    deaths: list["Loss"] = field(default_factory=list)
    refusals: list[Span] = field(default_factory=list)
    """When the service refused or delayed hang-ups."""
    kept: bool = False
    """Whether the page set the call up with a token and never registered it."""

    @property
    def connected(self) -> bool:
        """Return whether a page got the answer, so that somebody was in the call."""
        return self.visit is not None

    @property
    def began(self) -> float:
        """Return since when the gateway counts the call's time. A page's own call counts once it is registered."""
        registered = self.visit.registered if self.visit else None
        return max(self.truth.created, registered or 0.0)


@dataclass(frozen=True)
class Leftovers:
    """What storage still holds when everything should be over."""

    places: list[str]
    live: list[str]
    messages: list[str]
    poison: list[str]
    strangers: list[str]
    """Summaries of calls that the service never had."""


def seconds_of(iso: str) -> float:
    """Return Unix seconds of a time as summaries write it."""
    return datetime.fromisoformat(iso).timestamp()


def gaps_of(summary: JSON) -> list[Span]:
    """Return the gaps that a summary notes."""
    return [(seconds_of(gap["from"]), seconds_of(gap["to"])) for gap in summary["gaps"]]


def summaries_by_call(blobs: Mapping[str, Any]) -> dict[str, list[JSON]]:
    """Return the summaries in a container, by the id of their call."""
    found: dict[str, list[JSON]] = {}
    for name, blob in blobs.items():
        if name.startswith("summaries/"):
            summary = json.loads(bytes(blob.content))
            found.setdefault(summary["call_id"], []).append(summary)
    return found


def leftovers(
    blobs: Mapping[str, Any], queues: Mapping[str, Mapping[str, Any]], calls: Iterable[str], failed: int, now: float
) -> Leftovers:
    """Return what is left in the archive's container and on the queues at `now` (Unix seconds).

    The places of an offer that came to nothing are free after STALE_SECONDS only. Until then as many may be left as the
    pages' `failed` offers have taken. What counts a caller's tokens of a minute goes in the same way.
    """
    known = set(calls)
    places = {name: blob for name, blob in blobs.items() if name.startswith("places/")}
    young = [name for name, blob in places.items() if now - blob.modified < STALE_SECONDS]
    counts = {name for name in young if "/token-" in name}
    excused = counts.union([name for name in young if name not in counts][: failed * PLACES_OF_AN_OFFER])
    return Leftovers(
        places=[f"{name}, {now - blob.modified:.0f} s old" for name, blob in places.items() if name not in excused],
        live=[name for name in blobs if name.startswith("live/")],
        messages=[f"{len(messages)} on {name}" for name, messages in queues.items() if messages],
        poison=[name for name in blobs if name.startswith("poison/")],
        strangers=sorted(summaries_by_call(blobs).keys() - known),
    )
