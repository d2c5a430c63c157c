"""Says what is inconsistent, from what a journal and the lists of blobs say. This module does no I/O."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Literal

import msgspec

from switchboard.record.encoding import decode_lines
from switchboard.record.lines import created_line, has_ended
from switchboard.record.names import summaries_of
from switchboard.record.summary import encode_summary, fold

Kind = Literal[
    "summary_missing",
    "summary_differs",
    "summary_without_journal",
    "index_differs",
    "call_forgotten",
    "live_without_journal",
    "live_unobserved",
    "live_ended",
    "live_uncounted",
    "place_stale",
    "journal_empty",
    "journal_damaged",
    "journal_unreadable",
]
"""What is inconsistent. `WORDS` explains each kind."""

WORDS: Mapping[Kind, str] = {
    "summary_missing": "the call has ended and has no summary",
    "summary_differs": "the summary is not what the journal folds into",
    "summary_without_journal": "there is a summary, but no journal",
    "index_differs": "the index of the day does not list the calls that have summaries",
    "call_forgotten": "the journal is open, but the call is not known to be live",
    "live_without_journal": "the call is live, but nobody observes it and it has no journal",
    "live_unobserved": "the call is live, but nobody observes it",
    "live_ended": "the journal says that the call has ended, but the call is still listed as live",
    "live_uncounted": "the call has ended, but the sweep has not counted its cost",
    "place_stale": "the place is taken, but belongs to no live call",
    "journal_empty": "the journal has no first line, so that nobody knows whose call it is",
    "journal_damaged": "the journal has lines that are not JSON",
    "journal_unreadable": "storage refuses to hand the journal out",
}

MENDING: Mapping[Kind, str] = {
    "summary_missing": "the summary is written",
    "summary_differs": "the summary is written anew",
    "index_differs": "the index is made anew from the summaries",
    "call_forgotten": "an observer is woken, which closes the record",
    "live_without_journal": "an observer is woken",
    "live_unobserved": "an observer is woken",
    "live_ended": "an observer is woken, which clears up",
    "live_uncounted": "the cost is counted",
    "place_stale": "the place is freed",
}
"""What `--write` does about each kind that can be mended."""

_SUMMARY = re.compile(r"summaries/(\d{4})/(\d\d)/(\d\d)/([^/]+)\.json")
_JOURNAL = re.compile(r"journals/([^/]+)\.jsonl")


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Describes one thing that is inconsistent."""

    kind: Kind
    """What is inconsistent."""
    blob: str
    """The name of the blob in the archive container that shows it."""
    call_id: str = ""
    """The service's id of the call; empty for a place."""
    etag: str = ""
    """For a place, the version of its blob, so that only this one is freed."""
    mended: bool = False
    """Whether it is mended."""

    def line(self) -> str:
        """Return the finding as one line for people."""
        done = f"; {MENDING[self.kind]}" if self.mended else ""
        return f"{self.kind}  {self.blob}  {WORDS[self.kind]}{done}"

    def record(self) -> dict[str, str | bool]:
        """Return the finding as one flat JSON object for programs."""
        return {"kind": self.kind, "blob": self.blob, "call_id": self.call_id, "mended": self.mended}


class Stored(msgspec.Struct, frozen=True):
    """A journal or a summary, as a list of blobs shows it."""

    name: str
    """The name of the blob."""
    call_id: str
    """The service's id of the call."""
    modified: float
    """When it was last written, in Unix seconds by the storage's clock."""
    size: int
    """Its length in bytes."""
    md5: bytes = b""
    """The MD5 of its content; empty if storage keeps none, as for journals."""


def call_of(name: str) -> str:
    """Return the id of the call whose journal or summary has this name; empty for any other blob."""
    found = _JOURNAL.fullmatch(name) or _SUMMARY.fullmatch(name)
    return found.groups()[-1] if found else ""


def in_order(call_id: str) -> str:
    """Return what to compare so that call ids come in the order in which storage lists the names of their blobs."""
    return f"{call_id}."


def pairs(journals: Iterable[Stored], summaries: Iterable[Stored]) -> Iterator[tuple[Stored | None, Stored | None]]:
    """Yield the journal and the summary of each call; one of the two is None if it is not listed.

    Both lists must be in the order of `in_order`. They are read as they come, and nothing is kept.
    """
    left, right = iter(journals), iter(summaries)
    journal, summary = next(left, None), next(right, None)
    while journal or summary:
        ours = in_order(journal.call_id) if journal else None
        theirs = in_order(summary.call_id) if summary else None
        if theirs is None or (ours is not None and ours < theirs):
            yield journal, None
            journal = next(left, None)
        elif ours is None or theirs < ours:
            yield None, summary
            summary = next(right, None)
        else:
            yield journal, summary
            journal, summary = next(left, None), next(right, None)


def judge(journal: bytes, summary: Stored | None) -> list[Kind]:
    """Return what is inconsistent about a journal and its summary.

    An open journal gives `call_forgotten`: the caller knows whether the call is live.
    """
    lines = list(decode_lines(journal))
    found: list[Kind] = ["journal_damaged"] if _is_damaged(journal) else []
    folded = fold(lines)
    if created_line(lines) is None or folded is None:
        return [*found, "journal_empty"]
    if not has_ended(lines):
        return [*found, "call_forgotten"]
    if summary is None:
        return [*found, "summary_missing"]
    expected = encode_summary(folded)
    same = len(expected) == summary.size and summary.md5 in (b"", _hash(expected))
    return found if same else [*found, "summary_differs"]


def days(now: float, count: int) -> list[str]:
    """Return how the names of the summaries of the last `count` UTC days begin, and of the day before, oldest first.

    A call that ended within these days may have begun on the day before.
    """
    return [summaries_of(now - back * 86400) for back in range(count, -1, -1)]


def outlived(summary: str, now: float, retention_days: int | None) -> bool:
    """Return whether retention may have deleted the journal of this summary, because the call is so long ago."""
    found = _SUMMARY.fullmatch(summary)
    if found is None or retention_days is None:
        return False
    year, month, day, _ = found.groups()
    began = datetime(int(year), int(month), int(day), tzinfo=UTC)
    return began + timedelta(days=retention_days) <= datetime.fromtimestamp(now, UTC)


def day_of(prefix: str) -> str:
    """Return the day, such as `2026-11-21`, whose summaries begin with this prefix."""
    return prefix.removeprefix("summaries/").strip("/").replace("/", "-")


def index_is_right(indexed: Collection[str], summaries: Iterable[tuple[str, bool]]) -> bool:
    """Return whether the index of a day lists the calls that have summaries, by their ids.

    With each summary comes whether it is so young that its line may be still to come.
    """
    lonely = set(indexed)
    for call_id, young in summaries:
        if call_id not in indexed and not young:
            return False
        lonely.discard(call_id)
    return not lonely


def _is_damaged(journal: bytes) -> bool:
    """Return whether a line is not JSON. A line of an unknown type is not damaged: a newer gateway has written it."""
    for line in journal.splitlines():
        try:
            msgspec.json.decode(line, type=msgspec.Raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return True
    return False


def _hash(content: bytes) -> bytes:
    # Storage keeps this hash of each blob. It is compared, and protects nothing.
    return md5(content, usedforsecurity=False).digest()
