"""Tests the translation of a session configuration into the preview protocol's flat fields."""

from typing import Any

import pytest
from hypothesis import given

from switchboard.preview_session import not_of_ga, preview_session
from switchboard.session import Choice, session_configuration
from tests.examples import settings
from tests.strategies import SESSIONS


def test_what_the_gateway_sends() -> None:
    """The configuration made from settings and a visitor's choice is translated field by field."""
    configured = settings(
        REALTIME_PROTOCOL="preview",
        REALTIME_REGION="eastus2",
        SESSION_INSTRUCTIONS="Be brief.",
        SESSION_TRANSCRIPTION_DEPLOYMENT="whisper-1",
    )
    flat, lost = preview_session(session_configuration(configured, Choice(voice="verse", language="tr")))

    assert lost == []
    assert flat == {
        "model": "gpt-realtime",
        "instructions": "Be brief.",
        "voice": "verse",
        "input_audio_transcription": {"model": "whisper-1", "language": "tr"},
        "turn_detection": {"type": "server_vad", "create_response": True, "interrupt_response": True},
    }


def audio_in(**fields: Any) -> dict[str, Any]:
    return {"audio": {"input": fields}}


def audio_out(**fields: Any) -> dict[str, Any]:
    return {"audio": {"output": fields}}


FUNCTION = {"type": "function", "name": "weather", "parameters": {}}


@pytest.mark.parametrize(
    ("session", "flat"),
    [
        ({"type": "realtime"}, {}),
        ({"output_modalities": ["audio"]}, {"modalities": ["audio", "text"]}),
        ({"output_modalities": ["text"]}, {"modalities": ["text"]}),
        ({"max_output_tokens": "inf"}, {"max_response_output_tokens": "inf"}),
        ({"tools": [FUNCTION], "tool_choice": "auto"}, {"tools": [FUNCTION], "tool_choice": "auto"}),
        (
            {"tool_choice": {"type": "function", "name": "weather"}},
            {"tool_choice": {"type": "function", "function": {"name": "weather"}}},
        ),
        (audio_in(format={"type": "audio/pcm", "rate": 24000}), {"input_audio_format": "pcm16"}),
        (audio_out(format={"type": "audio/pcmu"}), {"output_audio_format": "g711_ulaw"}),
        (audio_out(format={"type": "audio/pcma"}, speed=1.1), {"output_audio_format": "g711_alaw", "speed": 1.1}),
        (audio_in(noise_reduction={"type": "near_field"}), {"input_audio_noise_reduction": {"type": "near_field"}}),
        (audio_in(transcription=None), {"input_audio_transcription": None}),
        (audio_in(turn_detection=None), {"turn_detection": {"type": "none"}}),
        (
            audio_in(turn_detection={"type": "semantic_vad", "eagerness": "low"}),
            {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}},
        ),
        # Switching these off changes nothing, because the preview protocol does not have them.
        ({"truncation": None, "audio": None}, {}),
        (
            audio_in(turn_detection={"type": "server_vad", "idle_timeout_ms": None}),
            {"turn_detection": {"type": "server_vad"}},
        ),
    ],
)
def test_what_has_a_counterpart(session: dict[str, Any], flat: dict[str, Any]) -> None:
    assert preview_session(session) == (flat, [])


