"""Tests the session configuration of an assistant: what of its file, of the settings and of the page's choice wins."""

import msgspec
import pytest

from switchboard.assistants.assistant import Assistant
from switchboard.client_session import read_session, visible_session
from switchboard.errors import FieldNotAllowed
from switchboard.session import (
    Choice,
    default_voice,
    greeting_instructions,
    read_choice,
    session_configuration,
)
from tests.examples import settings

HELP = Assistant(
    name="help",
    title="Help",
    instructions="You help.",
    voice="cedar",
    language="es",
    deployment="gpt-realtime-2",
    transcription_deployment="whisper-2",
    session={"max_output_tokens": 100, "audio": {"output": {"speed": 1.2}}},
)
SET = {
    "SESSION_INSTRUCTIONS": "Be brief.",
    "SESSION_VOICE": "ash",
    "SESSION_TRANSCRIPTION_DEPLOYMENT": "whisper-1",
    "SESSION_CONFIG": '{"max_output_tokens": 200, "audio": {"input": {"noise_reduction": {"type": "near_field"}}}}',
}
DETECTION = {"type": "server_vad", "create_response": True, "interrupt_response": True}


def test_assistant_wins_over_settings() -> None:
    """What an assistant's file says wins, and the settings fill in what it leaves open."""
    assert session_configuration(settings(**SET), Choice(), HELP) == {
        "type": "realtime",
        "model": "gpt-realtime-2",
        "instructions": "You help.",
        "max_output_tokens": 100,
        "audio": {
            "input": {
                "turn_detection": DETECTION,
                "transcription": {"model": "whisper-2", "language": "es"},
                "noise_reduction": {"type": "near_field"},
            },
            "output": {"voice": "cedar", "speed": 1.2},
        },
    }
    bare = session_configuration(settings(**SET), Choice(), Assistant(name="a", title="A", instructions="You help."))
    assert bare["model"] == "gpt-realtime"
    assert bare["audio"]["output"]["voice"] == "ash"
    assert bare["audio"]["input"]["transcription"] == {"model": "whisper-1"}


def test_settings_win_over_the_default_assistant() -> None:
    """Settings that a team has made before there were files go on working; what they leave open comes from the file."""
    default = msgspec.structs.replace(HELP, name="default")
    found = session_configuration(settings(**SET), Choice(), default)

    assert (found["instructions"], found["max_output_tokens"]) == ("Be brief.", 200)
    assert found["audio"]["output"] == {"voice": "ash", "speed": 1.2}
    assert found["audio"]["input"]["transcription"] == {"model": "whisper-1", "language": "es"}

    alone = session_configuration(settings(), Choice(), default)
    assert (alone["instructions"], alone["model"]) == ("You help.", "gpt-realtime-2")
    assert alone["audio"]["output"]["voice"] == default_voice(settings(), default) == "cedar"


def test_choice_wins_over_the_assistant() -> None:
    """A voice or a language that the page chooses wins, and the choice names the assistant."""
    choice = read_choice({"voice": "verse", "language": "pt"}, settings(), HELP)
    found = session_configuration(settings(), choice, HELP)

    assert choice == Choice("verse", "pt", "help")
    assert found["audio"]["output"]["voice"] == "verse"
    assert found["audio"]["input"]["transcription"]["language"] == "pt"


def test_session_of_a_client_for_an_assistant() -> None:
    """A client may name the model of its assistant, and no other."""
    assert read_session({"model": "gpt-realtime-2"}, settings(), HELP) == Choice(assistant="help")
    with pytest.raises(FieldNotAllowed):
        read_session({"model": "gpt-realtime"}, settings(), HELP)
    visible = visible_session("sess_1", settings(), Choice(assistant="help"), HELP)
    assert visible.model == "gpt-realtime-2"
    assert visible.audio.output is not None
    assert visible.audio.output.voice == "cedar"


def test_usual_voice_of_each_protocol() -> None:
    """Where nobody chooses a voice, there is one that the protocol has."""
    assert default_voice(settings()) == "marin"
    assert default_voice(settings(REALTIME_PROTOCOL="preview", REALTIME_REGION="eastus2")) == "alloy"


@pytest.mark.parametrize(
    ("greeting", "environ", "told"),
    [
        ("", {}, ""),
        ("Say hello.", {}, "You help.\n\nSay hello."),
        ("Say hello.", {"SESSION_INSTRUCTIONS": "Be brief."}, "Be brief.\n\nSay hello."),
        ("Say hello.", {"SESSION_CONFIG": '{"instructions": null}'}, "Say hello."),
    ],
)
def test_greeting(greeting: str, environ: dict[str, str], told: str) -> None:
    """The model is told what to say first together with its usual instructions, which the greeting would replace."""
    default = Assistant(name="default", title="Help", instructions="You help.", greeting=greeting)

    assert greeting_instructions(settings(**environ), default) == told
