"""The conversation: items in order, the tokens they count for, the events about them. Knows no clock and no socket."""

import copy
import math
from dataclasses import dataclass
from typing import Any

from local.realtime.errors import invalid, invalid_value, missing_parameter, wrong_type
from local.realtime.protocol.events import Event, event, new_id, tokens

USER_AUDIO_TOKENS_PER_SECOND = 10
ASSISTANT_AUDIO_TOKENS_PER_SECOND = 20
_ITEM_OVERHEAD = 3  # recorded: a short instruction and "Say hello." made 12 tokens
_CONTENT_TYPES = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text", "output_audio"),
}


@dataclass
class Item:
    """One item, and what only the service knows about it."""

    data: dict[str, Any]
    """The item as clients see it."""
    audio_ms: int = 0
    """Length of its audio, if it has any; for the caller's with the quiet before and after."""
    speech_ms: int = 0
    """How long the caller really spoke."""
    said: str = ""
    """The caller's words, where a test scripted them; clients learn them by transcription only."""

    @property
    def id(self) -> str:
        """The item's identifier."""
        return str(self.data["id"])

    @property
    def text(self) -> str:
        """Everything written or said in the item."""
        if self.said:
            return self.said
        parts = [part.get("text") or part.get("transcript") or "" for part in self.data.get("content", [])]
        return " ".join([*parts, self.data.get("arguments", ""), self.data.get("output", "")]).strip()

    @property
    def text_tokens(self) -> int:
        """Tokens billed as text: nothing for words that were spoken."""
        spoken = any("transcript" in part for part in self.data.get("content", []))
        return _ITEM_OVERHEAD + (0 if spoken else len(tokens(self.text)))

    @property
    def audio_tokens(self) -> int:
        """Tokens billed as audio."""
        assistant = self.data.get("role") == "assistant"
        rate = ASSISTANT_AUDIO_TOKENS_PER_SECOND if assistant else USER_AUDIO_TOKENS_PER_SECOND
        return math.ceil(self.audio_ms * rate / 1000)

    def truncate(self, audio_end_ms: int) -> None:
        """Forget the audio after `audio_end_ms`, and the words that went with it."""
        if not self.audio_ms:
            return
        share = min(1.0, audio_end_ms / self.audio_ms)
        for part in self.data["content"]:
            words = tokens(part.get("transcript") or "")
            part["transcript"] = "".join(words[: round(len(words) * share)])
        self.audio_ms = min(self.audio_ms, audio_end_ms)


class Conversation:
    """The items of one call."""

    def __init__(self) -> None:
        self.id = new_id("conv")
        self._items: list[Item] = []

    @property
    def items(self) -> list[Item]:
        """The items, oldest first."""
        return list(self._items)

    @property
    def last_id(self) -> str | None:
        """The item after which the next one comes."""
        return self._items[-1].id if self._items else None

    def previous_id(self, item: Item) -> str | None:
        """The item before `item`."""
        place = self._items.index(item)
        return self._items[place - 1].id if place else None

    def add(self, item: Item, after: str | None = None) -> Event:
        """Put an item at the end, or after another (`root`: at the beginning); `conversation.item.added`."""
        if after is None:
            self._items.append(item)
        else:
            self._items.insert(0 if after == "root" else self._items.index(self.find(after)) + 1, item)
        return self.item_event("conversation.item.added", item)

    def done(self, item: Item) -> Event:
        """`conversation.item.done`."""
        return self.item_event("conversation.item.done", item)

    def item_event(self, kind: str, item: Item) -> Event:
        """An event that shows an item and the one before it."""
        return event(kind, previous_item_id=self.previous_id(item), item=copy.deepcopy(item.data))

    def find(self, item_id: Any) -> Item:
        """The item of that id.

        Raises:
            ServiceError: there is none.
        """
        for item in self._items:
            if item.id == item_id:
                return item
        raise invalid("item_not_found", f"Item with item_id '{item_id}' not found.", "item_id")

    def create(self, data: Any, after: str | None) -> list[Event]:
        """`conversation.item.create` from a client."""
        item = item_from_client(data)
        if any(item.id == other.id for other in self._items):
            raise invalid("item_already_exists", f"Item with item_id '{item.id}' already exists.", "item.id")
        return [self.add(item, after), self.done(item)]

    def delete(self, item_id: Any) -> Event:
        """`conversation.item.delete` from a client."""
        self._items.remove(self.find(item_id))
        return event("conversation.item.deleted", item_id=item_id)

    def truncate(self, item_id: Any, content_index: Any, audio_end_ms: Any) -> Event:
        """Cut an assistant's spoken item: what the caller did not hear was not said."""
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
        """Cut an item that was interrupted, if it (still) belongs to the conversation."""
        for item in self._items:
            if item.id == item_id:
                item.truncate(audio_end_ms)


def truncated(item_id: str, audio_end_ms: int, content_index: int = 0) -> Event:
    """`conversation.item.truncated`."""
    return event("conversation.item.truncated", item_id=item_id, content_index=content_index, audio_end_ms=audio_end_ms)


def item_from_client(data: Any) -> Item:
    """A client's item, completed as the service completes it.

    Raises:
        ServiceError: when it is no item.
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
    raise invalid_value("item.type", kind, ["message", "function_call", "function_call_output"])


def _check_part(part: Any, path: str, role: str) -> None:
    if not isinstance(part, dict):
        raise wrong_type(path, "an object", part)
    if part.get("type") not in _CONTENT_TYPES[role]:
        raise invalid_value(f"{path}.type", part.get("type"), list(_CONTENT_TYPES[role]))
    for name in ("text", "transcript"):
        if not isinstance(part.get(name, ""), str):
            raise wrong_type(f"{path}.{name}", "a string", part[name])


def spoken_item(item_id: str, audio_ms: int, speech_ms: int, said: str) -> Item:
    """What the caller said: the words come later, by transcription."""
    content = [{"type": "input_audio", "transcript": None}]
    data = {"id": item_id, "type": "message", "status": "completed", "role": "user", "content": content}
    return Item(data, audio_ms, speech_ms, said)
