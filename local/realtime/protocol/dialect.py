"""This module translates between GA's events, which the emulator uses inside, and those that a client speaks."""

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
# GA announces an item twice, when it is added and when it is done; the preview protocol announces it once.
_GA_ALONE = frozenset({"conversation.item.done"})
_PREVIEW_PARTS = {"output_text": "text", "output_audio": "audio"}
_GA_PARTS = {preview: ga for ga, preview in _PREVIEW_PARTS.items()}


class Dialect(Protocol):
    """A dialect translates the events of one call in both directions."""

    def outgoing(self, event: Event) -> Event | None:
        """Return the client's form of a server event, or None when clients of this protocol do not receive it."""

    def incoming(self, event: Event) -> Event:
        """Return GA's form of a client event.

        Raises:
            ServiceError: The event has a field or value that this protocol refuses.
        """


class Ga:
    """This dialect leaves every event unchanged, because the client speaks GA."""

    def outgoing(self, event: Event) -> Event:
        """Return the event unchanged."""
        return event

    def incoming(self, event: Event) -> Event:
        """Return the event unchanged."""
        return event


GA = Ga()


class Preview:
    """This dialect renames events and flattens fields for a client that speaks the deprecated preview protocol.

    The names are from Microsoft's guide to migrating from preview to GA. `temperature` is a setting that only the
    preview protocol has; it is shown to the client and has no effect.
    """

    def __init__(self, temperature: float = DEFAULT_TEMPERATURE) -> None:
        self._temperature = temperature

    def outgoing(self, event: Event) -> Event | None:
        """Return the event with preview's name and flat fields, or None when the preview protocol does not have it."""
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
        """Return the event with GA's nested fields.

        Raises:
            ServiceError: The event has a field that the preview service refuses, such as one of GA's.
        """
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
