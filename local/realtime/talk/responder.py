"""Runs a call's responses in real time: think, speak or write, be interrupted."""

import asyncio
from typing import TYPE_CHECKING, Any

from local.realtime.errors import invalid
from local.realtime.media.speech import Clip
from local.realtime.protocol.events import Event, tokens
from local.realtime.protocol.fields import RESPONSE, check
from local.realtime.talk.answers import Answer, answer_to
from local.realtime.talk.conversation import Item, item_from_client, truncated
from local.realtime.talk.response import Response
from local.realtime.talk.usage import Tokens, cached, context

if TYPE_CHECKING:
    from local.realtime.talk.call import Call

_AT_ONCE = 8  # so many deltas come together, before the first sound


class Responder:
    """At most one response of a call is being made at a time; what it made may still be playing."""

    def __init__(self, call: "Call") -> None:
        self._call = call
        self._response: Response | None = None
        self._task: asyncio.Task[None] | None = None
        self._turns_waiting: list[Answer | None] = []
        self._context = Tokens()
        self._clip: Clip | None = None
        self._made = 0.0
        self.has_spoken = False
        """Whether there was assistant audio yet: then the voice is fixed."""

    @property
    def active(self) -> Response | None:
        """The response being made, if any."""
        return self._response

    def create(self, request: dict[str, Any] | None = None, scripted: Answer | None = None) -> None:
        """Begin a response; `request` is the `response` of a `response.create`.

        Raises:
            ServiceError: for a request the API refuses, also while another response is being made.
        """
        request = request or {}
        check(request, RESPONSE, "response")
        if self._response is not None:
            message = (
                f"Conversation already has an active response in progress: {self._response.id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise invalid("conversation_already_has_active_response", message)
        call = self._call
        items: list[Item] = call.conversation.items
        if "input" in request:
            items = [self._input_item(data) for data in request["input"]]
        session = dict(call.session)
        session.update({name: request[name] for name in ("instructions", "tools") if name in request})
        read = context(items, session)
        response = Response(call.conversation, session, request, read=read, known=cached(self._context, read))
        tool_choice = request.get("tool_choice", session["tool_choice"])
        answer = scripted or answer_to(items, session["tools"], tool_choice)
        self._response, self._clip, self._made = response, None, 0.0
        call.publish(response.created())
        self._task = asyncio.create_task(self._run(response, answer))

    def turn(self, scripted: Answer | None) -> None:
        """Answer what was just said; when a response is still being made, after it."""
        if self._response is None:
            self.create(scripted=scripted)
        else:
            self._turns_waiting.append(scripted)

    def cancel(self, reason: str, response_id: str | None = None) -> None:
        """Stop making the response. What was made of its speech plays on.

        Raises:
            ServiceError: there is none (of that id).
        """
        if self._response is None or self._task is None or response_id not in (None, self._response.id):
            raise invalid("response_cancel_not_active", "Cancellation failed: no active response found")
        self._task.cancel()
        response, spoken_ms = self._response, 0
        if self._clip is not None:
            made = self._clip.first(self._made)
            spoken_ms = made.duration_ms
            self._call.playback.shorten(response.id, made)
        self._ended(response.cancel(reason, spoken_ms))

    def clear_playback(self, *, interrupted: bool = False) -> None:
        """Silence at once; what the caller did not hear was not said. With `interrupted` the caller spoke over it."""
        cuts = self._call.playback.clear()
        for cut in cuts:
            self._call.publish(truncated(cut.item_id, cut.audio_end_ms))
        if interrupted and self._response is not None:
            self.cancel("turn_detected")
        for cut in cuts:
            self._call.conversation.forget_unheard(cut.item_id, cut.audio_end_ms)

    def close(self) -> None:
        """Stop without a word: the call is over."""
        if self._task is not None:
            self._task.cancel()

    def _input_item(self, data: dict[str, Any]) -> Item:
        if data.get("type") == "item_reference":
            return self._call.conversation.find(data.get("id"))
        return item_from_client(data)

    async def _run(self, response: Response, answer: Answer) -> None:
        call = self._call
        speaking = response.spoken and answer.function is None
        speed = call.session["audio"]["output"]["speed"]
        thinking = asyncio.sleep(call.options.thinking_ms / 1000)
        if speaking:
            self._clip, _ = await asyncio.gather(call.synthesizer.say(answer.words, response.voice, speed), thinking)
            self.has_spoken = True
        else:
            await thinking
        call.publish(*response.begin(answer))
        words = tokens(answer.words)
        for place, word in enumerate(words, 1):
            call.publish(response.delta(word))
            self._made = place / len(words)
            if self._clip is not None and response.item and place == min(_AT_ONCE, len(words)):
                call.playback.add(response.id, response.item.id, self._clip)
            if place >= _AT_ONCE and place < len(words):
                await asyncio.sleep(call.options.delta_ms / 1000)
        self._ended(response.finish(self._clip.duration_ms if self._clip else 0))

    def _ended(self, events: list[Event]) -> None:
        if self._response is not None:
            self._context = self._response.context
        self._response = self._task = None
        self._call.publish(*events)
        if self._turns_waiting:
            self.create(scripted=self._turns_waiting.pop(0))
