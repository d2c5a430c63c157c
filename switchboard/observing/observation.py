"""Decides what each event of the service means for the call's journal and for its limits.

This module does no I/O and reads no clock: times are arguments.
"""

from collections.abc import Iterable
from typing import Literal

from switchboard.observing.remote_tools import RemoteTools, Seen
from switchboard.observing.standing import Dues, Standing, Tally
from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import ErrorDetail, Item, Response
from switchboard.record.lines import (
    AnyLine,
    Attached,
    CallCreated,
    CallEnded,
    Fault,
    ItemAdded,
    ItemDeleted,
    ItemTruncated,
    LimitAnnounced,
    Line,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)

Limit = Literal["max_call_seconds", "max_idle_seconds", "budget_spent", "ended_by_assistant"]


# The ids of the observer's own client events begin with this. If the service refuses such an event, that is not a fault
# of the call and does not belong in its record.
OWN_EVENT_PREFIX = "switchboard_"
# The ids of items that hold what was said in the call that this one continues begin with this. Their words belong to
# the record of that call.
SEED_PREFIX = "seed_"
# The code of the fault that says that an event of the service could not be read; its `param` names the event's type.
EVENT_UNREADABLE = "event_unreadable"


class Observation:
    """Keeps what an observer knows of its call.

    `receive` turns an event into the lines to keep; `limit_due` says which limit will end the call, and when. If
    `keep_words` is false, no line contains anything that was said or typed.
    """

    def __init__(self, call: CallCreated, *, keep_words: bool) -> None:
        self._call = call
        self._keep_words = keep_words
        self._last_activity = call.at
        self._speaking = False
        self._playing = False
        self._tools_running = 0
        # Every item that is known, by its id; False if it is known only because another item follows it.
        self._items: dict[str, bool] = {}
        self._missing: list[str] = []
        self._hearing = False
        self._announced: LimitAnnounced | None = None
        self._finished: float | None = None
        self._unreadable: set[str | None] = set()
        self.attached = False
        self.ended = False
        self.tally = Tally()
        """What the call's lines say about how it stands."""
        self.remote = RemoteTools()
        """What is known of the tools that the service itself calls."""

    def resume(self, lines: Iterable[AnyLine]) -> None:
        """Take over what the journal says, in case another observer has followed the call before."""
        now_heard = (self._speaking, self._playing)
        for line in lines:
            self.remote.resume((line,))
            if isinstance(line, ItemAdded):
                self._items[line.item_id] = True
            self.tally.note(line)
            if isinstance(line, LimitAnnounced):
                self._announced = self._announced or line
            if isinstance(line, Fault) and line.error.code == EVENT_UNREADABLE:
                self._unreadable.add(line.error.param)
            if isinstance(line, _ACTIVITY):
                self._note_activity(line)
            elif isinstance(line, CallEnded):
                self.ended = True
            elif isinstance(line, Attached):
                self._note_attached(line.at)
        if self._hearing:
            # The journal could be read late only, and this observer has heard newer things in the meantime.
            self._speaking, self._playing = now_heard

    def attach(self, at: float) -> None:
        """Note that this observer hears the call from `at` (Unix seconds) on, for the first time or again."""
        self._hearing = True
        self._note_attached(at)

    def _note_attached(self, at: float) -> None:
        self.attached = True
        # Whoever spoke when the last sideband was lost may have stopped since then, and whoever was silent may have
        # spoken: so the idle time begins anew.
        self._speaking = self._playing = False
        self._last_activity = max(self._last_activity, at)

    def announce(self, due: float, at: float) -> LimitAnnounced | None:
        """Have the call end at `due` because the budget is spent. Return the line that says so, or None the next time.

        Both times are Unix seconds; `at` is now.
        """
        if self._announced is not None:
            return None
        self._announced = LimitAnnounced(at=at, reason="budget_spent", due=round(due, 3))
        return self._announced

    def finish(self, at: float) -> None:
        """Have the call end now, at `at` (Unix seconds), because a tool asked for it and the goodbye is over."""
        self._finished = at

    def tool_began(self) -> None:
        """Note that a tool runs. The call is not idle while the caller waits for it, and tools have a time limit."""
        self._tools_running += 1

    def tool_ended(self, at: float) -> None:
        """Note that a tool has ended at `at`, in Unix seconds."""
        self._tools_running -= 1
        self._last_activity = max(self._last_activity, at)

    def standing(self) -> Standing:
        """Return how the call stands now."""
        who: Literal["caller", "assistant"] | None = "assistant" if self._playing else None
        dues = Dues(self.longest_due(), self.idle_due())
        return self.tally.standing("caller" if self._speaking else who, attached=self.attached, dues=dues)

    def longest_due(self) -> float:
        """Return the Unix second at which the call must end at the latest."""
        longest = self._call.longest_due
        return min(longest, self._announced.due) if self._announced else longest

    def idle_due(self) -> float | None:
        """Return the Unix second at which the call will have been idle too long.

        None while somebody speaks or a tool runs.
        """
        if self._speaking or self._playing or self._tools_running:
            return None
        return self._last_activity + self._call.max_idle_seconds

    def limit_due(self, *, hearing: bool = True) -> tuple[float, Limit]:
        """Return the Unix second at which the call must be hung up if nothing happens, and the limit that says so.

        An observer that is not `hearing` the call now cannot know whether it is idle, so that limit waits for it.
        """
        if self._finished is not None:
            return self._finished, "ended_by_assistant"
        longest, idle = self.longest_due(), self.idle_due() if hearing else None
        if idle is not None and idle < longest:
            return idle, "max_idle_seconds"
        if self._announced is not None and longest < self._call.longest_due:
            return longest, "budget_spent"
        return longest, "max_call_seconds"

    def knows(self, item_id: str) -> bool:
        """Return whether an item is known to be in the conversation."""
        return item_id in self._items

    def take_missing(self) -> list[str]:
        """Return the ids of items that this observer has not heard of except as another item's predecessor.

        They arrived while no observer was attached, and can be retrieved. Each id is returned only once.
        """
        missing, self._missing = self._missing, []
        return missing

    def receive(self, event: Event, at: float) -> list[Line]:
        """Return the lines to keep of an event that arrived at `at` (Unix seconds). Many events give none."""
        lines = [*self._lines(event, round(at, 3)), *self.remote.receive(event, round(at, 3))]
        for line in lines:
            self.tally.note(line)
            if isinstance(line, _ACTIVITY):
                self._note_activity(line)
        return lines

    def _note_activity(self, line: Line) -> None:
        self._last_activity = max(self._last_activity, line.at)
        if isinstance(line, SpeechStarted | SpeechStopped):
            self._speaking = isinstance(line, SpeechStarted)
        if isinstance(line, PlaybackStarted | PlaybackStopped):
            self._playing = isinstance(line, PlaybackStarted)

    def _words(self, text: str | None) -> str | None:
        return text if self._keep_words else None

    def _lines(self, event: Event, at: float) -> Iterable[Line]:  # noqa: C901  one flat table, a case per event
        seen = Seen(at=at, event_id=event.event_id)
        match event:
            case events.SpeechStarted():
                yield SpeechStarted(**seen, item_id=event.item_id, audio_ms=event.audio_start_ms)
            case events.SpeechStopped():
                yield SpeechStopped(**seen, item_id=event.item_id, audio_ms=event.audio_end_ms)
            case events.ItemAdded(item=item):
                yield self._added(item, event.previous_item_id, seen)
            case events.ItemDone(item=item) if item.id not in self._items:
                # Nobody heard this item being added. In this event, unlike in `conversation.item.added`, a null
                # `previous_item_id` may also mean that the service does not say.
                yield self._added(item, event.previous_item_id, seen, recovered=event.previous_item_id is None)
            # An item that is known already was retrieved to find out whether a tool has been answered.
            case events.ItemRetrieved(item=item) if not self._items.get(item.id):
                yield from self._recovered(item, seen)
            case events.ItemDeleted():
                yield ItemDeleted(**seen, item_id=event.item_id)
            case events.ItemTruncated():
                yield ItemTruncated(**seen, item_id=event.item_id, audio_end_ms=event.audio_end_ms)
            case events.TranscriptionCompleted():
                words = self._words(event.transcript)
                yield Transcript(**seen, item_id=event.item_id, role="user", text=words, usage=event.usage)
            case events.TranscriptionFailed():
                yield Fault(**seen, source="transcription", error=event.error)
            case events.AudioTranscriptDone(transcript=text) | events.TextDone(text=text):
                words = self._words(text)
                yield Transcript(**seen, item_id=event.item_id, role="assistant", text=words)
            case events.ResponseCreated(response=response):
                yield ResponseStarted(**seen, response_id=response.id)
            case events.ResponseDone(response=response):
                yield from self._response_done(response, seen)
            case events.PlaybackStarted():
                yield PlaybackStarted(**seen, response_id=event.response_id)
            case events.PlaybackStopped():
                yield PlaybackStopped(**seen, response_id=event.response_id)
            case events.PlaybackCleared():
                yield PlaybackStopped(**seen, response_id=event.response_id, cut=True)
            case events.ErrorEvent(error=error) if not (error.event_id or "").startswith(OWN_EVENT_PREFIX):
                yield Fault(**seen, source="service", error=event.error)
            case events.Unreadable(kind=kind) if kind not in self._unreadable:
                # Once for each type: an event whose form has changed comes in the new form every time.
                self._unreadable.add(kind)
                message = f"Events of the type {kind} have a form that the gateway cannot read."
                yield Fault(**seen, source="gateway", error=ErrorDetail("event", EVENT_UNREADABLE, message, kind))

    def _added(self, item: Item, previous: str | None, seen: Seen, *, recovered: bool = False) -> ItemAdded:
        self._items[item.id] = True
        if previous is not None and previous not in self._items:
            self._items[previous] = False
            self._missing.append(previous)
        words = None if item.id.startswith(SEED_PREFIX) else self._words(_typed(item))
        return ItemAdded(
            **seen,
            item_id=item.id,
            previous_item_id=previous,
            kind=item.type,
            role=item.role,
            text=words,
            recovered=recovered,
        )

    def _recovered(self, item: Item, seen: Seen) -> Iterable[Line]:
        yield self._added(item, None, seen, recovered=True)
        spoken = "".join(part.transcript for part in item.content if part.transcript)
        if spoken and (item.role == "user" or item.role == "assistant"):
            yield Transcript(**seen, item_id=item.id, role=item.role, text=self._words(spoken))  # type: ignore[arg-type]

    def _response_done(self, response: Response, seen: Seen) -> Iterable[Line]:
        details = response.status_details
        yield ResponseDone(
            **seen,
            response_id=response.id,
            status=response.status or "completed",
            reason=details.reason if details else None,
            item_ids=[item.id for item in response.output],
            usage=response.usage,
        )
        if details and details.error:
            yield Fault(**seen, source="response", error=details.error)


# The lines that show that a conversation is going on. Errors and reports from the browser do not show that.
_ACTIVITY = (
    SpeechStarted,
    SpeechStopped,
    ItemAdded,
    Transcript,
    ResponseStarted,
    ResponseDone,
    PlaybackStarted,
    PlaybackStopped,
)


def _typed(item: Item) -> str | None:
    """Return the typed words of an item, or None. A system message holds instructions, so its text is not kept."""
    if item.role not in ("user", "assistant"):
        return None
    return "".join(part.text for part in item.content if part.text) or None
