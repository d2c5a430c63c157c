"""What a call's events look like outside. Inside they are GA's; a preview call translates at its edge."""

from collections.abc import Mapping
from typing import Any, Protocol

from local.realtime.protocol.events import Event
from local.realtime.protocol.preview_session import (
    DEFAULT_TEMPERATURE,
    flat_response,
    flat_session,
    nested_response,
    nested_session,
)

_PREVIEW_NAMES = {
    "conversation.item.added": "conversation.item.created",
    **{f"response.output_text.{end}": f"response.text.{end}" for end in ("delta", "done")},
    **{f"response.output_audio.{end}": f"response.audio.{end}" for end in ("delta", "done")},
    **{f"response.output_audio_transcript.{end}": f"response.audio_transcript.{end}" for end in ("delta", "done")},
}
# Preview says once that there is an item, GA twice.
_GA_ALONE = frozenset({"conversation.item.done"})
_PREVIEW_PARTS = {"output_text": "text", "output_audio": "audio"}
_GA_PARTS = {preview: ga for ga, preview in _PREVIEW_PARTS.items()}


class Dialect(Protocol):
    """Both directions."""

    def outgoing(self, event: Event) -> Event | None:
        """A server event as a client is told it; None for one that it is not told."""

    def incoming(self, event: Event) -> Event:
        """A client's event in GA's words. Raises ServiceError."""


class Ga:
    """As they are."""

    def outgoing(self, event: Event) -> Event:
        """The same."""
        return event

    def incoming(self, event: Event) -> Event:
        """The same."""
        return event


GA = Ga()


class Preview:
    """The deprecated protocol's names and flat fields (Microsoft's guide to migrating from preview to GA)."""

    def __init__(self, temperature: float = DEFAULT_TEMPERATURE) -> None:
        self._temperature = temperature

    def outgoing(self, event: Event) -> Event | None:
        """Renamed and flattened."""
        kind = event["type"]
        if kind in _GA_ALONE:
            return None
        told = {**event, "type": _PREVIEW_NAMES.get(kind, kind)}
        if "session" in told:
            told["session"] = flat_session(told["session"], self._temperature)
        if "item" in told:
            told["item"] = _with_parts(told["item"], _PREVIEW_PARTS)
        if "response" in told:
            told["response"] = flat_response(told["response"], self._temperature)
            told["response"]["output"] = [_with_parts(item, _PREVIEW_PARTS) for item in told["response"]["output"]]
        return told

    def incoming(self, event: Event) -> Event:
        """Nested. Raises ServiceError for GA's fields, as the preview service does."""
        kind, meant = event.get("type"), dict(event)
        if kind == "session.update" and "session" in meant:
            meant["session"] = nested_session(meant["session"])
            self._temperature = event["session"].get("temperature", self._temperature)
        elif kind == "response.create" and meant.get("response"):
            meant["response"] = nested_response(meant["response"])
        elif kind == "conversation.item.create" and isinstance(meant.get("item"), dict):
            meant["item"] = _with_parts(meant["item"], _GA_PARTS)
        return meant


def _with_parts(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    content = item.get("content")
    if not isinstance(content, list):
        return dict(item)
    parts = [{**part, "type": names.get(part.get("type"), part.get("type"))} for part in content]
    return {**item, "content": parts}
