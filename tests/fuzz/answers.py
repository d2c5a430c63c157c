"""What may not stand in an answer. Sans-I/O."""

import json
import re
from dataclasses import dataclass

# Errors that the gateway declares and that may come without anything being wrong with it.
DECLARED = frozenset({"upstream_failed", "upstream_timeout", "upstream_throttled", "storage_unavailable"})
_INTERNAL = re.compile(
    rb"Traceback|File \"|site-packages|switchboard[/.]\w|msgspec|azure\.|AccountKey|key-of-|/tmp/|/root/|/home/|"
    rb"\b\w+Error\b|0x[0-9a-f]{8,}|object at |\.py\b",
)
_SECRET = re.compile(rb"\bek_[0-9a-f]{16}")
# Where a client secret, or the gateway's own ephemeral token, is what was asked for.
_GIVES_SECRETS = ("/api/token", "/api/v1/realtime/client_secrets")


@dataclass(frozen=True)
class Answer:
    """Holds an answer as it came over the socket; `status` is 0 where none came, -1 where it cannot be read."""

    status: int
    body: bytes

    @classmethod
    def of(cls, raw: bytes) -> "Answer":
        """Read an answer."""
        if not raw:
            return cls(0, b"")
        head, _, body = raw.partition(b"\r\n\r\n")
        first = re.match(rb"HTTP/\d\.\d (\d{3})", head)
        if first and first[1] == b"100":
            return cls.of(body)
        return cls(int(first[1]) if first else -1, body)


def offence(request: bytes, answer: Answer) -> str:
    """Say what is wrong with an answer; empty where nothing is."""
    if answer.status < 0:
        return "an answer that cannot be read"
    # The host itself answers a version of HTTP that it does not speak.
    if answer.status >= 500 and answer.status != 505:
        code = _code(answer.body)
        if code not in DECLARED:
            return f"{answer.status} {code or 'without a code'}"
    path = request.split(b" ", 2)[1] if request.count(b" ") > 1 else b""
    if not path.startswith(b"/api/openapi.json") and (found := _INTERNAL.search(answer.body)):
        return f"internals in an answer: {found[0]!r}"
    if not path.decode(errors="replace").startswith(_GIVES_SECRETS) and _SECRET.search(answer.body):
        return "a secret in an answer"
    if 400 <= answer.status < 500 and answer.body[:1] == b"{" and not _code(answer.body):
        return f"{answer.status} without a code"
    return ""


def _code(body: bytes) -> str:
    start = body.find(b"{")
    try:
        found = json.loads(body[start : body.rfind(b"}") + 1])
        return str(found.get("code") or found.get("error", {}).get("code") or "")
    except (ValueError, AttributeError):
        return ""
