"""Tests which way leads to other machines: what the environment says of it, and what goes through a proxy."""

from pathlib import Path

import pytest

from switchboard.errors import SettingsError
from switchboard.network import Network
from switchboard.settings import NetworkSettings, Secret
from tests.examples import settings

PROXY = NetworkSettings(https_proxy=Secret("http://proxy:1"), no_proxy=("example.com", ".azure.com:443", "10.0.0.0/8"))


@pytest.mark.parametrize(
    ("url", "proxied"),
    [
        ("https://contoso.openai.azure.com", False),
        ("https://contoso.openai.azure.com:8443", True),
        ("https://azure.com.example.org", True),
        ("wss://contoso.example.org/x?call_id=1", True),
        ("wss://www.example.com", False),
        ("https://example.com", False),
        ("https://notexample.com", True),
        ("https://10.1.2.3", False),
        ("https://11.1.2.3", True),
        ("https://127.0.0.1:8181", False),
        ("https://[::1]:8181", False),
        ("https://169.254.169.254", False),
        ("http://contoso.example.org", False),
    ],
)
def test_what_goes_through_a_proxy(url: str, proxied: bool) -> None:
    assert Network(PROXY).proxy_for(url) == ("http://proxy:1" if proxied else None)


def test_a_star_covers_every_host() -> None:
    everything = NetworkSettings(https_proxy=Secret("http://proxy:1"), no_proxy=("*",))
    assert Network(everything).proxy_for("https://contoso.example.org") is None


def test_the_way_to_other_machines(tmp_path: Path) -> None:
    """The names that other programs read are read too; those in lower case come first, as in other programs."""
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")
    network = settings(
        REQUESTS_CA_BUNDLE=str(bundle),
        SSL_CERT_FILE="/no/such/file",
        HTTPS_PROXY="http://ignored",
        https_proxy="proxy.example.com:8080",
        NO_PROXY="a, .b ,",
    ).network
    assert (network.ca_bundle, network.no_proxy) == (str(bundle), ("a", ".b"))
    assert network.https_proxy is not None
    assert network.https_proxy.reveal() == "http://proxy.example.com:8080"
    assert network.http_proxy is None


def test_faults_of_the_way_to_other_machines() -> None:
    """A fault names the setting, and never the password in a proxy's URL."""
    with pytest.raises(SettingsError) as caught:
        settings(SSL_CERT_FILE="/no/such/file", HTTPS_PROXY="socks5://ada:hidden@proxy")
    bundle, proxy = caught.value.faults
    assert bundle == "SSL_CERT_FILE names a file that does not exist: /no/such/file"
    assert proxy.startswith("HTTPS_PROXY is not")
    assert "hidden" not in proxy
