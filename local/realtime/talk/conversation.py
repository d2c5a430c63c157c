"""This module keeps the items of a conversation in order and builds the events about them.

It knows neither clock nor socket: methods return the events to publish.
"""

import copy
import math
from dataclasses import dataclass
from typing import Any

from local.realtime.errors import invalid, invalid_value, missing_parameter, wrong_type
from local.realtime.protocol.events import Event, event, new_id, tokens

USER_AUDIO_TOKENS_PER_SECOND = 10
ASSISTANT_AUDIO_TOKENS_PER_SECOND = 20
# In a recording, a short instruction and "Say hello." together made 12 tokens.
_ITEM_OVERHEAD = 3
_ITEM_TYPES = ["message", "function_call", "function_call_output", "mcp_approval_response"]
_CONTENT_TYPES = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text", "output_audio"),
}


@dataclass
class Item:
    """This class is one item of a conversation, with what the service knows about it and does not tell clients."""

    data: dict[str, Any]
    """The item as clients see it, in GA's form."""
    audio_ms: int = 0
    """The length of the item's audio in milliseconds, with the quiet around the caller's speech; 0 without audio."""
    speech_ms: int = 0
    """How long the caller spoke, in milliseconds, without the quiet around it."""
    said: str = ""
    """The caller's words, if a test scripted them. Clients learn them only from the transcription."""

    @property
    def id(self) -> str:
        """Return the item's identifier."""
        return str(self.data["id"])

    @property
    def text(self) -> str:
        """Return everything that was written or said in the item."""
        if self.said:
            return self.said
        parts = [part.get("text") or part.get("transcript") or "" for part in self.data.get("content", [])]
        return " ".join([*parts, self.data.get("arguments", ""), self.data.get("output", "")]).strip()

    @property
    def text_tokens(self) -> int:
        """Return how many tokens are billed as text; words that were spoken are billed as audio only."""
        spoken = any("transcript" in part for part in self.data.get("content", []))
        return _ITEM_OVERHEAD + (0 if spoken else len(tokens(self.text)))

    @property
    def audio_tokens(self) -> int:
        """Return how many tokens are billed as audio."""
        assistant = self.data.get("role") == "assistant"
        rate = ASSISTANT_AUDIO_TOKENS_PER_SECOND if assistant else USER_AUDIO_TOKENS_PER_SECOND
        return math.ceil(self.audio_ms * rate / 1000)

    def truncate(self, audio_end_ms: int) -> None:
        """Forget the audio after its first `audio_end_ms` milliseconds, and the words that went with it."""
        if not self.audio_ms:
            return
        share = min(1.0, audio_end_ms / self.audio_ms)
        for part in self.data["content"]:
            words = tokens(part.get("transcript") or "")
            part["transcript"] = "".join(words[: round(len(words) * share)])
        self.audio_ms = min(self.audio_ms, audio_end_ms)


