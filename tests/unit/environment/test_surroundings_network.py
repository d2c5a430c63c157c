"""Tests how the settings of the way to other machines are read."""

from pathlib import Path

import pytest

from switchboard.environment import read_settings
from tests.examples import ENVIRON, settings
from tests.unit.environment.faults import faults


def test_authorities(tmp_path: Path) -> None:
    """The first of the two usual names counts, and a file that is not there is a fault."""
    bundle = tmp_path / "authorities.pem"
    bundle.touch()

    assert settings(SSL_CERT_FILE=str(bundle)).network.ca_bundle == str(bundle)
    assert settings(REQUESTS_CA_BUNDLE=str(bundle), SSL_CERT_FILE="elsewhere").network.ca_bundle == str(bundle)
    (fault,) = faults(REQUESTS_CA_BUNDLE=str(tmp_path / "missing.pem"))
    assert fault.startswith("REQUESTS_CA_BUNDLE names a file that does not exist")


def test_proxies() -> None:
    """The name in lower case comes first, a scheme may be missing, and hosts that need no proxy are listed."""
    found = read_settings(
        {
            **ENVIRON,
            "https_proxy": "proxy.example.com:8080",
            "HTTPS_PROXY": "http://other.example.com",
            "HTTP_PROXY": "http://plain.example.com",
            "NO_PROXY": "localhost, .example.org,",
        }
    ).network

    assert found.https_proxy is not None
    assert found.https_proxy.reveal() == "http://proxy.example.com:8080"
    assert found.http_proxy is not None
    assert found.http_proxy.reveal() == "http://plain.example.com"
    assert found.no_proxy == ("localhost", ".example.org")
    assert settings().network.https_proxy is None


@pytest.mark.parametrize("url", ["socks5://proxy.example.com", "http://", "http://["])
def test_a_proxy_that_cannot_be_used(url: str) -> None:
    """The fault names the setting and not the value, which may hold a password."""
    (fault,) = faults(HTTPS_PROXY=url)

    assert fault.startswith("HTTPS_PROXY is not the URL of an HTTP proxy")
    assert url not in fault.replace("http://proxy.example.com:8080", "")
