"""Tests the session configuration: the gateway's own, with a page's choice of voice and language."""

import json

import pytest

from switchboard.errors import OverrideInvalid
from switchboard.session import (
    Choice,
    read_choice,
    session_configuration,
    turn_detection,
    voices,
)
from tests.examples import settings


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


def test_whole_session_of_an_application() -> None:
    """An application's session overrides the settings, and the client's choice overrides both."""
    whole = {"instructions": "Sell.", "audio": {"output": {"voice": "ash", "speed": 1.2}}}
    found = session_configuration(settings(SESSION_INSTRUCTIONS="Be brief."), Choice(voice="sage"), whole=whole)

    assert found["instructions"] == "Sell."
    assert found["audio"]["output"] == {"voice": "sage", "speed": 1.2}
    assert found["audio"]["input"]["turn_detection"]["type"] == "server_vad"


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
