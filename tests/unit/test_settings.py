"""Tests what settings hide, and which endpoints are on this machine."""

import pytest

from switchboard.settings import Secret, is_loopback
from tests.examples import settings


def test_secret() -> None:
    """A secret is shown to whoever asks for it by name, and to no log."""
    secret = Secret("ek_1")

    assert secret.reveal() == "ek_1"
    assert (str(secret), repr(secret), f"{secret}") == ("Secret(***)", "Secret(***)", "Secret(***)")


@pytest.mark.parametrize(
    ("endpoint", "loopback"),
    [
        ("http://127.0.0.1:8181", True),
        ("http://localhost", True),
        ("http://[::1]:8181", True),
        ("https://contoso.openai.azure.com", False),
        ("http://localhost.example.com", False),
        ("localhost", False),
    ],
)
def test_loopback(endpoint: str, loopback: bool) -> None:
    """Only the host decides, and only as a whole."""
    assert is_loopback(endpoint) is loopback


def test_how_long_a_call_can_be_continued() -> None:
    """Nothing can be continued without words, or with a protocol in which no server hears them."""
    assert settings().continuable_seconds == 600
    assert settings(CONTINUE_SECONDS="60").continuable_seconds == 60
    assert settings(ARCHIVE_TRANSCRIPTS="false").continuable_seconds == 0
    assert settings(REALTIME_PROTOCOL="preview", REALTIME_REGION="eastus2").continuable_seconds == 0
