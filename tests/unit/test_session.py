"""Tests the session configuration: the gateway's own, with a page's choice of voice and language."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import FieldNotAllowed, OverrideInvalid
from switchboard.session import (
    Choice,
    read_choice,
    read_session,
    session_configuration,
    turn_detection,
    visible_session,
    voices,
)
from tests.examples import settings
from tests.strategies import JSON, objects


def test_from_settings() -> None:
    """The settings become a `session` object with the GA API's field names."""
    found = session_configuration(
        settings(SESSION_INSTRUCTIONS="Be brief.", SESSION_TRANSCRIPTION_DEPLOYMENT="whisper-1"), Choice()
    )

    assert found == {
        "type": "realtime",
        "model": "gpt-realtime",
        "instructions": "Be brief.",
        "audio": {
            "input": {
                "turn_detection": {"type": "server_vad", "create_response": True, "interrupt_response": True},
                "transcription": {"model": "whisper-1"},
            },
            "output": {"voice": "marin"},
        },
    }


def test_session_config_is_merged_over() -> None:
    """Objects are merged and other values replaced; null switches something off."""
    config = {
        "max_output_tokens": 200,
        "audio": {"input": {"transcription": None, "turn_detection": {"silence_duration_ms": 300}}},
    }
    found = session_configuration(
        settings(SESSION_CONFIG=json.dumps(config), SESSION_TRANSCRIPTION_DEPLOYMENT="whisper-1"), Choice(language="tr")
    )

    assert found["max_output_tokens"] == 200
    assert found["audio"]["input"] == {
        "transcription": None,
        "turn_detection": {
            "type": "server_vad",
            "create_response": True,
            "interrupt_response": True,
            "silence_duration_ms": 300,
        },
    }
    assert found["audio"]["output"] == {"voice": "marin"}


def test_another_kind_of_turn_detection_replaces_it() -> None:
    """A semantic_vad does not inherit fields that only a server_vad has."""
    config = {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}}
    found = session_configuration(settings(SESSION_CONFIG=json.dumps(config)), Choice())

    assert found["audio"]["input"]["turn_detection"] == {"type": "semantic_vad", "eagerness": "high"}


def test_turn_detection() -> None:
    """A push-to-talk page can find out whether it must end the turns itself."""
    off = settings(SESSION_CONFIG='{"audio": {"input": {"turn_detection": null}}}')

    assert turn_detection(settings()) == "server_vad"
    assert turn_detection(off) is None


def test_choice() -> None:
    """The page's voice overrides the configured one, and its language goes to the transcription."""
    config = settings(SESSION_TRANSCRIPTION_DEPLOYMENT="whisper-1")
    found = session_configuration(config, read_choice({"voice": "cedar", "language": "pt", "model": "x"}, config))

    assert found["model"] == "gpt-realtime"
    assert found["audio"]["output"] == {"voice": "cedar"}
    assert found["audio"]["input"]["transcription"] == {"model": "whisper-1", "language": "pt"}


def test_language_without_transcription() -> None:
    """Without a transcription the language is left out, because it has no field to go to."""
    found = session_configuration(settings(), Choice(language="pt"))

    assert "transcription" not in found["audio"]["input"]


@pytest.mark.parametrize("fields", [{"voice": "hal"}, {"language": "Klingon"}, {"language": "en-US"}])
def test_choice_that_does_not_exist(fields: dict[str, str]) -> None:
    """The error's hint lists what may be chosen."""
    with pytest.raises(OverrideInvalid) as caught:
        read_choice(fields, settings())

    assert caught.value.hint.startswith(("Choose one of alloy", "Use an ISO 639"))


def test_custom_voice() -> None:
    """A custom voice may be configured, and pages are then offered it with the others."""
    assert "voice_1" in voices(settings(SESSION_VOICE="voice_1"))
    assert "voice_2" in voices(settings(SESSION_CONFIG='{"audio": {"output": {"voice": "voice_2"}}}'))


def test_settings_are_not_changed() -> None:
    """Merging builds new objects, so the next call starts from the same settings."""
    config = settings(SESSION_CONFIG='{"audio": {"output": {"speed": 1.1}}}')
    first = session_configuration(config, Choice(voice="ash"))
    second = session_configuration(config, Choice())

    assert first["audio"]["output"] == {"voice": "ash", "speed": 1.1}
    assert second["audio"]["output"] == {"voice": "marin", "speed": 1.1}


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
        ({"instructions": None}, "session.instructions"),
        ({"type": "transcription"}, "session.type"),
        ({"model": "gpt-4o"}, "session.model"),
        ({"model": ["gpt-realtime"]}, "session.model"),
        ({"tools": []}, "session.tools"),
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
        read_session(session, settings())

    assert caught.value.detail == f"The server decides {field}."
    assert "session.audio.output.voice and session.audio.input.transcription.language" in caught.value.hint


@pytest.mark.parametrize(
    "session",
    [
        {"audio": {"output": {"voice": "hal"}}},
        {"audio": {"output": {"voice": {"id": "voice_1"}}}},
        {"audio": {"output": {"voice": 7}}},
        {"audio": {"input": {"transcription": {"language": ["en"]}}}},
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


def test_voices_of_each_protocol() -> None:
    """A page is offered what the protocol has."""
    preview = settings(REALTIME_PROTOCOL="preview", REALTIME_REGION="eastus2")

    assert "cedar" in voices(settings())
    assert "cedar" not in voices(preview)
    assert "alloy" in voices(preview)


def test_the_same_kind_of_turn_detection_is_merged() -> None:
    """Naming the kind that is used already changes nothing but the fields beside it."""
    config = {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.7}}}}
    found = session_configuration(settings(SESSION_CONFIG=json.dumps(config)), Choice())

    assert found["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "create_response": True,
        "interrupt_response": True,
        "threshold": 0.7,
    }


@pytest.mark.parametrize(
    ("fields", "detail"),
    [({"voice": "hal"}, "There is no such voice."), ({"language": "x"}, "This is not a language code.")],
)
def test_what_does_not_exist(fields: dict[str, str], detail: str) -> None:
    """The detail says which of the two it was, and the hint lists the voices one by one."""
    with pytest.raises(OverrideInvalid) as caught:
        read_choice(fields, settings())

    assert caught.value.detail == detail
    assert caught.value.hint.startswith(("Choose one of alloy, ash, ", "Use an ISO 639 code"))
