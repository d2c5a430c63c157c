"""This module builds the events of one response, in the order in which Azure was recorded to send them.

It knows neither clock nor socket: each method returns the events to publish next.
"""

import copy
from typing import Any

from local.realtime.protocol.events import Event, event, new_id, obfuscation, tokens
from local.realtime.talk.answers import Answer
from local.realtime.talk.conversation import ASSISTANT_AUDIO_TOKENS_PER_SECOND, Conversation, Item
from local.realtime.talk.usage import Tokens, response_usage


class Response:
    """This class is a response in progress, from `response.created` to `response.done`.

    `request` is the `response` of the `response.create` that asked for it. `read` are the tokens of its whole
    context, and `known` those among them that count as cached.
    """

    def __init__(
        self,
        conversation: Conversation,
        session: dict[str, Any],
        request: dict[str, Any],
        *,
        read: Tokens,
        known: Tokens,
    ) -> None:
        self.id = new_id("resp")
        self._conversation = conversation
        self._out_of_band = request.get("conversation") == "none"
        self._read, self._known = read, known
        self.context = read
        """The tokens that the next response finds cached: those that this one read and, at its end, those it wrote."""
        self._words = ""
        self._item: Item | None = None
        voice = request.get("audio", {}).get("output", {}).get("voice", session["audio"]["output"]["voice"])
        self._object: dict[str, Any] = {
            "object": "realtime.response",
            "id": self.id,
            "status": "in_progress",
            "status_details": None,
            "output": [],
            "conversation_id": None if self._out_of_band else conversation.id,
            "output_modalities": request.get("output_modalities", session["output_modalities"]),
            "max_output_tokens": request.get("max_output_tokens", session["max_output_tokens"]),
            "audio": {"output": {"format": session["audio"]["output"]["format"], "voice": voice}},
            "usage": None,
            "metadata": request.get("metadata"),
        }

    @property
    def spoken(self) -> bool:
        """Return whether the answer is audio with a transcript, rather than text."""
        return bool(self._object["output_modalities"] == ["audio"])

    @property
    def voice(self) -> str:
        """Return the name of the voice, or the id of a custom voice."""
        voice = self._object["audio"]["output"]["voice"]
        return str(voice.get("id") if isinstance(voice, dict) else voice)

    @property
    def item(self) -> Item | None:
        """Return the conversation item that the response writes, or None before it has begun."""
        return self._item

    def created(self) -> Event:
        """Return the `response.created` event."""
        return event("response.created", response=copy.deepcopy(self._object))

    def begin(self, answer: Answer) -> list[Event]:
        """Return the first events of the item that holds the answer."""
        data: dict[str, Any] = {"id": new_id("item"), "type": "message", "status": "in_progress", "role": "assistant"}
        data |= {"content": []}
        if answer.function:
            data = {"id": new_id("item"), "type": "function_call", "status": "in_progress", "name": answer.function}
            data |= {"call_id": new_id("call", 16), "arguments": ""}
        if answer.server is not None:
            # Item and order are those of openai-python's types: nobody has recorded such a call at Azure.
            kind, prefix = ("mcp_approval_request", "mcpr") if answer.asks else ("mcp_call", "mcp")
            data = {"id": new_id(prefix), "type": kind, "name": answer.function, "server_label": answer.server}
            data |= {"arguments": answer.words if answer.asks else ""}
        self._item = Item(data)
        events = [event("response.output_item.added", response_id=self.id, output_index=0, item=copy.deepcopy(data))]
        if not self._out_of_band:
            events.append(self._conversation.add(self._item))
        if not answer.function:
            part = self._part("")
            events.append(event("response.content_part.added", **self._place(), part=part, content=dict(part)))
        return events

    def delta(self, words: str) -> Event:
        """Return the event for the next few words, or for the next piece of a function call's arguments."""
        self._words += words
        return event(f"{self._stream}.delta", **self._place(), delta=words, obfuscation=obfuscation(words))

    def finish(self, audio_ms: int = 0) -> list[Event]:
        """Return the last events of a complete response; `audio_ms` is the length of its speech in milliseconds."""
        return self._end("completed", "completed", None, audio_ms)

    def cancel(self, reason: str, audio_ms: int = 0) -> list[Event]:
        """Return the last events of a response that was cut short.

        `reason` is `turn_detected` or `client_cancelled`; `audio_ms` is the length in milliseconds of the speech that
        had been made by then.
        """
        return self._end("cancelled", "incomplete", {"type": "cancelled", "reason": reason}, audio_ms)

    def _end(self, status: str, item_status: str, details: dict[str, Any] | None, audio_ms: int) -> list[Event]:
        events = self._end_item(item_status, audio_ms) if self._item else []
        self._object["status"] = status
        self._object["status_details"] = details
        self._object["output"] = [copy.deepcopy(self._item.data)] if self._item else []
        audio = audio_ms * ASSISTANT_AUDIO_TOKENS_PER_SECOND // 1000
        # In a recording, "Hello there!", which is three tokens, was billed as five.
        written = Tokens(len(tokens(self._words)) + 2 if self._words else 0, audio)
        self.context = self._read + written
        self._object["usage"] = response_usage(self._read, self._known, written)
        return [*events, event("response.done", response=copy.deepcopy(self._object))]

    def _end_item(self, status: str, audio_ms: int) -> list[Event]:
        data, place = self._begun.data, self._place()
        events: list[Event] = []
        if data["type"] == "mcp_call":
            data["arguments"] = self._words
            events.append(event(f"{self._stream}.done", **place, arguments=self._words))
        elif data["type"] == "function_call":
            data |= {"status": status, "arguments": self._words}
            ending = {"name": data["name"], "arguments": self._words}
            events.append(event(f"{self._stream}.done", **place, **ending))
        elif data["type"] == "message":
            data["status"] = status
            part = self._part(self._words)
            if self.spoken:
                self._begun.audio_ms = audio_ms
                data["content"] = [{"type": "output_audio", "transcript": self._words}]
                events.append(event("response.output_audio.done", **place))
                events.append(event(f"{self._stream}.done", **place, transcript=self._words))
            else:
                data["content"] = [{"type": "output_text", "text": self._words}]
                events.append(event(f"{self._stream}.done", **place, text=self._words))
            events.append(event("response.content_part.done", **place, part=part, content=dict(part)))
        if not self._out_of_band:
            events.append(self._conversation.done(self._begun))
        item = copy.deepcopy(data)
        events.append(event("response.output_item.done", response_id=self.id, output_index=0, item=item))
        return events

    @property
    def _begun(self) -> Item:
        if self._item is None:
            raise RuntimeError("begin() has to be called before anything is written")
        return self._item

    @property
    def _stream(self) -> str:
        if self._begun.data["type"] != "message":
            return f"response.{self._begun.data['type']}_arguments"
        return "response.output_audio_transcript" if self.spoken else "response.output_text"

    def _place(self) -> dict[str, Any]:
        place = {"response_id": self.id, "item_id": self._begun.id, "output_index": 0}
        if self._begun.data["type"] == "function_call":
            return {**place, "call_id": self._begun.data["call_id"]}
        return place if self._begun.data["type"] == "mcp_call" else {**place, "content_index": 0}

    def _part(self, words: str) -> dict[str, Any]:
        return {"type": "audio", "transcript": words} if self.spoken else {"type": "text", "text": words}
