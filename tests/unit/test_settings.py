"""Tests what settings hide, and which endpoints are on this machine."""

import pytest

from switchboard.settings import Secret, is_loopback


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
