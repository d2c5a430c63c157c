"""Draws the journals of whole calls, as one observer or two of them write them."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

from switchboard.realtime.objects import ErrorDetail, ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record.lines import (
    AnyLine,
    Attached,
    CallEnded,
    Detached,
    Fault,
    HangUpRequested,
    ItemAdded,
    ItemTruncated,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from tests.examples import call
from tests.unit.record.short_call import at

# What may happen in one turn: spoken or typed, answered, answered after a tool call, interrupted, or broken.
KINDS = ("spoken", "typed", "tool", "interrupted", "truncated", "failed", "unanswered")


class _Writer:
    """Writes lines a tenth of a second apart, each with an event id of its own, and keeps the chain of items."""

    def __init__(self) -> None:
        self.lines: list[AnyLine] = []
        self._last_item: str | None = None

    def seen(self) -> dict[str, Any]:
        number = len(self.lines)
        return {"at": round(at(number / 10), 3), "event_id": f"event_{number}"}

    def add(self, line: Callable[..., AnyLine], /, **fields: Any) -> None:
        self.lines.append(line(**self.seen(), **fields))

    def item(self, item_id: str, **fields: Any) -> None:
        self.add(ItemAdded, item_id=item_id, previous_item_id=self._last_item, **fields)
        self._last_item = item_id


def _turn(writer: _Writer, number: int, kind: str) -> None:
    question, answer, response = f"u{number}", f"a{number}", f"r{number}"
    if kind == "typed":
        writer.item(question, role="user", text=f"question {number}")
    else:
        writer.add(SpeechStarted, item_id=question)
        writer.add(SpeechStopped, item_id=question)
        writer.item(question, role="user")
        heard = TranscriptionUsage(output_tokens=number, input_token_details=TokenDetails(audio_tokens=number))
        writer.add(Transcript, item_id=question, role="user", text=f"question {number}", usage=heard)
    if kind == "unanswered":
        return
    if kind == "tool":
        writer.add(ResponseStarted, response_id=f"t{number}")
        writer.item(f"f{number}", kind="function_call")
        writer.add(ResponseDone, response_id=f"t{number}", item_ids=[f"f{number}"], usage=_bill(number))
        writer.item(f"o{number}", kind="function_call_output")
    writer.add(ResponseStarted, response_id=response)
    writer.item(answer, role="assistant")
    writer.add(PlaybackStarted, response_id=response)
    writer.add(Transcript, item_id=answer, role="assistant", text=f"answer {number}")
    reason = "turn_detected" if kind == "interrupted" else None
    status = {"interrupted": "cancelled", "failed": "failed"}.get(kind, "completed")
    seen = writer.seen()
    writer.add(ResponseDone, response_id=response, status=status, reason=reason, item_ids=[answer], usage=_bill(number))
    if kind == "failed":
        # One event gives two lines.
        fault = Fault(source="response", error=ErrorDetail(type="server_error"), **seen)
        writer.lines.append(fault)
    writer.add(PlaybackStopped, response_id=response, cut=kind in ("interrupted", "truncated"))
    if kind == "truncated":
        writer.add(ItemTruncated, item_id=answer, audio_end_ms=100 * number)


def _bill(number: int) -> ResponseUsage:
    details = TokenDetails(text_tokens=number, audio_tokens=2 * number, cached_tokens=number)
    return ResponseUsage(total_tokens=10 * number, input_token_details=details, output_token_details=details)


def events_of_a_call(kinds: list[str]) -> list[AnyLine]:
    """Return the lines that the events of a call with these turns give."""
    writer = _Writer()
    writer.lines.append(call())
    for number, kind in enumerate(kinds, 1):
        _turn(writer, number, kind)
    return writer.lines[1:]


def written_by(observer: str, events: Sequence[AnyLine], *, late: float = 0) -> list[AnyLine]:
    """Return what an observer writes, from attach to end, that hears each of these events `late` seconds late."""
    end = at(60)
    return [
        Attached(at=at(0.05), observer=observer),
        *(msgspec.structs.replace(line, at=round(line.at + late, 3), observer=observer) for line in events),
        Detached(at=end, how="clean", code=1000, observer=observer),
        HangUpRequested(at=end, reason="hung_up_by_caller"),
        CallEnded(at=end, reason="peer_left", observer=observer),
    ]


def interleaved(first: Sequence[AnyLine], second: Sequence[AnyLine], random: Random) -> list[AnyLine]:
    """Return both sequences in one, each in its own order."""
    mine, other = list(first), list(second)
    merged: list[AnyLine] = []
    while mine and other:
        merged.append(random.choice((mine, other)).pop(0))
    return merged + mine + other


EVENTS = st.lists(st.sampled_from(KINDS), max_size=4).map(events_of_a_call)
# Drawing each choice by itself would take hypothesis a hundred times as long as folding what comes of it.
RANDOMS = st.integers(0, 2**32).map(Random)
