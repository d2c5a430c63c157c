"""Says what became of a call's events, by the service's ledger and the journal. Sans-I/O."""

import datetime
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from switchboard.record.encoding import decode_lines
from switchboard.record.summary import fold
from tests.standins.service.ledger import Truth

NEEDED = ("response.done", "conversation.item.input_audio_transcription.completed")
"""The kinds of events that every journal must keep: what was billed, and what the caller said."""


class Lost(msgspec.Struct):
    """Describes an event that every journal must keep, and that came after the attachment and is in no journal."""

    kind: str
    """The type of the event."""
    at: float
    """When the service sent it, in Unix seconds."""
    noted: bool
    """Whether the call summary notes that nobody may have observed the call then."""


class Evidence(msgspec.Struct):
    """Holds what became of one call. Times are Unix seconds."""

    call_id: str
    created: float
    attached: float | None
    """When the first sideband was attached; None if the call ended before its observer came."""
    hung_up: float | None
    """When the first hang-up was answered with success."""
    events: int
    """How many events the service sent."""
    lags: list[float]
    """For each event that the journal keeps, the milliseconds from its sending until storage had it."""
    lost: list[Lost]
    """The events that are lost, in the order in which they were sent."""


class _Line(msgspec.Struct):
    event_id: str = ""


_DECODER = msgspec.json.Decoder(_Line)


def evidence_of(truth: Truth, journal: bytes, growth: Sequence[tuple[int, float]]) -> Evidence:
    """Compare what the service sent with a journal; `growth` is the journal's size after each append, and when."""
    durable: dict[str, float] = {}
    for (start, _), (end, at) in pairwise([(0, 0.0), *growth]):
        for event_id in _events(journal[start:end]):
            durable.setdefault(event_id, at)
    # An append whose answer was lost may have no time, and its lines are kept all the same.
    kept = set(_events(journal))
    attached = min((one.since for one in truth.attachments), default=None)
    heard = [(at, event) for at, event in truth.events if attached is not None and at > attached]
    summary = fold(decode_lines(journal))
    gaps = [(_seconds(gap.from_), _seconds(gap.to)) for gap in summary.gaps] if summary else []
    return Evidence(
        truth.call_id,
        truth.created,
        attached,
        min((one.at for one in truth.hang_ups if one.status < 300), default=None),
        len(truth.events),
        [1000 * (durable[event["event_id"]] - at) for at, event in truth.events if event["event_id"] in durable],
        [
            Lost(event["type"], at, any(begin <= at <= end for begin, end in gaps))
            for at, event in heard
            if event["type"] in NEEDED and event["event_id"] not in kept
        ],
    )


def _seconds(moment: str) -> float:
    return datetime.datetime.fromisoformat(moment).timestamp()


def _events(lines: bytes) -> Iterator[str]:
    """Yield the id of the event behind each line that has one."""
    return (event_id for line in lines.splitlines() if (event_id := _DECODER.decode(line).event_id))
