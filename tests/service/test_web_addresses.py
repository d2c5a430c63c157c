"""Tests which URLs and which addresses the tools that reach other systems refuse."""

import pytest

from switchboard.network import Network
from switchboard.settings import NetworkSettings
from switchboard.tools import ToolError
from switchboard.tools.web import Web, is_public, resolve
from tests.examples import settings

HOST = "api.example.com"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://api.example.com/", "must begin with https"),
        ("https://api.example.com:8443/", "without a user or a port"),
        ("https://api.example.com@evil.example.com/", "without a user or a port"),
        ("https://evil.example.com/", "not one of those"),
        ("https://api.example.com.evil.com/", "not one of those"),
        ("https://127.0.0.1/", "not one of those"),
        ("https://[::1/", "not a URL"),
        ("https://api.example.com:x/", "not a URL"),
        ("https://api.example.com/a b", "must be quoted"),
        ("https://api.example.com/é", "must be quoted"),
        ("file:///etc/passwd", "must begin with https"),
    ],
)
def test_urls_that_are_not_allowed(url: str, words: str) -> None:
    """The name is not even looked up."""
    chosen = settings(TOOL_HTTP_HOSTS=HOST).tools

    def never(_: str) -> list[str]:
        raise AssertionError

    with pytest.raises(ToolError, match=words):
        Web(chosen, Network(NetworkSettings()), resolve=never).request("GET", url, {})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("::10.0.0.1", False),
        ("2002:a00:1::1", False),
        ("2001:0:a00:1::1", False),
        ("fec0::1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
    ],
)
def test_addresses(address: str, *, public: bool) -> None:
    """The platform's own addresses are not public either, nor are private ones that hide in an IPv6 address."""
    assert is_public(address) is public


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], []])
def test_a_name_that_leads_inside(addresses: list[str]) -> None:
    """One private address among several is enough to refuse the name. Nothing is connected to."""
    chosen = settings(TOOL_HTTP_HOSTS=HOST).tools
    reached = Web(chosen, Network(NetworkSettings()), resolve=lambda _: addresses)
    with pytest.raises(ToolError, match="not public"):
        reached.request("GET", f"https://{HOST}/", {})


def test_the_real_resolver() -> None:
    """It returns addresses, and a name that does not exist is an error in words."""
    assert "127.0.0.1" in resolve("localhost")
    reached = Web(settings(TOOL_HTTP_HOSTS="nowhere.invalid").tools, Network(NetworkSettings()))
    with pytest.raises(ToolError, match="cannot be resolved"):
        reached.request("GET", "https://nowhere.invalid/", {})
