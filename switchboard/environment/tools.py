"""Reads the app settings that are about tools."""

import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from switchboard.settings import Secret, ToolSettings

# The service waits for a tool while the caller does, and a call must not become idle meanwhile.
_Seconds = Annotated[int, msgspec.Meta(ge=1, le=120)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]
_Headers = dict[str, dict[str, str]]

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
# These say where a request goes and where it ends.
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def read_tool_settings(
    raw: Callable[[str], str], value: Callable[[str, Any, Any], Any], fault: Callable[[str, str], None]
) -> ToolSettings:
    """Return the settings of the tools.

    `raw` returns the text of a setting, `value` converts it (name, type, default), and `fault` notes what is wrong with
    it. A fault never shows the value of a header, which may be a secret.
    """
    hosts = _hosts(raw("TOOL_HTTP_HOSTS"), fault)
    return ToolSettings(
        seconds=value("TOOL_SECONDS", _Seconds, 20),
        rounds=value("MAX_TOOL_ROUNDS", _Count, 8),
        calls=value("MAX_TOOL_CALLS", _Count, 100),
        http_hosts=hosts,
        http_headers=_headers(raw("TOOL_HTTP_HEADERS"), hosts, fault),
    )


def _hosts(text: str, fault: Callable[[str, str], None]) -> frozenset[str]:
    hosts = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    for host in sorted(hosts):
        if not _HOST.fullmatch(host):
            fault("TOOL_HTTP_HOSTS", f"has something that is not the name of a host such as api.example.com: {host}")
    return hosts


def _headers(text: str, hosts: frozenset[str], fault: Callable[[str, str], None]) -> dict[str, dict[str, Secret]]:
    name = "TOOL_HTTP_HEADERS"
    if not text:
        return {}
    if text.startswith("@Microsoft.KeyVault("):
        fault(name, "is a Key Vault reference that the platform has not resolved")
        return {}
    try:
        headers = msgspec.json.decode(text, type=_Headers)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        fault(name, 'must be JSON such as {"api.example.com": {"Authorization": "Bearer …"}}')
        return {}
    for host, fields in headers.items():
        if host not in hosts:
            fault(name, f"has the host {host}, which TOOL_HTTP_HOSTS does not have")
        for field, words in fields.items():
            if not _sendable(field, words):
                fault(name, f"has a header of {host} that cannot be sent: {field}")
    return {host: {field: Secret(words) for field, words in fields.items()} for host, fields in headers.items()}


def _sendable(field: str, words: str) -> bool:
    named = _HEADER.fullmatch(field) and field.lower() not in _OWN_HEADERS
    return bool(named) and words.isprintable() and words.isascii()