class Conversation:
    """This class holds the items of one call."""

    def __init__(self) -> None:
        self.id = new_id("conv")
        self._items: list[Item] = []

    @property
    def items(self) -> list[Item]:
        """Return the items in the order of the conversation."""
        return list(self._items)

    @property
    def last_id(self) -> str | None:
        """Return the id of the last item, or None when there is none."""
        return self._items[-1].id if self._items else None

    def previous_id(self, item: Item) -> str | None:
        """Return the id of the item before `item`, or None when it is the first."""
        place = self._items.index(item)
        return self._items[place - 1].id if place else None

    def add(self, item: Item, after: str | None = None) -> Event:
        """Insert an item, and return its `conversation.item.added` event.

        It becomes the last item, or comes after the item with the id `after`; `root` puts it at the beginning.

        Raises:
            ServiceError: There is no item with the id `after`.
        """
        if after is None:
            self._items.append(item)
        else:
            self._items.insert(0 if after == "root" else self._items.index(self.find(after)) + 1, item)
        return self.item_event("conversation.item.added", item)

    def done(self, item: Item) -> Event:
        """Return the `conversation.item.done` event of an item."""
        return self.item_event("conversation.item.done", item)

    def item_event(self, kind: str, item: Item) -> Event:
        """Return an event of type `kind` that shows an item and names the one before it."""
        return event(kind, previous_item_id=self.previous_id(item), item=copy.deepcopy(item.data))

    def find(self, item_id: Any) -> Item:
        """Return the item with this id.

        Raises:
            ServiceError: There is no such item.
        """
        for item in self._items:
            if item.id == item_id:
                return item
        raise invalid("item_not_found", f"Item with item_id '{item_id}' not found.", "item_id")

    def create(self, data: Any, after: str | None) -> list[Event]:
        """Insert a client's item as `conversation.item.create` asks, and return the events about it.

        Raises:
            ServiceError: The data is not an item, its id is taken, or there is no item with the id `after`.
        """
        item = item_from_client(data)
        if any(item.id == other.id for other in self._items):
            raise invalid("item_already_exists", f"Item with item_id '{item.id}' already exists.", "item.id")
        return [self.add(item, after), self.done(item)]

    def delete(self, item_id: Any) -> Event:
        """Remove an item as `conversation.item.delete` asks, and return the event about it.

        Raises:
            ServiceError: There is no such item.
        """
        self._items.remove(self.find(item_id))
        return event("conversation.item.deleted", item_id=item_id)

    def truncate(self, item_id: Any, content_index: Any, audio_end_ms: Any) -> Event:
        """Cut what the assistant said after its first `audio_end_ms` milliseconds, because the caller did not hear it.

        Raises:
            ServiceError: There is no such item, it is not speech of the assistant, or it is shorter than that.
        """
        item = self.find(item_id)
        if item.data.get("role") != "assistant" or not item.audio_ms:
            raise invalid("invalid_value", "Only model output audio messages can be truncated.", "item_id")
        if not isinstance(audio_end_ms, int) or isinstance(audio_end_ms, bool) or audio_end_ms < 0:
            raise missing_parameter("audio_end_ms")
        if audio_end_ms > item.audio_ms:
            message = f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms"
            raise invalid("invalid_value", message, "audio_end_ms")
        item.truncate(audio_end_ms)
        return truncated(item.id, audio_end_ms, content_index or 0)

    def forget_unheard(self, item_id: str, audio_end_ms: int) -> None:
        """Cut an interrupted item after its first `audio_end_ms` milliseconds, if the conversation has it."""
        for item in self._items:
            if item.id == item_id:
                item.truncate(audio_end_ms)


def truncated(item_id: str, audio_end_ms: int, content_index: int = 0) -> Event:
    """Return the `conversation.item.truncated` event."""
    return event("conversation.item.truncated", item_id=item_id, content_index=content_index, audio_end_ms=audio_end_ms)


def item_from_client(data: Any) -> Item:
    """Return a client's item, with the fields added that the service adds.

    Raises:
        ServiceError: The data is not an item.
    """
    if not isinstance(data, dict):
        raise missing_parameter("item")
    kind = data.get("type")
    given_id = {"id": str(data.get("id") or new_id("item")), "type": kind}
    if kind == "message":
        role = data.get("role")
        if not isinstance(role, str) or role not in _CONTENT_TYPES:
            raise invalid_value("item.role", role, list(_CONTENT_TYPES))
        content = data.get("content", [])
        if not isinstance(content, list):
            raise wrong_type("item.content", "an array", content)
        for place, part in enumerate(content):
            _check_part(part, f"item.content[{place}]", role)
        content = [dict(part) for part in content]
        return Item({**given_id, "status": "completed", "role": role, "content": content})
    if kind == "function_call_output":
        return Item({**given_id, "call_id": str(data.get("call_id")), "output": str(data.get("output", ""))})
    if kind == "function_call":
        named = {name: str(data.get(name, "")) for name in ("name", "call_id", "arguments")}
        return Item({**given_id, "status": "completed", **named})
    if kind == "mcp_approval_response":
        answer = {"approval_request_id": str(data.get("approval_request_id")), "approve": bool(data.get("approve"))}
        return Item({**given_id, **answer, "reason": data.get("reason")})
    raise invalid_value("item.type", kind, _ITEM_TYPES)


def _check_part(part: Any, path: str, role: str) -> None:
    if not isinstance(part, dict):
        raise wrong_type(path, "an object", part)
    if part.get("type") not in _CONTENT_TYPES[role]:
        raise invalid_value(f"{path}.type", part.get("type"), list(_CONTENT_TYPES[role]))
    for name in ("text", "transcript"):
        if not isinstance(part.get(name, ""), str):
            raise wrong_type(f"{path}.{name}", "a string", part[name])


def spoken_item(item_id: str, audio_ms: int, speech_ms: int, said: str) -> Item:
    """Return the item for what the caller said. Its transcript is null until the transcription arrives.

    `audio_ms` and `speech_ms` are milliseconds with and without the quiet around the speech; `said` are the words, or
    an empty string when nobody knows them.
    """
    content = [{"type": "input_audio", "transcript": None}]
    data = {"id": item_id, "type": "message", "status": "completed", "role": "user", "content": content}
    return Item(data, audio_ms, speech_ms, said)
