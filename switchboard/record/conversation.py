"""Finds out from a journal's lines who said what, in which order, and how each turn went.

This module does no I/O.
"""

from collections import deque
from collections.abc import Iterable

import msgspec

from switchboard.record.lines import (
    AnyLine,
    ItemAdded,
    ItemDeleted,
    ItemTruncated,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from switchboard.record.times import iso


class Utterance(msgspec.Struct, frozen=True):
    """Holds what the caller or the model said or typed in one item of the conversation."""

    item_id: str
    """The id of the item."""
    role: str
    """Who said it: `user` is the caller, `assistant` the model."""
    text: str | None
    """The words; None if words are not archived, or if the speech could not be transcribed."""
    at: str
    """When it began, in ISO 8601, UTC."""
    interrupted: bool
    """Whether it is an answer that the caller interrupted or somebody cancelled."""
    audio_end_ms: int | None
    """How much of an interrupted answer the caller heard, in milliseconds; None if the service did not say."""


class Turn(msgspec.Struct, frozen=True):
    """Describes one answer of the model, together with the speech that it answers. Times are in ISO 8601, UTC."""

    item_id: str | None
    """The item that holds the caller's speech; None if the model answered a typed message or nothing."""
    response_id: str
    """The id of the response."""
    speech_started: str | None
    """When the caller began to speak; None if unknown."""
    speech_stopped: str | None
    """When the caller stopped speaking; None if unknown."""
    audio_started: str | None
    """When the audio of the answer began; None if there was none."""
    audio_stopped: str | None
    """When the audio of the answer ended; None if there was none, or if its end is unknown."""
    response_latency_ms: int | None
    """Milliseconds from `speech_stopped` to `audio_started`; None if either is unknown."""
    status: str | None
    """How the response ended: `completed`, `cancelled`, `incomplete` or `failed`; None if it has not ended."""
    interrupted: bool
    """Whether the caller interrupted the answer, or somebody cancelled it."""


class _Item(msgspec.Struct):
    at: float
    role: str | None = None
    text: str | None = None
    said: bool = False
    cut: bool = False
    audio_end_ms: int | None = None
    speech_started: float | None = None
    speech_stopped: float | None = None


class _Answer(msgspec.Struct):
    question: str | None = None
    item_ids: list[str] = []
    audio_started: float | None = None
    audio_stopped: float | None = None
    status: str | None = None
    cut: bool = False


class Conversation:
    """Collects a call's items and answers. If lines disagree the first counts; later ones fill in what is missing."""

    def __init__(self, lines: Iterable[AnyLine]) -> None:
        self._items: dict[str, _Item] = {}
        self._previous: dict[str, str | None] = {}
        self._answers: dict[str, _Answer] = {}
        self._unanswered: str | None = None
        for line in lines:
            self._take_item(line)
            self._take_answer(line)
        self._mark_what_was_cut()

    def transcript(self) -> list[Utterance]:
        """Return what was said, in the conversation's order."""
        return [
            Utterance(item_id, item.role or "user", item.text, iso(item.at), item.cut, item.audio_end_ms)
            for item_id in self._order()
            if (item := self._items[item_id]).said
        ]

    def turns(self) -> list[Turn]:
        """Return one turn for each answer, in the order in which the answers began."""
        return [self._turn(response_id, answer) for response_id, answer in self._answers.items()]

    def _turn(self, response_id: str, answer: _Answer) -> Turn:
        question = self._items.get(answer.question or "")
        stopped = question.speech_stopped if question else None
        latency = None
        if stopped is not None and answer.audio_started is not None:
            latency = max(0, round((answer.audio_started - stopped) * 1000))
        return Turn(
            item_id=answer.question,
            response_id=response_id,
            speech_started=_iso(question.speech_started if question else None),
            speech_stopped=_iso(stopped),
            audio_started=_iso(answer.audio_started),
            audio_stopped=_iso(answer.audio_stopped),
            response_latency_ms=latency,
            status=answer.status,
            interrupted=answer.cut,
        )

    def _take_item(self, line: AnyLine) -> None:
        match line:
            case SpeechStarted():
                item = self._item(line.item_id, line.at)
                item.role = item.role or "user"
                item.speech_started = _first(item.speech_started, line.at)
            case SpeechStopped():
                item = self._item(line.item_id, line.at)
                item.speech_stopped = _first(item.speech_stopped, line.at)
                self._unanswered = line.item_id
            case ItemAdded(kind="message", role="user" | "assistant"):
                item = self._item(line.item_id, line.at)
                item.role = item.role or line.role
                item.text = item.text or line.text
                # The words of a typed message are there already; spoken words arrive later, in a transcript.
                item.said = item.said or line.text is not None
                self._place_after(line)
            case ItemAdded():
                self._item(line.item_id, line.at)
                self._place_after(line)
            case Transcript():
                item = self._item(line.item_id, line.at)
                item.role = item.role or line.role
                item.text = item.text or line.text
                item.said = True
            case ItemTruncated():
                item = self._item(line.item_id, line.at)
                item.cut = True
                item.audio_end_ms = line.audio_end_ms
            case ItemDeleted():
                self._item(line.item_id, line.at).said = False

    def _take_answer(self, line: AnyLine) -> None:
        match line:
            case ResponseStarted():
                self._answer(line.response_id)
            case ResponseDone():
                answer = self._answer(line.response_id)
                answer.status = answer.status or line.status
                answer.item_ids = answer.item_ids or line.item_ids
                answer.cut = answer.cut or line.reason in ("turn_detected", "client_cancelled")
            case PlaybackStarted():
                answer = self._answer(line.response_id)
                answer.audio_started = _first(answer.audio_started, line.at)
            case PlaybackStopped():
                answer = self._answer(line.response_id)
                answer.audio_stopped = _first(answer.audio_stopped, line.at)
                answer.cut = answer.cut or line.cut

    def _mark_what_was_cut(self) -> None:
        """Mark an answer and its items as cut if either is: the service reports one or the other."""
        for answer in self._answers.values():
            items = [self._items[item_id] for item_id in answer.item_ids if item_id in self._items]
            answer.cut = answer.cut or any(item.cut for item in items)
            for item in items:
                item.cut = answer.cut

    def _item(self, item_id: str, at: float) -> _Item:
        if item_id not in self._items:
            self._items[item_id] = _Item(at)
        return self._items[item_id]

    def _answer(self, response_id: str) -> _Answer:
        if response_id not in self._answers:
            self._answers[response_id] = _Answer(question=self._unanswered)
            # A later answer to the same words, after a tool call for example, has no latency of its own.
            self._unanswered = None
        return self._answers[response_id]

    def _place_after(self, line: ItemAdded) -> None:
        if not line.recovered:
            self._previous.setdefault(line.item_id, line.previous_item_id)

    def _order(self) -> list[str]:
        """Return the items' ids in the order of the conversation.

        Events arrive late and twice, so their order says little; the service's chain of previous items is right. Each
        item stands behind the one that it follows, and if several follow the same one, the latest stands first, because
        it was put in between. An item whose previous one is unknown stands at the end.
        """
        roots: deque[str] = deque()
        followers: dict[str, list[str]] = {}
        for item_id in self._items:
            previous = self._previous.get(item_id)
            if previous is not None and previous in self._items:
                followers.setdefault(previous, []).append(item_id)
            elif previous is None and item_id in self._previous:
                roots.appendleft(item_id)  # Only the first item of a conversation follows none.
            else:
                roots.append(item_id)
        order: dict[str, None] = {}
        # The service never sends a chain that bites its own tail; should it, the items come last.
        for root in (*roots, *self._items):
            ready = [root]
            while ready:
                item_id = ready.pop()
                if item_id not in order:
                    order[item_id] = None
                    ready += followers.get(item_id, [])
        return list(order)


def _first(known: float | None, at: float) -> float:
    return at if known is None else known


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)