@pytest.mark.parametrize(
    ("session", "path"),
    [
        ({"reasoning": {"effort": "low"}}, "reasoning"),
        ({"truncation": "auto"}, "truncation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"include": ["item.input_audio_transcription.logprobs"]}, "include"),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "tools"),
        ({"tools": ["weather"]}, "tools"),
        ({"tools": True}, "tools"),
        ({"tool_choice": {"type": "mcp", "server_label": "x"}}, "tool_choice"),
        ({"audio": "loud"}, "audio"),
        (audio_in(format={"type": "audio/opus"}), "audio.input.format"),
        (audio_in(format={"type": ["audio/pcm"]}), "audio.input.format"),
        (audio_in(noise_reduction={"type": "near_field", "strength": 0.5}), "audio.input.noise_reduction.strength"),
        (audio_in(transcription={"model": "x", "delay": "low"}), "audio.input.transcription.delay"),
        (audio_in(turn_detection={"type": "x", "idle_timeout_ms": 5}), "audio.input.turn_detection.idle_timeout_ms"),
        (audio_out(voice="marin"), "audio.output.voice"),
        (audio_out(voice={"id": "voice_1"}), "audio.output.voice"),
    ],
)
def test_what_has_none(session: dict[str, Any], path: str) -> None:
    """A field without a counterpart is reported, and all others are still translated."""
    flat, lost = preview_session({"instructions": "Be brief.", **session})

    assert (flat, lost) == ({"instructions": "Be brief."}, [path])


@given(SESSIONS)
def test_any_session(session: dict[str, Any]) -> None:
    """Whatever the configuration contains, it is translated or named, and never both; `flat` has no nested names."""
    flat, lost = preview_session(session)

    assert "audio" not in flat
    assert len(set(lost)) == len(lost)
    assert {path.split(".")[0] for path in lost} <= session.keys()


@pytest.mark.parametrize(
    ("session", "path", "what"),
    [
        ({"voice": "ash"}, "voice", "audio.output.voice"),
        ({"speed": 1.1}, "speed", "audio.output.speed"),
        ({"client_secret": {"value": "x"}}, "client_secret", "itself"),
        ({"temperature": None}, "temperature", "does not have it"),
        ({"modalities": ["text"]}, "modalities", "output_modalities"),
        ({"max_response_output_tokens": 9}, "max_response_output_tokens", "max_output_tokens"),
        ({"audio": {"voice": "ash"}}, "audio.voice", "audio.output.voice"),
        ({"audio": {"input_audio_format": "pcm16"}}, "audio.input_audio_format", "audio.input.format"),
        (audio_in(input_audio_transcription={}), "audio.input.input_audio_transcription", "audio.input.transcription"),
        (audio_out(turn_detection=None), "audio.output.turn_detection", "audio.input.turn_detection"),
        (audio_in(format="pcm16"), "audio.input.format", "audio/pcm"),
        (audio_out(format="g711_ulaw"), "audio.output.format", "audio/pcm"),
        (audio_in(turn_detection={"type": "none"}), "audio.input.turn_detection", "null"),
        ({"output_modalities": ["audio", "text"]}, "output_modalities", '["audio"]'),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice", '"name"'),
        ({"audio": "loud"}, "audio", "an object"),
        ({"audio": {"input": []}}, "audio.input", "an object"),
        ({"audio": {"output": False}}, "audio.output", "an object"),
    ],
)
def test_what_a_ga_session_cannot_have(session: dict[str, Any], path: str, what: str) -> None:
    """A field or a value of the preview protocol is found wherever it is, with what to write instead."""
    assert list(not_of_ga(session)) == [path]
    assert what in not_of_ga(session)[path]


@pytest.mark.parametrize(
    "session",
    [
        audio_out(voice="ash", speed=1.1, format={"type": "audio/pcm"}),
        audio_in(turn_detection=None, transcription=None, noise_reduction=None, format=None),
        {"audio": {"input": None, "output": None}},
        {"audio": None},
        {"output_modalities": ["audio"], "max_output_tokens": 100, "tool_choice": {"type": "function", "name": "f"}},
        {"tools": [{"type": "function", "name": "f", "parameters": {"properties": {"voice": {}, "temperature": {}}}}]},
        {"prompt": {"id": "pmpt_1", "variables": {"speed": "fast"}}},
    ],
)
def test_what_a_ga_session_has(session: dict[str, Any]) -> None:
    """The GA protocol's own fields pass, whatever names tools and prompts give to theirs."""
    assert not_of_ga(session) == {}


@given(SESSIONS)
def test_any_session_of_ga(session: dict[str, Any]) -> None:
    """Whatever a session contains, each fault is named by a path, with a sentence."""
    assert all(path and what for path, what in not_of_ga(session).items())


def test_everything_else_is_still_translated() -> None:
    """One field without a counterpart does not keep those behind it from being read, nor from being named."""
    flat, lost = preview_session({"prompt": {"id": "pmpt_1"}, "instructions": "Be brief.", "truncation": "auto"})

    assert flat == {"instructions": "Be brief."}
    assert lost == ["prompt", "truncation"]
