"""Tests which client events are known by which answer, and that an answer to somebody else's event is not ours."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.realtime.client_events import (
    ALLOWED,
    AnyClientEvent,
    ClientEvent,
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

EVENT_ID = "event_0123456789abcdef01234567"


def sent(event: AnyClientEvent) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(event)
    return found


def test_what_may_be_sent() -> None:
    """Nothing here touches the audio input, which belongs to the caller."""
    assert ALLOWED == (
        "conversation.item.create",
        "conversation.item.delete",
        "conversation.item.truncate",
        "output_audio_buffer.clear",
        "response.cancel",
        "response.create",
        "session.update",
    )
    with pytest.raises(NotImplementedError):
        ClientEvent().answered_by({"type": "session.updated"})


@pytest.mark.parametrize(
    ("event", "answer", "others"),
    [
        (
            SessionUpdate(session=SessionChange(type="realtime")),
            {"type": "session.updated"},
            [{"type": "session.created"}],
        ),
        (
            ResponseCreate(),
            {"type": "response.created", "response": {"metadata": {"switchboard_event": EVENT_ID}}},
            [
                {"type": "response.created", "response": {"metadata": {"switchboard_event": "another"}}},
                {"type": "response.created", "response": {"metadata": None}},
                {"type": "response.created", "response": None},
                {"type": "response.created"},
                {"type": "response.done", "response": {"metadata": {"switchboard_event": EVENT_ID}}},
            ],
        ),
        (
            ResponseCancel(),
            {"type": "response.done", "response": {"id": "r9"}},
            [{"type": "response.created", "response": {"id": "r9"}}],
        ),
        (
            ResponseCancel(response_id="r1"),
            {"type": "response.done", "response": {"id": "r1"}},
            [{"type": "response.done", "response": {"id": "r2"}}, {"type": "response.done"}],
        ),
        (
            ItemCreate(item={"id": "i1"}),
            {"type": "conversation.item.added", "item": {"id": "i1"}},
            [
                {"type": "conversation.item.added", "item": {"id": "i2"}},
                {"type": "conversation.item.added"},
                {"type": "conversation.item.done", "item": {"id": "i1"}},
            ],
        ),
        (
            ItemDelete(item_id="i1"),
            {"type": "conversation.item.deleted", "item_id": "i1"},
            [
                {"type": "conversation.item.deleted", "item_id": "i2"},
                {"type": "conversation.item.truncated", "item_id": "i1"},
            ],
        ),
        (
            ItemTruncate(item_id="i1", audio_end_ms=5),
            {"type": "conversation.item.truncated", "item_id": "i1"},
            [
                {"type": "conversation.item.truncated", "item_id": "i2"},
                {"type": "conversation.item.deleted", "item_id": "i1"},
            ],
        ),
        (OutputClear(), {"type": "output_audio_buffer.cleared"}, [{"type": "output_audio_buffer.stopped"}]),
    ],
)
def test_answers(event: AnyClientEvent, answer: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """Each event has its own answer, and neither another type nor another id is taken for it."""
    event = marked(event, EVENT_ID)

    assert event.event_id == EVENT_ID
    assert event.answered_by(answer)
    for other in others:
        assert not event.answered_by(other)


def test_mark_of_an_item() -> None:
    """An item without an id, or with a null for one, gets one of ours; one that the operator chose is kept."""
    named = marked(ItemCreate(item={"id": "mine", "role": "user"}), EVENT_ID)
    unnamed = marked(ItemCreate(item={"role": "user"}), EVENT_ID)
    null = marked(ItemCreate(item={"role": "user", "id": None}), EVENT_ID)

    assert sent(named)["item"] == {"id": "mine", "role": "user"}
    assert sent(unnamed)["item"] == sent(null)["item"] == {"id": "item_0123456789abcdef01234567"[:29], "role": "user"}


def test_mark_of_a_response() -> None:
    """The mark stands beside the operator's own metadata, and nothing else of the event changes."""
    event = ResponseCreate(response={"instructions": "Say hello.", "metadata": {"topic": "x"}})
    found = marked(event, EVENT_ID)

    assert sent(found) == {
        "type": "response.create",
        "event_id": EVENT_ID,
        "response": {"instructions": "Say hello.", "metadata": {"topic": "x", "switchboard_event": EVENT_ID}},
    }
    assert sent(event)["response"]["metadata"] == {"topic": "x"}, "the operator's event is not changed"
    assert sent(marked(ItemDelete(item_id="i1"), "e1")) == {
        "type": "conversation.item.delete",
        "event_id": "e1",
        "item_id": "i1",
    }


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"type": "error", "error": {"event_id": EVENT_ID, "code": "x"}}, {"event_id": EVENT_ID, "code": "x"}),
        ({"type": "error", "error": {"event_id": "another"}}, None),
        ({"type": "error", "error": {}}, None),
        ({"type": "error", "error": "a text"}, None),
        ({"type": "error"}, None),
        ({"type": "session.updated", "error": {"event_id": EVENT_ID}}, None),
    ],
)
def test_refusals(event: dict[str, Any], error: dict[str, Any] | None) -> None:
    """Only the service's error about this very event refuses it."""
    assert refused_by(event, EVENT_ID) == error


@pytest.mark.parametrize("metadata", ["x", 7, ["x"], True, ""])
def test_metadata_that_is_not_an_object(metadata: Any) -> None:
    """The gateway adds its mark to the metadata of a response, so they must be an object."""
    sent = msgspec.json.encode({"type": "response.create", "response": {"metadata": metadata}})

    with pytest.raises(msgspec.ValidationError, match=r"response\.metadata"):
        msgspec.json.decode(sent, type=AnyClientEvent)


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
