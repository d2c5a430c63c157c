"""The session configuration: the server's, with a page's choice of voice and language."""

import json

import pytest

from switchboard.errors import OverrideInvalid
from switchboard.session import Choice, read_choice, session_configuration, voices
from tests.examples import settings


def test_from_settings() -> None:
    """Field names are the GA API's."""
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
    """Objects are merged, other values replaced; null switches something off."""
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
    """semantic_vad must not inherit fields that only server_vad has."""
    config = {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}}
    found = session_configuration(settings(SESSION_CONFIG=json.dumps(config)), Choice())

    assert found["audio"]["input"]["turn_detection"] == {"type": "semantic_vad", "eagerness": "high"}


def test_choice() -> None:
    """The page's voice wins over the server's; its language goes to the transcription."""
    config = settings(SESSION_TRANSCRIPTION_DEPLOYMENT="whisper-1")
    found = session_configuration(config, read_choice({"voice": "cedar", "language": "pt", "model": "x"}, config))

    assert found["model"] == "gpt-realtime"
    assert found["audio"]["output"] == {"voice": "cedar"}
    assert found["audio"]["input"]["transcription"] == {"model": "whisper-1", "language": "pt"}


def test_language_without_transcription() -> None:
    """Without a transcription there is nothing to tell the language to."""
    found = session_configuration(settings(), Choice(language="pt"))

    assert "transcription" not in found["audio"]["input"]


@pytest.mark.parametrize("fields", [{"voice": "hal"}, {"language": "Klingon"}, {"language": "en-US"}])
def test_choice_that_does_not_exist(fields: dict[str, str]) -> None:
    """The hint lists what there is."""
    with pytest.raises(OverrideInvalid) as caught:
        read_choice(fields, settings())

    assert caught.value.hint.startswith(("Choose one of alloy", "Use an ISO 639"))


def test_custom_voice() -> None:
    """A voice of one's own may be configured, and is then offered beside the others."""
    assert "voice_1" in voices(settings(SESSION_VOICE="voice_1"))
    assert "voice_2" in voices(settings(SESSION_CONFIG='{"audio": {"output": {"voice": "voice_2"}}}'))


def test_settings_are_not_changed() -> None:
    """Merging builds new objects: the next call begins from the same settings."""
    config = settings(SESSION_CONFIG='{"audio": {"output": {"speed": 1.1}}}')
    first = session_configuration(config, Choice(voice="ash"))
    second = session_configuration(config, Choice())

    assert first["audio"]["output"] == {"voice": "ash", "speed": 1.1}
    assert second["audio"]["output"] == {"voice": "marin", "speed": 1.1}
