"""Tests what a client of OpenAI's API may say in a `session` object, and what it may see of its session."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.client_session import read_session, read_whole_session, visible_session
from switchboard.errors import FieldNotAllowed, OverrideInvalid
from switchboard.session import Choice
from tests.examples import settings
from tests.strategies import JSON, objects


@pytest.mark.parametrize(
    ("session", "choice"),
    [
        ({}, Choice()),
        ({"type": "realtime", "model": "gpt-realtime", "audio": None}, Choice()),
        ({"audio": {"output": {"voice": "cedar"}, "input": {"transcription": {}}}}, Choice(voice="cedar")),
        ({"audio": {"input": {"transcription": {"language": "pt"}}}}, Choice(language="pt")),
        ({"audio": {"output": {"voice": None}, "input": {"transcription": {"language": None}}}}, Choice()),
    ],
)
def test_choice_in_a_session(session: dict[str, Any], choice: Choice) -> None:
    """A client of the API chooses in the API's own `session` object."""
    assert read_session(session, settings()) == choice


@pytest.mark.parametrize(
    ("session", "field"),
    [
        ({"instructions": "Be rude."}, "session.instructions"),
        ({"instructions": "Be brief."}, "session.instructions"),
        ({"tools": [{"type": "function", "name": "look"}]}, "session.tools"),
        ({"tool_choice": "required"}, "session.tool_choice"),
        ({"output_modalities": ["text"]}, "session.output_modalities"),
        ({"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}, "session.audio.input.turn_detection"),
        ({"type": "transcription"}, "session.type"),
        ({"model": "gpt-4o"}, "session.model"),
        ({"model": ["gpt-realtime"]}, "session.model"),
        ({"model": []}, "session.model"),
        ({"type": None}, "session.type"),
        ({"audio": "loud"}, "session.audio"),
        ({"audio": {"output": {"voice": "ash", "speed": 2}}}, "session.audio.output.speed"),
        ({"audio": {"input": {"turn_detection": None}}}, "session.audio.input.turn_detection"),
        ({"audio": {"input": {"transcription": {"model": "x"}}}}, "session.audio.input.transcription.model"),
        ({"audio.output.voice": "ash"}, "session.audio.output.voice"),
    ],
)
def test_session_fields_of_the_server(session: dict[str, Any], field: str) -> None:
    """A field that the gateway decides is refused by name, and the hint says what may be chosen."""
    with pytest.raises(FieldNotAllowed) as caught:
        read_session(session, settings(SESSION_INSTRUCTIONS="Be brief."))

    assert caught.value.detail == f"The server decides {field}."
    assert "session.audio.output.voice and session.audio.input.transcription.language" in caught.value.hint


@pytest.mark.parametrize(
    "session",
    [
        {"audio": {"output": {"voice": "hal"}}},
        {"audio": {"output": {"voice": {"id": "voice_1"}}}},
        {"audio": {"output": {"voice": 7}}},
        {"audio": {"input": {"transcription": {"language": ["en"]}}}},
        {"audio": {"output": {"voice": False}}},
        {"audio": {"output": {"voice": {}}}},
        {"audio": {"output": []}},
        {"audio": {"input": {"transcription": ""}}},
        {"audio": {"input": {"transcription": {"language": 0}}}},
        {"audio": ""},
        {"type": ""},
    ],
)
def test_choice_in_a_session_that_does_not_exist(session: dict[str, Any]) -> None:
    """A voice or language that is not a string is refused like any other wrong one."""
    with pytest.raises(OverrideInvalid):
        read_session(session, settings())


FIELDS = st.sampled_from(["audio", "input", "output", "transcription", "voice", "language", "model", "type", "tools"])
SESSIONS = objects(FIELDS, JSON, depth=4)


@given(st.dictionaries(FIELDS, SESSIONS, max_size=4))
def test_any_session(session: dict[str, Any]) -> None:
    """Whatever a `session` contains, it gives a choice or one of the gateway's own errors."""
    with contextlib.suppress(FieldNotAllowed, OverrideInvalid):
        assert isinstance(read_session(session, settings()), Choice)


def test_what_a_client_sees() -> None:
    """A client sees its own choices and the deployment, and no other setting."""
    config = settings(SESSION_INSTRUCTIONS="Be brief.", SESSION_CONFIG='{"tools": [], "max_output_tokens": 9}')

    assert msgspec.to_builtins(visible_session("sess_1", config, Choice(language="tr"))) == {
        "id": "sess_1",
        "type": "realtime",
        "object": "realtime.session",
        "model": "gpt-realtime",
        "audio": {"output": {"voice": "marin"}, "input": {"transcription": {"language": "tr"}}},
    }


@pytest.mark.parametrize(
    "session",
    [
        {"instructions": "", "tools": [], "prompt": None},
        {"instructions": None, "tracing": None, "audio": {"input": {"noise_reduction": None}}},
        {"output_modalities": ["audio"], "tool_choice": "auto", "max_output_tokens": "inf", "truncation": "auto"},
        {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}}, "output": {"speed": 1.0}}},
        {"audio": {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": {"type": "server_vad"}}}},
        {"model": "", "audio": {"output": {"voice": ""}, "input": {"transcription": {"language": ""}}}},
    ],
)
def test_fields_that_change_nothing(session: dict[str, Any]) -> None:
    """Fields that say nothing, or what the session says anyway, are no fault."""
    config = settings(SESSION_INSTRUCTIONS="Be brief.", SESSION_TRANSCRIPTION_DEPLOYMENT="whisper-1")

    assert read_session(session, config) == Choice()


def test_fields_that_repeat_what_the_application_has_sent() -> None:
    """The client of an application's visitor may repeat the application's own session."""
    whole = {"output_modalities": ["text"]}

    assert read_session(whole, settings(), whole=whole) == Choice()
    with pytest.raises(FieldNotAllowed):
        read_session({"output_modalities": ["audio"]}, settings(), whole=whole)


def test_whole_session() -> None:
    """An application may send every field of the API; `type` and `model` may only repeat the gateway's."""
    fields = {
        "instructions": "Sell umbrellas.",
        "tools": [{"type": "function", "name": "look", "parameters": {}}],
        "audio": {"input": {"transcription": {"language": "tr"}}, "output": {"voice": "cedar"}},
    }
    choice, whole = read_whole_session({"type": "realtime", "model": "gpt-realtime", **fields}, settings())

    assert whole == fields
    assert choice == Choice("cedar", "tr")
    assert read_whole_session({"audio": {"output": {"voice": {"id": "voice_1"}}}}, settings())[0] == Choice()


@pytest.mark.parametrize(
    ("session", "detail"),
    [
        ({"type": "transcription"}, "The server decides session.type."),
        ({"model": "gpt-4o"}, "The server decides session.model."),
        ({"type": []}, "The server decides session.type."),
        (
            {"voice": "ash"},
            "The session has 'voice', a field of the preview protocol; write audio.output.voice instead.",
        ),
    ],
)
def test_whole_session_at_fault(session: dict[str, Any], detail: str) -> None:
    """The error names the field."""
    with pytest.raises(FieldNotAllowed) as caught:
        read_whole_session(session, settings())

    assert caught.value.detail == detail
