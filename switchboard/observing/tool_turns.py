"""Decides when a tool runs, and when the model is asked to go on with what the tool has said.

The service answers a caller by itself, but it waits for whoever runs its tools: after a response that calls functions,
each call needs exactly one `function_call_output`, and then somebody has to ask for the next response. That must not
happen while another response is being made, nor while the caller speaks, because the service will then answer anyway.
This module does no I/O and reads no clock.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import msgspec

from switchboard.observing.goodbye import SAY, Goodbye
from switchboard.observing.observation import OWN_EVENT_PREFIX
from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import ErrorDetail, Item, Response
from switchboard.record.lines import AnyLine, ItemAdded, ResponseStarted
from switchboard.record.tool_lines import ToolFinished, ToolStarted
from switchboard.tools.outcome import Status
from switchboard.tools.toolset import ToolLimits

# The id of the gateway's own `response.create`, which the service repeats in an error about it.
RESPOND_EVENT = f"{OWN_EVENT_PREFIX}respond"
# What an observer that takes a call over looks at: so many of the last function calls that nobody began to answer.
MOST_LOOKED_AT = 8


class FunctionCall(msgspec.Struct, frozen=True, kw_only=True):
    """Is a call of a tool by the model."""

    id: str
    """The service's id of the function call (`call_…`)."""
    name: str
    """The name of the tool."""
    arguments: str
    """The arguments, as the model wrote them."""
    item_id: str
    """The item of the conversation that holds the function call."""
    response_id: str
    """The response that the function call belongs to."""
    refusal: Status | None = None
    """Why the tool must not run; None if it may."""
    begun_before: bool = False
    """Whether an earlier observer began to run it, and did not note how it ended."""
    answered: bool = False
    """Whether the conversation holds its answer already."""

    @property
    def output_id(self) -> str:
        """Return the id of the item that holds the answer: always the same, so the service refuses a second one."""
        return f"item_{sha256(self.id.encode()).hexdigest()[:24]}"

    @property
    def answer_event(self) -> str:
        """Return the id of the event that sends the answer."""
        return f"{OWN_EVENT_PREFIX}{self.output_id}"

    @property
    def check_id(self) -> str:
        """Return the id of the event that asks the service whether there is an answer already."""
        return f"{OWN_EVENT_PREFIX}answered_{self.id}"


