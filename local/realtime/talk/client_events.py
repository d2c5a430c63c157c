"""This module does what a client asks of a call, whether it asks on the data channel or on a sideband."""

import copy
import json
from collections.abc import Callable
from typing import Any

from local.realtime.errors import ServiceError, invalid, invalid_value, missing_parameter, wrong_type
from local.realtime.protocol.events import Event, error_event, event
from local.realtime.protocol.session import updated
from local.realtime.talk.core import Core
from local.realtime.talk.responder import Responder
from local.realtime.talk.turns import Turns

Handler = Callable[[Event], None]
"""Does what one type of client event asks, and raises ServiceError to refuse it."""


class ClientEvents:
    """This class handles the client events of one call."""

    def __init__(self, core: Core, responder: Responder, turns: Turns) -> None:
        self._core = core
        self._responder = responder
        self._turns = turns
        self._handlers: dict[str, Handler] = {
            "session.update": self._session_update,
            "response.create": self._response_create,
            "response.cancel": self._response_cancel,
            "conversation.item.create": self._item_create,
            "conversation.item.delete": self._item_delete,
            "conversation.item.retrieve": self._item_retrieve,
            "conversation.item.truncate": self._item_truncate,
            "output_audio_buffer.clear": self._output_clear,
            "input_audio_buffer.append": self._input_append,
            "input_audio_buffer.commit": self._input_commit,
            "input_audio_buffer.clear": self._input_clear,
        }

    def handle(self, message: str | bytes) -> None:
        """Do what a client's message asks. If it cannot be done, publish an `error` event; the call goes on."""
        client_event_id: str | None = None
        try:
            parsed = _parse(message)
            given = parsed.get("event_id")
            client_event_id = given if isinstance(given, str) else None
            self._handler(parsed.get("type"))(self._core.dialect.incoming(parsed))
        except ServiceError as refusal:
            self._core.publish(error_event(refusal.error, client_event_id))

    def _handler(self, kind: Any) -> Handler:
        if kind is None:
            raise missing_parameter("type")
        if not isinstance(kind, str) or kind not in self._handlers:
            raise invalid_value("type", kind, sorted(self._handlers))
        return self._handlers[kind]

    def _session_update(self, message: Event) -> None:
        change = message.get("session")
        if change is None:
            raise missing_parameter("session")
        self._core.session = updated(self._core.session, change, voice_used=self._responder.has_spoken)
        self._turns.configure()
        self._core.publish(event("session.updated", session=copy.deepcopy(self._core.session)))

    def _response_create(self, message: Event) -> None:
        self._responder.create(message.get("response"))

    def _response_cancel(self, message: Event) -> None:
        self._responder.cancel("client_cancelled", message.get("response_id"))

    def _item_create(self, message: Event) -> None:
        events = self._core.conversation.create(message.get("item"), message.get("previous_item_id"))
        self._core.publish(*events)
        item = message.get("item", {})
        if item.get("type") == "mcp_approval_response" and item.get("approve"):
            self._responder.remote_tools.approve(str(item.get("approval_request_id")))

    def _item_delete(self, message: Event) -> None:
        self._core.publish(self._core.conversation.delete(message.get("item_id")))

    def _item_retrieve(self, message: Event) -> None:
        item = self._core.conversation.find(message.get("item_id"))
        self._core.publish(event("conversation.item.retrieved", item=copy.deepcopy(item.data)))

    def _item_truncate(self, message: Event) -> None:
        item_id, content_index = message.get("item_id"), message.get("content_index")
        self._core.publish(self._core.conversation.truncate(item_id, content_index, message.get("audio_end_ms")))

    def _output_clear(self, _message: Event) -> None:
        self._responder.clear_playback()

    def _input_append(self, _message: Event) -> None:
        raise invalid("invalid_value", "Audio of a WebRTC call comes over its media connection.", "type")

    def _input_commit(self, _message: Event) -> None:
        self._turns.commit()

    def _input_clear(self, _message: Event) -> None:
        self._turns.clear()


def _parse(message: str | bytes) -> Event:
    try:
        parsed = json.loads(message)
    except ValueError as error:
        text = "The server could not parse the JSON body of your event."
        raise invalid("invalid_json", text) from error
    if not isinstance(parsed, dict):
        raise wrong_type("event", "an object", parsed)
    return parsed
