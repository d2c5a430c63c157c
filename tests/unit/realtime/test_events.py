"""Tests that known server events are read with their types, and that nothing else is an error."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.realtime import events
from switchboard.realtime.events import Event, Unreadable, parse_event
from switchboard.realtime.objects import Item, Response, ResponseUsage, TokenDetails, TranscriptionUsage


def event(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, "event_id": "event_1", **fields})


def test_response_done_with_usage() -> None:
    """A frame of the recorded shape is read with its usage, and its extra fields are ignored."""
    frame = event(
        "response.done",
        response={
            "object": "realtime.response",
            "id": "resp_1",
            "status": "completed",
            "status_details": None,
            "output": [
                {
                    "id": "item_1",
                    "type": "message",
                    "status": "completed",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "Hello there!"}],
                }
            ],
            "conversation_id": "conv_1",
            "output_modalities": ["text"],
            "max_output_tokens": "inf",
            "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"}},
            "usage": {
                "total_tokens": 109,
                "input_tokens": 96,
                "output_tokens": 13,
                "input_token_details": {
                    "text_tokens": 96,
                    "audio_tokens": 0,
                    "image_tokens": 0,
                    "cached_tokens": 64,
                    "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0, "image_tokens": 0},
                },
                "output_token_details": {"text_tokens": 13, "audio_tokens": 0},
            },
            "metadata": None,
        },
    )
    found = parse_event(frame)

    assert isinstance(found, events.ResponseDone)
    assert found.response.usage is not None
    assert found.response.usage.input_token_details.cached_tokens_details == TokenDetails(text_tokens=64)


def test_transcription_by_time() -> None:
    """Some transcription models are billed by the second."""
    found = parse_event(
        event(
            "conversation.item.input_audio_transcription.completed",
            item_id="item_1",
            content_index=0,
            transcript="Hello",
            usage={"type": "duration", "seconds": 1.25},
        )
    )

    assert isinstance(found, events.TranscriptionCompleted)
    assert found.usage == TranscriptionUsage(type="duration", seconds=1.25)


@pytest.mark.parametrize(
    "frame",
    [
        event("response.output_audio_transcript.delta", delta="Hel", obfuscation="x1"),
        event("rate_limits.updated", rate_limits=[]),
        event("session.updated", session={"type": "realtime", "instructions": "Never tell anybody."}),
        event("some.event.of.next.year"),
        "{}",
        "[]",
        "garbage",
        b"\xff\xfe",
    ],
)
def test_what_is_not_kept(frame: str | bytes) -> None:
    """Deltas, the session with its instructions, unknown types and unreadable frames give None."""
    assert parse_event(frame) is None


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """No frame raises an error, whatever it contains."""
    parse_event(text)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (
            event("conversation.item.added", item={"id": "item_1", "role": "user", "content": None}),
            events.ItemAdded(event_id="event_1", item=Item(id="item_1", role="user")),
        ),
        (
            event("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=1204.6),
            events.SpeechStarted(event_id="event_1", item_id="item_1", audio_start_ms=1205),
        ),
        (
            event("input_audio_buffer.speech_stopped", item_id=None, audio_end_ms=None),
            events.SpeechStopped(event_id="event_1"),
        ),
        (
            event("response.done", response={"id": "resp_1", "output": None, "usage": {"total_tokens": 12.0}}),
            events.ResponseDone(event_id="event_1", response=Response(id="resp_1", usage=ResponseUsage(12))),
        ),
        (
            event(
                "response.done",
                response={"id": "resp_1", "usage": {"input_token_details": None, "output_tokens": 3}},
            ),
            events.ResponseDone(event_id="event_1", response=Response(id="resp_1", usage=ResponseUsage(0, 0, 3))),
        ),
        (
            event(
                "conversation.item.input_audio_transcription.completed",
                item_id="item_1",
                transcript=None,
                usage={"type": "duration", "seconds": 1.25, "total_tokens": None},
            ),
            events.TranscriptionCompleted(
                event_id="event_1",
                item_id="item_1",
                usage=TranscriptionUsage(type="duration", seconds=1.25),
            ),
        ),
    ],
)
def test_harmless_changes_of_form(frame: str, expected: Event) -> None:
    """A null counts as a missing field, and a fraction of a millisecond or a token is rounded."""
    assert parse_event(frame) == expected


CHANGED = [
    event("conversation.item.added", item="not an object"),
    event("conversation.item.added", item=None),
    event("conversation.item.done", item={"content": [None]}),
    event("response.done", response={"id": "resp_1", "output": "none"}),
    event("input_audio_buffer.speech_started", audio_start_ms="soon"),
    event("input_audio_buffer.speech_started", audio_start_ms=1e300),
    '{"type": "response.done", "event_id": "event_1", "response": {"status": ' + "[" * 500 + "]" * 500 + "}}",
]


@pytest.mark.parametrize("frame", CHANGED)
def test_changes_of_form_that_cannot_be_read(frame: str) -> None:
    """An event that is kept, but that cannot be read, is not lost silently: its type and its id remain."""
    assert parse_event(frame) == Unreadable(event_id="event_1", kind=json.loads(frame)["type"])


def test_unreadable_event_id() -> None:
    """An event id that is not a string does not keep the type from being reported."""
    assert parse_event('{"type": "error", "event_id": 7}') == Unreadable(kind="error")


def test_unreadable_is_no_type_of_the_service() -> None:
    """The service cannot send the gateway's own type of event."""
    assert parse_event('{"type": "Unreadable", "kind": "error"}') is None


def test_each_unreadable_type_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log names a type once in a process, and nothing of what the event contains."""
    events._warn_once.cache_clear()
    with caplog.at_level(logging.WARNING, logger="switchboard"):
        for _ in range(3):
            parse_event(event("response.output_text.done", item_id="item_1", text=["Swordfish"]))
            parse_event(event("conversation.item.deleted", item_id=7))

    assert [record.args for record in caplog.records] == [
        ("response.output_text.done",),
        ("conversation.item.deleted",),
    ]
    assert "Swordfish" not in caplog.text


KINDS = sorted(str(kind.__struct_config__.tag) for kind in Event.__subclasses__() if kind is not Unreadable)
FIELDS = st.sampled_from(
    [
        *("event_id", "item", "item_id", "previous_item_id", "response", "response_id", "transcript", "text", "usage"),
        *("error", "code", "message", "id", "content", "status", "output", "role", "audio_start_ms", "audio_end_ms"),
        *("total_tokens", "input_token_details", "cached_tokens_details", "seconds", "status_details"),
    ]
)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(FIELDS, below, max_size=3),
    max_leaves=10,
)


@given(st.sampled_from(KINDS), st.dictionaries(FIELDS, JSON, max_size=6))
def test_any_form_of_a_kept_event(kind: str, fields: dict[str, Any]) -> None:
    """Whatever form an event of a kept type has, it is an event of that type or it is reported as unreadable."""
    found = parse_event(json.dumps({**fields, "type": kind}, allow_nan=False).encode())

    assert found is not None
    assert getattr(found, "kind", type(found).__struct_config__.tag) == kind


@pytest.mark.parametrize("brackets", ["[", '{"a":'])
def test_bottomless_frame(brackets: str) -> None:
    """A frame that is nested without end raises nothing, wherever its depth is."""
    assert parse_event(brackets * 100_000) is None
    found = parse_event('{"type": "error", "error": ' + brackets * 100_000)
    assert found is None or isinstance(found, Unreadable)