class ToolTurns:
    """Keeps what an observer knows of the model's function calls. `offered` says whether a name is one of its tools.

    Calls of other functions belong to whoever has offered them to the model, such as the page.
    """

    def __init__(self, offered: Callable[[str], bool], limits: Callable[[], ToolLimits]) -> None:
        self._offered = offered
        self._limits = limits
        self._begun: set[str] = set()
        self._answered: set[str] = set()
        self._unheard: dict[str, str] = {}
        self._open: dict[str, set[str]] = {}
        self._doubtful: dict[str, FunctionCall] = {}
        self._unfinished: set[str] = set()
        self._questions: dict[str, str] = {}
        self._questions_sent: set[str] = set()
        self._waiting_since_before = False
        self._count = self._rounds = 0
        self._active = self._owed = self._asked = False
        self._speaking = False
        self._spoken: set[str] = set()
        self._goodbye = Goodbye()

    def resume(self, lines: Iterable[AnyLine]) -> None:
        """Take over what the journal says, in case another observer has followed the call before."""
        started: dict[str, str] = {}
        added: dict[str, None] = {}
        finished: set[str] = set()
        for line in lines:
            self._goodbye.resume(line)
            if isinstance(line, ToolStarted):
                started[line.tool_call_id] = line.item_id
                self._waiting_since_before = True
            elif isinstance(line, ToolFinished):
                finished.add(line.tool_call_id)
                self._waiting_since_before = True
            elif isinstance(line, ItemAdded) and line.kind == "function_call":
                added[line.item_id] = None
            elif isinstance(line, ResponseStarted):
                self._waiting_since_before = False
        self._count += len(started)
        self._answered |= finished
        self._unfinished = started.keys() - finished
        never_begun = [item_id for item_id in added if item_id not in started.values()]
        to_look_at = [*(started[each] for each in sorted(self._unfinished)), *never_begun[-MOST_LOOKED_AT:]]
        self._questions = {f"{OWN_EVENT_PREFIX}{item_id}": item_id for item_id in to_look_at if item_id}

    def attach(self) -> None:
        """Note that a new sideband is open. Who speaks, and whether a response is being made, is unknown then."""
        self._questions_sent.clear()
        self._active = self._asked = self._speaking = False
        self._goodbye.attach()

    def take_questions(self) -> list[tuple[str, str]]:
        """Return which items have to be retrieved, as pairs of an event id and an item id, once for each sideband."""
        new = [
            (event_id, item_id) for event_id, item_id in self._questions.items() if event_id not in self._questions_sent
        ]
        self._questions_sent |= self._questions.keys()
        return new

    def hear(self, event: Event) -> list[FunctionCall]:
        """Return the function calls that have to be answered because of this event."""
        self._goodbye.hear(event)
        match event:
            case events.ResponseCreated(response=response):
                self._active = True
                if response.metadata != SAY:
                    # It reads every answer that is in the conversation by now, whoever has asked for it.
                    self._owed = self._owed and bool(self._unheard)
                    self._asked = self._speaking = False
            case events.ResponseDone(response=response):
                self._active = False
                return self._called(response)
            case events.ItemAdded(item=Item(type="function_call_output", call_id=str(call_id))):
                self._answered.add(call_id)
                self._unheard = {event_id: each for event_id, each in self._unheard.items() if each != call_id}
            case events.ItemAdded(item=Item(role="user")):
                self._rounds = 0
            case events.ItemRetrieved(item=item):
                return self._retrieved(item)
            case events.SpeechStarted():
                self._speaking = True
                self._rounds = 0
            case events.ErrorEvent(error=error):
                return self._refused(error)
        return []

    def quiet(self) -> None:
        """Note that the caller stopped speaking a while ago, and that the service has not begun to answer."""
        self._speaking = False

    def has_answer(self, call: FunctionCall) -> bool:
        """Return whether the conversation holds the answer of this function call, from whomever it is."""
        return call.id in self._answered

    def answered(self, call: FunctionCall) -> None:
        """Note that the answer of this function call has been sent. After the last of its response, the model goes on.

        If the caller interrupted the response the model is not asked to go on, because it answers the caller. Nor is it
        if another observer was faster with the answer: then that one asks.
        """
        by_another = call.id in self._answered and not call.answered
        if call.id not in self._answered:
            self._unheard[call.answer_event] = call.id
        waiting = self._open.get(call.response_id)
        if waiting is None:
            return
        waiting.discard(call.id)
        if not waiting:
            del self._open[call.response_id]
            # A model that said goodbye before it ended the call must not say it again.
            said_goodbye = self.ending and call.response_id in self._spoken
            self._owed = self._owed or not (said_goodbye or by_another)
            if said_goodbye:
                self._goodbye.begun = True

    def owe(self) -> None:
        """Note that the model has to be asked to go on, because the service is done with a tool of an MCP server."""
        self._rounds += 1
        self._owed = True

    def end_call(self) -> None:
        """Note that a tool has asked for the call to end, after the model has said goodbye."""
        self._goodbye.wanted = True

    @property
    def ending(self) -> bool:
        """Return whether a tool has asked for the call to end, and the caller has not spoken since."""
        return self._goodbye.wanted

    @property
    def over(self) -> bool:
        """Return whether the call shall end, and the last word of the goodbye has been played."""
        return self._goodbye.over and not (self._active or self._owed or self._open)

    def may_say(self) -> bool:
        """Return whether nobody speaks, so that the model can say that a tool takes a moment."""
        return not (self._active or self._speaking or self._goodbye.playing)

    def next_response(self) -> dict[str, Any] | None:
        """Return the `response` to ask the service for now, or None if none is due. Each is returned only once."""
        if not self._owed or self._asked or self._active or self._speaking:
            return None
        self._asked = True
        must_talk = self.ending or self._rounds > self._limits().rounds
        return {"tool_choice": "none"} if must_talk else {}

    def _called(self, response: Response) -> list[FunctionCall]:
        cut_off = response.status == "incomplete"
        found = [call for item in response.output if (call := self._new_call(item, response.id, cut_off=cut_off))]
        if not found:
            return []
        if any(item.type == "message" for item in response.output):
            self._spoken.add(response.id)
        self._begun |= {call.id for call in found}
        if response.status == "cancelled":
            return [msgspec.structs.replace(call, refusal="interrupted") for call in found]
        self._rounds += 1
        self._open[response.id] = {call.id for call in found}
        return [self._within_limits(call) for call in found]

    def _within_limits(self, call: FunctionCall) -> FunctionCall:
        self._count += 1
        limits = self._limits()
        if self._rounds > limits.rounds or self._count > limits.calls:
            return msgspec.structs.replace(call, refusal="too_many_calls")
        return call

    def _new_call(self, item: Item, response_id: str, *, cut_off: bool = False) -> FunctionCall | None:
        """Return the function call in an item, if it is for the gateway and new.

        One that is incomplete because the response was `cut_off` at its longest is answered all the same, because the
        model waits for that. When the caller has interrupted it, nobody does.
        """
        broken = cut_off and item.status == "incomplete"
        if item.type != "function_call" or not (broken or item.status in (None, "completed")):
            return None
        if not item.call_id or not item.name or not self._offered(item.name):
            return None
        if item.call_id in self._begun or item.call_id in self._answered:
            return None
        return FunctionCall(
            id=item.call_id,
            name=item.name,
            arguments=item.arguments or "",
            item_id=item.id,
            response_id=response_id,
            refusal="invalid_arguments" if broken else None,
            begun_before=item.call_id in self._unfinished,
        )

    def _retrieved(self, item: Item) -> list[FunctionCall]:
        """Return the function call to which a retrieved item is the answer, and ask for the answer of any other one."""
        self._questions = {event_id: item_id for event_id, item_id in self._questions.items() if item_id != item.id}
        if item.type == "function_call_output" and item.call_id:
            self._answered.add(item.call_id)
            found = next((call for call in self._doubtful.values() if call.id == item.call_id), None)
            if found is None:
                return []
            del self._doubtful[found.check_id]
            if self._waiting_since_before:
                self._open[found.response_id] = {found.id}
            return [msgspec.structs.replace(found, answered=True)]
        # The response is unknown, and such a call is answered by itself.
        call = self._new_call(item, f"of {item.call_id}")
        if call is not None:
            self._doubtful[call.check_id] = call
            self._questions[call.check_id] = call.output_id
        return []

    def _refused(self, error: ErrorDetail) -> list[FunctionCall]:
        if error.event_id == RESPOND_EVENT:
            self._asked = False
            # Another response was faster. The next `response.done` is the moment to ask again.
            self._active = error.code == "conversation_already_has_active_response"
            self._owed = self._owed and self._active
            return []
        self._unheard.pop(error.event_id or "", None)
        # There is no answer yet: the service does not know the item.
        self._questions.pop(error.event_id or "", None)
        call = self._doubtful.pop(error.event_id or "", None)
        if call is None or call.id in self._begun:
            return []
        self._begun.add(call.id)
        self._open[call.response_id] = {call.id}
        if not call.begun_before:
            self._count += 1
        return [call]
