"""What a client may send, on the data channel or a sideband, and what it does to the call."""

import copy
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local.realtime.errors import ServiceError, invalid, invalid_value, missing_parameter, wrong_type
from local.realtime.protocol.events import Event, error_event, event
from local.realtime.protocol.session import updated

if TYPE_CHECKING:
    from local.realtime.talk.call import Call

Handler = Callable[["Call", dict[str, Any]], None]
"""Does what one type of client event asks; raises ServiceError."""


def handle(call: "Call", message: str | bytes) -> None:
    """Do what a client's message asks; what is wrong with it becomes an `error` event, and the call goes on."""
    client_event_id: str | None = None
    try:
        parsed = _parse(message)
        given = parsed.get("event_id")
        client_event_id = given if isinstance(given, str) else None
        _handler(parsed.get("type"))(call, call.dialect.incoming(parsed))
    except ServiceError as refusal:
        call.publish(error_event(refusal.error, client_event_id))


def _parse(message: str | bytes) -> Event:
    try:
        parsed = json.loads(message)
    except ValueError as error:
        text = "The server could not parse the JSON body of your event."
        raise invalid("invalid_json", text) from error
    if not isinstance(parsed, dict):
        raise wrong_type("event", "an object", parsed)
    return parsed


def _handler(kind: Any) -> Handler:
    if kind is None:
        raise missing_parameter("type")
    if not isinstance(kind, str) or kind not in _HANDLERS:
        raise invalid_value("type", kind, sorted(_HANDLERS))
    return _HANDLERS[kind]


def _session_update(call: "Call", message: Event) -> None:
    change = message.get("session")
    if change is None:
        raise missing_parameter("session")
    call.session = updated(call.session, change, voice_used=call.responder.has_spoken)
    call.turns.configure()
    call.publish(event("session.updated", session=copy.deepcopy(call.session)))


def _response_create(call: "Call", message: Event) -> None:
    call.responder.create(message.get("response"))


def _response_cancel(call: "Call", message: Event) -> None:
    call.responder.cancel("client_cancelled", message.get("response_id"))


def _item_create(call: "Call", message: Event) -> None:
    call.publish(*call.conversation.create(message.get("item"), message.get("previous_item_id")))


def _item_delete(call: "Call", message: Event) -> None:
    call.publish(call.conversation.delete(message.get("item_id")))


def _item_retrieve(call: "Call", message: Event) -> None:
    item = call.conversation.find(message.get("item_id"))
    call.publish(event("conversation.item.retrieved", item=copy.deepcopy(item.data)))


def _item_truncate(call: "Call", message: Event) -> None:
    call.publish(
        call.conversation.truncate(message.get("item_id"), message.get("content_index"), message.get("audio_end_ms"))
    )


def _output_clear(call: "Call", _message: Event) -> None:
    call.responder.clear_playback()


def _input_append(_call: "Call", _message: Event) -> None:
    raise invalid("invalid_value", "Audio of a WebRTC call comes over its media connection.", "type")


def _input_commit(call: "Call", _message: Event) -> None:
    call.turns.commit()


def _input_clear(call: "Call", _message: Event) -> None:
    call.turns.clear()


_HANDLERS: dict[str, Handler] = {
    "session.update": _session_update,
    "response.create": _response_create,
    "response.cancel": _response_cancel,
    "conversation.item.create": _item_create,
    "conversation.item.delete": _item_delete,
    "conversation.item.retrieve": _item_retrieve,
    "conversation.item.truncate": _item_truncate,
    "output_audio_buffer.clear": _output_clear,
    "input_audio_buffer.append": _input_append,
    "input_audio_buffer.commit": _input_commit,
    "input_audio_buffer.clear": _input_clear,
}
