"""Defines the client events that an operator may send into a call, and recognises the service's answer to each.

The names and types of the fields are those of openai-python's `types/realtime`. Any other event or field is refused. A
`session.update` must name the session's type and cannot change the model. No event here touches the audio input, which
belongs to the caller. This module does no I/O.
"""

from typing import Any, Literal

import msgspec

JSON = dict[str, Any]


class ClientEvent(msgspec.Struct, tag_field="type", frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """This is the base of all client events."""

    event_id: str | None = None
    """An id that the gateway gives the event; the service names it if it reports an error about the event."""

    def answered_by(self, event: JSON) -> bool:
        """Return whether this server event is the service's answer to this client event."""
        raise NotImplementedError


class SessionChange(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Holds the fields of a session that can change while it runs. A field that is not set keeps its value."""

    type: Literal["realtime"]
    """The session's type, which the service requires in every change."""
    instructions: str | msgspec.UnsetType = msgspec.UNSET
    """What the model is told about its task."""
    output_modalities: list[Literal["audio", "text"]] | msgspec.UnsetType = msgspec.UNSET
    """Whether the model answers in speech (`["audio"]`) or in writing (`["text"]`)."""
    audio: JSON | msgspec.UnsetType = msgspec.UNSET
    """The formats, the voice detection, the transcription and the voice, as the API names them."""
    tools: list[JSON] | msgspec.UnsetType = msgspec.UNSET
    """The tools that the model may call."""
    tool_choice: str | JSON | msgspec.UnsetType = msgspec.UNSET
    """Whether the model may, must or must not call a tool, or which one it must call."""
    max_output_tokens: int | Literal["inf"] | msgspec.UnsetType = msgspec.UNSET
    """The most tokens of one response, or `inf` for the model's own limit."""
    truncation: str | JSON | msgspec.UnsetType = msgspec.UNSET
    """What happens to old items when the conversation outgrows the model's context."""


class SessionUpdate(ClientEvent, tag="session.update", frozen=True, kw_only=True):
    """Changes the session. The service answers with `session.updated`."""

    session: SessionChange
    """The fields to change."""

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return bool(event["type"] == "session.updated")


class ResponseCreate(ClientEvent, tag="response.create", frozen=True, kw_only=True):
    """Makes the model answer. The service's answer is a `response.created` that repeats the gateway's mark."""

    response: JSON = {}
    """The options of the response, as the API names them."""

    def __post_init__(self) -> None:
        """Check the one option that the gateway adds to. Raises ValueError, which a decoder reports as invalid."""
        if not isinstance(self.response.get("metadata"), dict | None):
            raise ValueError("`response.metadata` must be an object or null")

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        metadata = _object(_object(event, "response"), "metadata")
        return event["type"] == "response.created" and bool(metadata.get(_MARK) == self.event_id)


class ResponseCancel(ClientEvent, tag="response.cancel", frozen=True, kw_only=True):
    """Stops the model. The service answers with the `response.done` of the response that was stopped."""

    response_id: str | msgspec.UnsetType = msgspec.UNSET
    """The response to stop; if it is not set, the one under way."""

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        done = _object(event, "response").get("id")
        return event["type"] == "response.done" and self.response_id in (msgspec.UNSET, done)


class ItemCreate(ClientEvent, tag="conversation.item.create", frozen=True, kw_only=True):
    """Adds an item to the conversation. The service answers with `conversation.item.added`."""

    item: JSON
    """The item, as the API describes it."""
    previous_item_id: str | msgspec.UnsetType = msgspec.UNSET
    """The item that it shall follow; if it is not set, the last one."""

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        added = _object(event, "item").get("id")
        return event["type"] == "conversation.item.added" and bool(added == self.item.get("id"))


class ItemDelete(ClientEvent, tag="conversation.item.delete", frozen=True, kw_only=True):
    """Removes an item from the conversation. The service answers with `conversation.item.deleted`."""

    item_id: str
    """The id of the item."""

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return event["type"] == "conversation.item.deleted" and event.get("item_id") == self.item_id


class ItemTruncate(ClientEvent, tag="conversation.item.truncate", frozen=True, kw_only=True):
    """Cuts an item of the model off. The service answers with `conversation.item.truncated`."""

    item_id: str
    """The id of the item."""
    content_index: int = 0
    """The part of the item's content to cut; the API allows only 0."""
    audio_end_ms: int
    """How much of the item's audio to keep, in milliseconds."""

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return event["type"] == "conversation.item.truncated" and event.get("item_id") == self.item_id


class OutputClear(ClientEvent, tag="output_audio_buffer.clear", frozen=True, kw_only=True):
    """Discards the audio that has not been played yet. The service answers with `output_audio_buffer.cleared`."""

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return bool(event["type"] == "output_audio_buffer.cleared")


AnyClientEvent = SessionUpdate | ResponseCreate | ResponseCancel | ItemCreate | ItemDelete | ItemTruncate | OutputClear
ALLOWED = tuple(sorted(str(kind.__struct_config__.tag) for kind in ClientEvent.__subclasses__()))
_MARK = "switchboard_event"


def marked(event: AnyClientEvent, event_id: str) -> AnyClientEvent:
    """Return the event with the given id, and with a mark by which `answered_by` recognises its answer.

    Without the mark, the answer to another client's event could be taken for the answer to this one.
    """
    event = msgspec.structs.replace(event, event_id=event_id)
    if isinstance(event, ItemCreate) and event.item.get("id") is None:
        return msgspec.structs.replace(event, item={**event.item, "id": f"item_{event_id[-24:]}"})
    if isinstance(event, ResponseCreate):
        metadata = {**(event.response.get("metadata") or {}), _MARK: event_id}
        return msgspec.structs.replace(event, response={**event.response, "metadata": metadata})
    return event


def refused_by(event: JSON, event_id: str) -> JSON | None:
    """Return the fields of the error if this server event reports one about the client event `event_id`, else None."""
    error = _object(event, "error") if event["type"] == "error" else {}
    return error if error.get("event_id") == event_id else None


def _object(within: JSON, name: str) -> JSON:
    """Return an object's field if it is an object itself, else an empty one: the service's events may change shape."""
    value = within.get(name)
    return value if isinstance(value, dict) else {}
