"""Tests that operators' client events are checked and marked, and that the service's answers to them are recognised."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.realtime.client_events import (
    AnyClientEvent,
    ItemCreate,
    ItemDelete,
    ItemTruncate,
    OutputClear,
    ResponseCancel,
    ResponseCreate,
    SessionChange,
    SessionUpdate,
    marked,
    refused_by,
)

EVENT_ID = "event_0123456789abcdef0123456789abcdef"
EVENTS: list[AnyClientEvent] = [
    SessionUpdate(session=SessionChange("realtime")),
    ResponseCreate(),
    ResponseCreate(response={"metadata": None}),
    ResponseCancel(),
    ResponseCancel(response_id="resp_1"),
    ItemCreate(item={}),
    ItemCreate(item={"id": None}),
    ItemDelete(item_id="item_1"),
    ItemTruncate(item_id="item_1", audio_end_ms=5),
    OutputClear(),
]


@pytest.mark.parametrize("metadata", ["x", 7, ["x"], True, ""])
def test_metadata_that_is_not_an_object(metadata: Any) -> None:
    """The gateway adds its mark to the metadata of a response, so they must be an object."""
    sent = msgspec.json.encode({"type": "response.create", "response": {"metadata": metadata}})

    with pytest.raises(msgspec.ValidationError, match=r"response\.metadata"):
        msgspec.json.decode(sent, type=AnyClientEvent)


def test_a_response_repeats_the_mark() -> None:
    """Only the response with the mark of this event is its answer; the operator's own metadata stay."""
    event = marked(ResponseCreate(response={"metadata": {"mine": "1"}}), EVENT_ID)

    assert isinstance(event, ResponseCreate)
    metadata = event.response["metadata"]
    assert metadata["mine"] == "1"
    assert event.answered_by({"type": "response.created", "response": {"metadata": metadata}})
    assert not event.answered_by({"type": "response.created", "response": {"metadata": {"mine": "1"}}})
    assert not event.answered_by({"type": "response.done", "response": {"metadata": metadata}})


@pytest.mark.parametrize("item", [{}, {"id": None}])
def test_an_item_gets_an_id(item: dict[str, Any]) -> None:
    """An item without an id gets one, because the answer is recognised by it."""
    event = marked(ItemCreate(item=item), EVENT_ID)

    assert isinstance(event, ItemCreate)
    assert event.item["id"]
    assert event.answered_by({"type": "conversation.item.added", "item": {"id": event.item["id"]}})
    assert not event.answered_by({"type": "conversation.item.added"})


def test_which_response_was_stopped() -> None:
    """Any response that is done answers a cancel without an id, and only the named one a cancel with an id."""
    done = {"type": "response.done", "response": {"id": "resp_2"}}

    assert ResponseCancel().answered_by(done)
    assert not ResponseCancel(response_id="resp_1").answered_by(done)
    assert ResponseCancel(response_id="resp_2").answered_by(done)


def test_refusal() -> None:
    """An error refuses the event that it names, and no other."""
    error = {"event_id": EVENT_ID, "code": "invalid_value"}

    assert refused_by({"type": "error", "error": error}, EVENT_ID) == error
    assert refused_by({"type": "error", "error": {}}, EVENT_ID) is None
    assert refused_by({"type": "error", "error": "x"}, EVENT_ID) is None
    assert refused_by({"type": "response.created", "error": error}, EVENT_ID) is None


NAMES = st.sampled_from(["response", "metadata", "item", "id", "item_id", "error", "event_id", "switchboard_event"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(
    [
        *("session.updated", "response.created", "response.done", "conversation.item.added", "error", "other"),
        *("conversation.item.deleted", "conversation.item.truncated", "output_audio_buffer.cleared"),
    ]
)


@given(st.sampled_from(EVENTS), TYPES, st.dictionaries(NAMES, VALUES, max_size=5))
def test_server_events_of_any_form(event: AnyClientEvent, kind: str, fields: dict[str, Any]) -> None:
    """Whatever the service sends, it is an answer, a refusal or neither, and never an error."""
    event, heard = marked(event, EVENT_ID), {**fields, "type": kind}

    assert event.answered_by(heard) in (True, False)
    assert refused_by(heard, EVENT_ID) is None or kind == "error"


@given(st.dictionaries(NAMES | st.sampled_from(["type", "session", "audio_end_ms"]), VALUES | TYPES, max_size=5))
def test_client_events_of_any_form(fields: dict[str, Any]) -> None:
    """Whatever an operator sends, it is refused as invalid, or it can be marked and sent."""
    for event in EVENTS:
        kind = event.__struct_config__.tag
        try:
            read = msgspec.json.decode(json.dumps({**fields, "type": kind}), type=AnyClientEvent)
        except msgspec.ValidationError:
            continue
        assert msgspec.json.decode(msgspec.json.encode(marked(read, EVENT_ID)))["event_id"] == EVENT_ID
