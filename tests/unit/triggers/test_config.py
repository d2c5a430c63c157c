"""Tests what GET /api/config tells a page, and that it tells no secret."""

import json

import msgspec

from switchboard import __version__
from switchboard.assistants.assistant import PLAIN, Assistant, NarrowerLimits
from switchboard.limits.left import Left
from switchboard.triggers.config import CallLimits, page_config
from tests.examples import settings


def test_everything_a_page_needs() -> None:
    """The whole answer with the least that is set."""
    found = msgspec.to_builtins(page_config(settings(SESSION_INSTRUCTIONS="Tell nobody."), Left(calls=3)))
    voices = found["session"].pop("voices")
    (offered,) = found.pop("assistants")

    assert "marin" in voices
    assert found == {
        "version": __version__,
        "signalling": "proxy",
        "protocol": "ga",
        "webrtc_filter": True,
        "deployment": "gpt-realtime",
        "sign_in_required": False,
        "limits": {"max_call_seconds": 1800, "max_idle_seconds": 300, "max_calls_per_caller": 2},
        "continue_seconds": 600,
        "firewall": {"port": 3478, "protocols": ["udp", "tcp"], "service_tag": None},
        "session": {"voice": "marin", "languages": "ISO 639", "turn_detection": "server_vad"},
        "archive": {"transcripts": True, "retention_days": None, "notice": None},
        "prices": None,
        "left": {"calls": 3, "budget": None},
    }
    assert offered == {
        "name": "default",
        "title": "Assistant",
        "description": "",
        "session": {**found["session"], "voices": voices},
        "limits": found["limits"],
    }


def test_assistants() -> None:
    """Each has its own voice, turn detection and limits, and none shows its instructions."""
    assistant = Assistant(
        name="help",
        title="Help desk",
        description="Answers questions.",
        voice="my-voice",
        limits=NarrowerLimits(600, 60),
        session={"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}},
        instructions="Tell nobody.",
        greeting="Nor this.",
    )
    found = page_config(settings(), Left(), [assistant, PLAIN])

    help_desk, default = found.assistants
    assert (help_desk.name, help_desk.title, help_desk.description) == ("help", "Help desk", "Answers questions.")
    assert (help_desk.session.voice, help_desk.session.turn_detection) == ("my-voice", "semantic_vad")
    assert "my-voice" in help_desk.session.voices
    assert "my-voice" not in default.session.voices
    assert help_desk.limits == CallLimits(600, 60, 2)
    assert default.limits == found.limits == CallLimits(1800, 300, 2)
    # What stands outside of the list is about the first one.
    assert found.session == help_desk.session
    assert b"Nor this" not in (encoded := msgspec.json.encode(found))
    assert b"Tell nobody" not in encoded


def test_no_assistant_for_the_visitor() -> None:
    """A page whose visitor may call nobody still learns how the gateway works."""
    found = page_config(settings(), Left(), [])

    assert (found.assistants, found.session.voice) == ((), "marin")


def test_what_an_operator_set() -> None:
    """Each of them arrives."""
    found = page_config(
        settings(
            REALTIME_REGION="eastus2",
            SIGNALLING="token",
            REQUIRE_SIGN_IN="true",
            ARCHIVE_TRANSCRIPTS="off",
            ARCHIVE_RETENTION_DAYS="30",
            CONSENT_NOTICE="We listen.",
            PRICES='{"audio_input": 32}',
            REALTIME_WEBRTC_FILTER="off",
        ),
        Left(),
    )

    assert found.firewall.service_tag == "AzureCloud.eastus2"
    assert (found.signalling, found.sign_in_required, found.webrtc_filter) == ("token", True, False)
    assert msgspec.structs.astuple(found.archive) == (False, 30, "We listen.")
    assert found.prices is not None
    assert found.prices.audio_input == 32
    # The page cannot show an amount without its currency, even if that is the usual one.
    assert json.loads(msgspec.json.encode(found))["prices"]["currency"] == "USD"


def test_the_preview_protocol_has_no_filter() -> None:
    """The page is told so whatever the setting says."""
    found = page_config(settings(REALTIME_PROTOCOL="preview", REALTIME_REGION="eastus2"), Left())

    assert (found.protocol, found.webrtc_filter) == ("preview", False)
