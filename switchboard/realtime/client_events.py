"""Client events that an operator may send into a call, and how to tell the service's answer to each. Sans-I/O.

Fields as in openai-python's `types/realtime`; what is not listed here is refused. A `session.update` must name its type
and cannot change the model; audio input belongs to the peer, so no event that touches it is here.
"""

from typing import Any, Literal

import msgspec

JSON = dict[str, Any]


class ClientEvent(msgspec.Struct, tag_field="type", frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all have. `event_id` is ours: the service names it in its error."""

    event_id: str | None = None

    def answered_by(self, event: JSON) -> bool:
        """Whether this server event is the service's answer."""
        raise NotImplementedError


class SessionChange(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The fields of a session that can change while it runs."""

    type: Literal["realtime"]
    instructions: str | msgspec.UnsetType = msgspec.UNSET
    output_modalities: list[Literal["audio", "text"]] | msgspec.UnsetType = msgspec.UNSET
    audio: JSON | msgspec.UnsetType = msgspec.UNSET
    tools: list[JSON] | msgspec.UnsetType = msgspec.UNSET
    tool_choice: str | JSON | msgspec.UnsetType = msgspec.UNSET
    max_output_tokens: int | Literal["inf"] | msgspec.UnsetType = msgspec.UNSET
    truncation: str | JSON | msgspec.UnsetType = msgspec.UNSET


class SessionUpdate(ClientEvent, tag="session.update", frozen=True, kw_only=True):
    """Change the session; answered by `session.updated`."""

    session: SessionChange

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return bool(event["type"] == "session.updated")


class ResponseCreate(ClientEvent, tag="response.create", frozen=True, kw_only=True):
    """Have the model speak; answered by `response.created`, known by our mark in its metadata."""

    response: JSON = {}

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        response = event.get("response") or {}
        metadata = response.get("metadata") or {}
        return event["type"] == "response.created" and bool(metadata.get(_MARK) == self.event_id)


class ResponseCancel(ClientEvent, tag="response.cancel", frozen=True, kw_only=True):
    """Stop the model; answered by the `response.done` of what it was saying."""

    response_id: str | msgspec.UnsetType = msgspec.UNSET

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        response = event.get("response") or {}
        named = isinstance(self.response_id, str)
        return event["type"] == "response.done" and (not named or response.get("id") == self.response_id)


class ItemCreate(ClientEvent, tag="conversation.item.create", frozen=True, kw_only=True):
    """Put an item into the conversation; answered by its `conversation.item.added`."""

    item: JSON
    previous_item_id: str | msgspec.UnsetType = msgspec.UNSET

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        added = event.get("item") or {}
        return event["type"] == "conversation.item.added" and bool(added.get("id") == self.item.get("id"))


class ItemDelete(ClientEvent, tag="conversation.item.delete", frozen=True, kw_only=True):
    """Take an item out."""

    item_id: str

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return event["type"] == "conversation.item.deleted" and event.get("item_id") == self.item_id


class ItemTruncate(ClientEvent, tag="conversation.item.truncate", frozen=True, kw_only=True):
    """Cut an answer where the caller stopped listening, in milliseconds of its audio."""

    item_id: str
    content_index: int = 0
    audio_end_ms: int

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return event["type"] == "conversation.item.truncated" and event.get("item_id") == self.item_id


class OutputClear(ClientEvent, tag="output_audio_buffer.clear", frozen=True, kw_only=True):
    """Throw away what has not been played; answered by `output_audio_buffer.cleared`."""

    def answered_by(self, event: JSON) -> bool:  # noqa: D102
        return bool(event["type"] == "output_audio_buffer.cleared")


AnyClientEvent = SessionUpdate | ResponseCreate | ResponseCancel | ItemCreate | ItemDelete | ItemTruncate | OutputClear
ALLOWED = tuple(sorted(str(kind.__struct_config__.tag) for kind in ClientEvent.__subclasses__()))
_MARK = "switchboard_event"


def marked(event: AnyClientEvent, event_id: str) -> AnyClientEvent:
    """The event with an id of ours, and with what makes its answer known among those to others' events."""
    event = msgspec.structs.replace(event, event_id=event_id)
    if isinstance(event, ItemCreate) and "id" not in event.item:
        return msgspec.structs.replace(event, item={**event.item, "id": f"item_{event_id[-24:]}"})
    if isinstance(event, ResponseCreate):
        metadata = {**(event.response.get("metadata") or {}), _MARK: event_id}
        return msgspec.structs.replace(event, response={**event.response, "metadata": metadata})
    return event


def refused_by(event: JSON, event_id: str) -> JSON | None:
    """The error's own fields, where this server event is the service's error about ours."""
    error = event.get("error") if event["type"] == "error" else None
    return error if isinstance(error, dict) and error.get("event_id") == event_id else None
