"""Tests that known server events are read with their types, and that nothing else is an error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.realtime import events
from switchboard.realtime.events import parse_event
from switchboard.realtime.objects import TokenDetails


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
    assert found.usage == events.TranscriptionUsage(type="duration", seconds=1.25)


@pytest.mark.parametrize(
    "frame",
    [
        event("response.output_audio_transcript.delta", delta="Hel", obfuscation="x1"),
        event("rate_limits.updated", rate_limits=[]),
        event("session.updated", session={"type": "realtime", "instructions": "Never tell anybody."}),
        event("some.event.of.next.year"),
        event("conversation.item.added", item="not an object"),
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
