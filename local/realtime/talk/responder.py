"""This module runs the responses of a call in real time: it thinks, speaks or writes, and may be interrupted."""

import asyncio
from typing import Any, Protocol

from local.realtime.clip import Clip
from local.realtime.errors import invalid
from local.realtime.protocol.events import Event, tokens
from local.realtime.protocol.fields import RESPONSE, check
from local.realtime.talk.answers import Answer, answer_to, told_to_say
from local.realtime.talk.conversation import Item, item_from_client, truncated
from local.realtime.talk.core import Core
from local.realtime.talk.playback import Playback
from local.realtime.talk.remote_tools import RemoteTools
from local.realtime.talk.response import Response
from local.realtime.talk.usage import Tokens, cached, context

# The recordings show several deltas arriving together before the first sound.
_AT_ONCE = 8


class Synthesis(Protocol):
    """This port turns words into sound."""

    async def say(self, words: str, voice: str, speed: float = 1.0) -> Clip:
        """Return the words as speech in the API's voice of that name; a `speed` of 1.5 is half as fast again."""


class Responder:
    """A responder makes the responses of one call, one at a time; what it made may still be playing."""

    def __init__(self, core: Core, playback: Playback, synthesis: Synthesis) -> None:
        self._core = core
        self._playback = playback
        self._synthesis = synthesis
        self._response: Response | None = None
        self._task: asyncio.Task[None] | None = None
        self._turns_waiting: list[Answer | None] = []
        self.remote_tools = RemoteTools(core)
        """What calls the tools of MCP servers, after the responses that ask for it."""
        self._context = Tokens()
        self._clip: Clip | None = None
        self._made = 0.0
        self.has_spoken = False
        """Whether the assistant has spoken in this call, after which its voice can no longer be changed."""

    def create(self, request: dict[str, Any] | None = None, scripted: Answer | None = None) -> None:
        """Begin a response; `request` is the `response` of a `response.create`, and `scripted` replaces the answer.

        Raises:
            ServiceError: The API refuses such a request, or another response is still being made.
        """
        request = request or {}
        check(request, RESPONSE, "response")
        if self._response is not None:
            message = (
                f"Conversation already has an active response in progress: {self._response.id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise invalid("conversation_already_has_active_response", message)
        core = self._core
        items: list[Item] = core.conversation.items
        if "input" in request:
            items = [self._input_item(data) for data in request["input"]]
        session = dict(core.session)
        session.update({name: request[name] for name in ("instructions", "tools") if name in request})
        read = context(items, session)
        response = Response(core.conversation, session, request, read=read, known=cached(self._context, read))
        tool_choice = request.get("tool_choice", session["tool_choice"])
        told = told_to_say(request.get("instructions") or "")
        answer = scripted or told or answer_to(items, session["tools"], tool_choice)
        self._response, self._clip, self._made = response, None, 0.0
        core.publish(response.created())
        self._task = asyncio.create_task(self._run(response, answer))

    def turn(self, scripted: Answer | None) -> None:
        """Answer what the caller has just said, once the response that is being made, if any, is finished."""
        if self._response is None:
            self.create(scripted=scripted)
        else:
            self._turns_waiting.append(scripted)

    def cancel(self, reason: str, response_id: str | None = None) -> None:
        """Stop making the response. The part of its speech that was already made keeps playing.

        `reason` is the one that `response.done` gives: `turn_detected` or `client_cancelled`.

        Raises:
            ServiceError: No response is being made, or it is not the one with this id.
        """
        if self._response is None or self._task is None or response_id not in (None, self._response.id):
            raise invalid("response_cancel_not_active", "Cancellation failed: no active response found")
        self._task.cancel()
        response, spoken_ms = self._response, 0
        if self._clip is not None:
            made = self._clip.first(self._made)
            spoken_ms = made.duration_ms
            self._playback.shorten(response.id, made)
        self._ended(response.cancel(reason, spoken_ms))

    def clear_playback(self, *, interrupted: bool = False) -> None:
        """Stop the sound at once, and forget the words that the caller did not hear.

        `interrupted` says that the caller spoke over it; then the response that is being made is cancelled as well.
        """
        cuts = self._playback.clear()
        for cut in cuts:
            self._core.publish(truncated(cut.item_id, cut.audio_end_ms))
        if interrupted and self._response is not None:
            self.cancel("turn_detected")
        for cut in cuts:
            self._core.conversation.forget_unheard(cut.item_id, cut.audio_end_ms)

    def close(self) -> None:
        """Stop without publishing anything, because the call has ended."""
        if self._task is not None:
            self._task.cancel()

    def _input_item(self, data: dict[str, Any]) -> Item:
        if data.get("type") == "item_reference":
            return self._core.conversation.find(data.get("id"))
        return item_from_client(data)

    async def _run(self, response: Response, answer: Answer) -> None:
        core = self._core
        speaking = response.spoken and answer.function is None
        speed = core.session["audio"]["output"]["speed"]
        thinking = asyncio.sleep(core.options.thinking_ms / 1000)
        if speaking:
            self._clip, _ = await asyncio.gather(self._synthesis.say(answer.words, response.voice, speed), thinking)
            self.has_spoken = True
        else:
            await thinking
        core.publish(*response.begin(answer))
        words = [] if answer.asks else tokens(answer.words)
        for place, word in enumerate(words, 1):
            core.publish(response.delta(word))
            self._made = place / len(words)
            if self._clip is not None and response.item and place == min(_AT_ONCE, len(words)):
                self._playback.add(response.id, response.item.id, self._clip)
            if place >= _AT_ONCE and place < len(words):
                await asyncio.sleep(core.options.delta_ms / 1000)
        self._ended(response.finish(self._clip.duration_ms if self._clip else 0))
        if response.item and response.item.data["type"] == "mcp_call":
            self.remote_tools.run(response.item)

    def _ended(self, events: list[Event]) -> None:
        if self._response is not None:
            self._context = self._response.context
        self._response = self._task = None
        self._core.publish(*events)
        if self._turns_waiting:
            self.create(scripted=self._turns_waiting.pop(0))
