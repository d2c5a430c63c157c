"""Who said what, in the conversation's order, and how each turn went. Sans-I/O, from the lines of a journal."""

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
    """What one item of the conversation said.

    `text` is None where words are not archived or could not be transcribed. `audio_end_ms` is how much of an
    interrupted answer the caller had heard, where the service says so.
    """

    item_id: str
    role: str
    text: str | None
    at: str
    interrupted: bool
    audio_end_ms: int | None


class Turn(msgspec.Struct, frozen=True):
    """One answer of the model, and the speech it answered (None for a typed message).

    `response_latency_ms` is from the caller's last word, as the service's voice detection saw it, to the first audio
    of the answer.
    """

    item_id: str | None
    response_id: str
    speech_started: str | None
    speech_stopped: str | None
    audio_started: str | None
    audio_stopped: str | None
    response_latency_ms: int | None
    status: str | None
    interrupted: bool


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
    at: float
    question: str | None = None
    item_ids: list[str] = []
    audio_started: float | None = None
    audio_stopped: float | None = None
    status: str | None = None
    cut: bool = False


class Conversation:
    """The items and answers of a call. The first line about a matter stands, later ones fill in what is missing."""

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
        """What was said, in the conversation's order."""
        return [
            Utterance(item_id, item.role or "user", item.text, iso(item.at), item.cut, item.audio_end_ms)
            for item_id in self._order()
            if (item := self._items[item_id]).said
        ]

    def turns(self) -> list[Turn]:
        """One for each answer, in the order in which they began."""
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
                # A typed message is complete; spoken words come with their transcript.
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
                self._answer(line.response_id, line.at)
            case ResponseDone():
                answer = self._answer(line.response_id, line.at)
                answer.status = answer.status or line.status
                answer.item_ids = answer.item_ids or line.item_ids
                answer.cut = answer.cut or line.reason in ("turn_detected", "client_cancelled")
            case PlaybackStarted():
                answer = self._answer(line.response_id, line.at)
                answer.audio_started = _first(answer.audio_started, line.at)
            case PlaybackStopped():
                answer = self._answer(line.response_id, line.at)
                answer.audio_stopped = _first(answer.audio_stopped, line.at)
                answer.cut = answer.cut or line.cut

    def _mark_what_was_cut(self) -> None:
        """An answer and the item that says it are cut together, whichever of them the service spoke of."""
        for answer in self._answers.values():
            items = [self._items[item_id] for item_id in answer.item_ids if item_id in self._items]
            answer.cut = answer.cut or any(item.cut for item in items)
            for item in items:
                item.cut = answer.cut

    def _item(self, item_id: str, at: float) -> _Item:
        if item_id not in self._items:
            self._items[item_id] = _Item(at)
        return self._items[item_id]

    def _answer(self, response_id: str, at: float) -> _Answer:
        if response_id not in self._answers:
            self._answers[response_id] = _Answer(at, question=self._unanswered)
            # The next answer to the same words (after a tool call, say) is not one to this silence.
            self._unanswered = None
        return self._answers[response_id]

    def _place_after(self, line: ItemAdded) -> None:
        if not line.recovered:
            self._previous.setdefault(line.item_id, line.previous_item_id)

    def _order(self) -> list[str]:
        """The items by the service's own chain of previous items: events come late and twice, the chain is right."""
        order: list[str] = []
        placed: set[str] = set()
        followers: dict[str, list[str]] = {}
        for item_id in self._items:
            previous = self._previous.get(item_id)
            if previous in self._items and previous not in placed:
                followers.setdefault(previous, []).append(item_id)
                continue
            ready = [item_id]
            while ready:
                following = ready.pop()
                self._place(following, order)
                placed.add(following)
                ready += followers.pop(following, [])
        # A chain that bites its own tail comes from no service; its items are not lost for it.
        return order + [item_id for item_id in self._items if item_id not in placed]

    def _place(self, item_id: str, order: list[str]) -> None:
        previous = self._previous.get(item_id)
        if order and order[-1] == previous:
            order.append(item_id)
        elif previous in order:
            order.insert(order.index(previous) + 1, item_id)
        elif item_id in self._previous and previous is None:
            order.insert(0, item_id)  # The first item of a conversation, and only it, follows none.
        else:
            order.append(item_id)


def _first(known: float | None, at: float) -> float:
    return at if known is None else known


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)
