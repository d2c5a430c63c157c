"""Tests what GET /api/config tells a page, and that it tells no secret."""

import json

import msgspec

from switchboard import __version__
from switchboard.limits.left import Left
from switchboard.triggers.config import page_config
from tests.examples import settings


def test_everything_a_page_needs() -> None:
    """The whole answer with the least that is set."""
    found = msgspec.to_builtins(page_config(settings(SESSION_INSTRUCTIONS="Tell nobody."), Left(calls=3)))
    voices = found["session"].pop("voices")

    assert "marin" in voices
    assert found == {
        "version": __version__,
        "signalling": "proxy",
        "protocol": "ga",
        "webrtc_filter": True,
        "deployment": "gpt-realtime",
        "sign_in_required": False,
        "limits": {"max_call_seconds": 1800, "max_idle_seconds": 300, "max_calls_per_caller": 2},
        "firewall": {"port": 3478, "protocols": ["udp", "tcp"], "service_tag": None},
        "session": {"voice": "marin", "languages": "ISO 639", "turn_detection": "server_vad"},
        "archive": {"transcripts": True, "retention_days": None, "notice": None},
        "prices": None,
        "left": {"calls": 3, "budget": None},
    }


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
