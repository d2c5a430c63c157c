"""Makes the tools that reach other systems over HTTPS: `http_get` and `http_post`.

What the model asks for may come from the caller. So a tool reaches only the hosts that a setting names, and only by
addresses of the public Internet: it resolves the name, checks every address, and connects to one of those that it has
checked, so that a second look-up cannot lead elsewhere. It follows no redirect.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from switchboard.network import Network
from switchboard.settings import ToolSettings
from switchboard.tools.call import Call, ToolError
from switchboard.tools.definition import tool
from switchboard.tools.exchange import NotExchanged, Received, Request, TooLong, exchange
from switchboard.tools.outcome import MOST_RESULT_BYTES

PORT = 443
# The rest of the result is for its status and its quotation marks.
MOST_BODY_BYTES = MOST_RESULT_BYTES - 1024
# All addresses of the Internet in IPv6 are in here (RFC 4291), and none that translates to an IPv4 address (RFC 6052).
# Two old ways to carry an IPv4 address, which may be a private one, are in here too (RFC 3056, RFC 4380).
_INTERNET = ipaddress.ip_network("2000::/3")
_CARRIERS = tuple(map(ipaddress.ip_network, ("2002::/16", "2001::/32")))
# Azure's own service for every virtual machine: its address looks public, and answers only from inside
# (learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
_PLATFORM = ipaddress.ip_address("168.63.129.16")

Resolve = Callable[[str], Sequence[str]]
_Url = Annotated[str, msgspec.Meta(max_length=2000, description="The whole URL. It begins with https://.")]


class Answer(msgspec.Struct, frozen=True):
    """Holds what a host answered."""

    status: int
    """The HTTP status."""
    content_type: str
    """The Content-Type header; empty if there is none."""
    body: str | msgspec.Raw
    """The body: JSON as it is, and everything else as text."""


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public Internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _INTERNET or any(ip in carrier for carrier in _CARRIERS):
            return False
    return ip.is_global and not ip.is_multicast and ip != _PLATFORM


def resolve(host: str) -> Sequence[str]:
    """Return all addresses of a host, first those that this machine should try first.

    Blocks on the network, and raises OSError if there are none.
    """
    found = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Web:
    """Sends requests to the hosts that a setting names. Threads may share an instance."""

    def __init__(
        self,
        settings: ToolSettings,
        network: Network,
        *,
        resolve: Resolve = resolve,
        is_allowed: Callable[[str], bool] = is_public,
        port: int = PORT,
    ) -> None:
        self._hosts = settings.http_hosts
        self._headers = settings.http_headers
        self._seconds = settings.seconds
        self._network = network
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._port = port

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send one request and return the answer, whatever its status. Blocks on the network.

        Raises ToolError, in words that the model may repeat, if the request is not allowed or fails, or if the answer
        is a redirect or too long.
        """
        deadline = monotonic() + self._seconds
        parts = self._checked(url)
        host = parts.hostname or ""
        secret = {name: value.reveal() for name, value in self._headers.get(host, {}).items()}
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = Request(host, method, target, {"Accept": "application/json, text/*", **headers, **secret}, body)
        addresses = self._addresses(host)
        try:
            received = exchange(
                sent, addresses, self._port, self._network.tls, deadline=deadline, most_bytes=MOST_BODY_BYTES
            )
        except TooLong as error:
            raise ToolError(f"The answer is longer than {MOST_BODY_BYTES} bytes. Ask for less.") from error
        except NotExchanged as error:
            if monotonic() > deadline:
                raise ToolError(f"{host} answers too slowly.") from error
            raise ToolError(f"{host} could not be reached ({error}).") from error
        return _read(received)

    def _checked(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ToolError("This is not a URL.") from error
        if parts.scheme != "https" or port not in (None, PORT) or parts.username is not None:
            raise ToolError("A URL must begin with https:// and the name of a host, without a user or a port.")
        if parts.hostname not in self._hosts:
            raise ToolError("This host is not one of those that the gateway may reach.")
        if not (parts.path + parts.query).isprintable() or not (parts.path + parts.query).isascii() or " " in url:
            raise ToolError("The URL has characters that must be quoted.")
        return parts

    def _addresses(self, host: str) -> Sequence[str]:
        try:
            addresses = self._resolve(host)
        except (OSError, UnicodeError) as error:
            raise ToolError(f"The name {host} cannot be resolved.") from error
        if not addresses or not all(self._is_allowed(address) for address in addresses):
            raise ToolError(f"The name {host} leads to an address that is not public.")
        return addresses


def _read(received: Received) -> Answer:
    if received.status in (301, 302, 303, 307, 308):
        raise ToolError("The host redirects the request, and the gateway follows no redirect.")
    if received.headers.get("Content-Encoding", "identity").lower() != "identity":
        # A few bytes could become gigabytes.
        raise ToolError("The host compresses its answer, which the gateway has not asked for.")
    kind = received.headers.get("Content-Type", "")
    return Answer(received.status, kind, _json(received.body) or received.body.decode(errors="replace"))


def _json(body: bytes) -> msgspec.Raw | None:
    """Return JSON as it is, so that its quotation marks need not be escaped; None if the body is no JSON."""
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return msgspec.Raw(body)


def web_tools(web: Web, hosts: Iterable[str]) -> list[Callable[..., Any]]:
    """Return the two tools. Their descriptions name the hosts, because the model must know what it may ask for."""

    def http_get(url: _Url) -> Answer:
        return web.request("GET", url, {})

    def http_post(url: _Url, body: dict[str, Any], call: Call) -> Answer:
        # Another system that knows this header does not do the same thing twice (draft-ietf-httpapi-idempotency-key).
        headers = {"Content-Type": "application/json", "Idempotency-Key": call.idempotency_key}
        return web.request("POST", url, headers, msgspec.json.encode(body))

    known = ", ".join(sorted(hosts)) or "none, because nobody has named any"
    http_get.__doc__ = f"Read an HTTPS address and return its status and body. The hosts that can be reached: {known}."
    http_post.__doc__ = f"Send JSON to an HTTPS address and return what it answers. The hosts: {known}."
    return [tool(http_get), tool(once=True)(http_post)]
