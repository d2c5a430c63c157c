"""A request as bytes. Sans-I/O: a seed and a number give one request, always the same."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.fuzz import odd

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "get", "G" * 50)


@dataclass(frozen=True)
class Target:
    """What requests are made for: the gateway's host, its routes with their media types, and ids of calls it has."""

    host: str
    routes: Sequence[tuple[str, str, str]]
    calls: Sequence[str]


def routes() -> list[tuple[str, str, str]]:
    """Return each route's method, path and media type, by the interface document."""
    paths = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
    return [
        (method.upper(), path, media)
        for path, methods in paths.items()
        for method, route in methods.items()
        for media in route.get("requestBody", {}).get("content", {"": None})
    ]


def query_names() -> list[str]:
    """Return the names of all query parameters of all routes, and one that no route has."""
    paths = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
    parameters = [each for methods in paths.values() for route in methods.values() for each in route["parameters"]]
    return [*sorted({each["name"] for each in parameters if each.get("in") == "query"}), "x"]


QUERY_NAMES = query_names()
# What some parameter or other takes for good, so that requests also get behind the check of their query.
GOOD_VALUES = ("2026-11-01", "2027-01-01", "live", "ended", "day", "caller", "true", "1", "guide", "default", "aad:u1")


@dataclass(frozen=True)
class Request:
    """A request as bytes; `complete` unless it promises more than it sends, so that nobody owes it an answer."""

    sent: bytes
    complete: bool


def request(seed: int, number: int, target: Target) -> Request:
    """Return the request of this number."""
    rng = random.Random(f"{seed}/{number}")
    method, path, media = rng.choice(target.routes)
    if rng.random() < 0.08:
        method = rng.choice(METHODS)
    head: list[tuple[str, str | bytes]] = [("Host", target.host if rng.random() < 0.95 else rng.choice(odd.TEXTS))]
    body = b""
    if method in ("POST", "PUT", "PATCH") or rng.random() < 0.05:
        media, body = _body(rng, media)
        if media or rng.random() < 0.5:
            head.append(("Content-Type", media))
    head += _headers(rng)
    head += _length(rng, body)
    line = f"{method} {_path(rng, path, target)} HTTP/{rng.choice(('1.1',) * 30 + ('1.0', '2.0', '9'))}"
    lines = [line.encode(errors="surrogatepass"), *(_line(name, value) for name, value in head)]
    if ("Transfer-Encoding", "chunked") in head:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    promised = dict(head).get("Content-Length", "0")
    complete = not str(promised).isdigit() or int(promised) <= len(body)
    return Request(b"\r\n".join(lines) + b"\r\nConnection: close\r\n\r\n" + body, complete)


def _path(rng: random.Random, path: str, target: Target) -> str:
    if rng.random() < 0.04:
        path = rng.choice(
            ("/", "/api", "/api/", "/api/nothing", "/admin", "/api//calls", "/api/calls/a/b/c", "*", "/%")
        )
    call_id = rng.choice((*target.calls, *odd.PATHS)) if rng.random() < 0.7 else quote(rng.choice(odd.TEXTS), safe="")
    path = path.replace("{call_id}", call_id)
    if rng.random() < 0.25:
        values = rng.choice((odd.TEXTS, (*GOOD_VALUES, *target.calls)))
        fields = [f"{rng.choice(QUERY_NAMES)}={quote(rng.choice(values))}" for _ in range(rng.choice((1, 2, 2, 200)))]
        path += "?" + "&".join(fields)
    return path


def _body(rng: random.Random, media: str) -> tuple[str, bytes]:
    kind = rng.random()
    if kind < 0.1:
        return rng.choice(odd.MEDIA_TYPES), odd.bits(rng, 4000)
    if kind < 0.13:
        return media, b" " * rng.choice((70_000, 300_000))
    if media.startswith("multipart") and kind < 0.9:
        return odd.form(rng)
    if media == "application/sdp" and kind < 0.9:
        return media, odd.offer(rng)
    text = odd.known_json(rng) if kind < 0.85 else odd.json_text(rng)
    encoding = rng.choice(("utf-8",) * 12 + ("utf-16", "utf-8-sig", "utf-32"))
    return media if rng.random() < 0.9 else rng.choice(odd.MEDIA_TYPES), text.encode(encoding, errors="surrogatepass")


def _headers(rng: random.Random) -> list[tuple[str, str | bytes]]:
    found: list[tuple[str, str | bytes]] = []

    def sometimes(chance: float, name: str, value: str | bytes) -> None:
        if rng.random() < chance:
            found.append((name, value))

    sometimes(0.8, "x-switchboard-caller", f"caller-of-the-fuzz-{rng.randrange(400)}")
    sometimes(0.1, "x-switchboard-caller", rng.choice(odd.TEXTS))
    sometimes(0.6, "x-ms-client-principal", odd.principal(rng))
    sometimes(0.2, "Origin", rng.choice(odd.URLS))
    sometimes(0.1, "x-ms-original-url", rng.choice(odd.URLS))
    sometimes(0.1, "x-forwarded-host", rng.choice((*odd.URLS, *odd.TEXTS)))
    sometimes(0.1, "Sec-Fetch-Site", rng.choice(("cross-site", "same-origin", "same-site", "none", *odd.TEXTS[:6])))
    sometimes(
        0.2, "Authorization", rng.choice(("Bearer ", "Bearer ek_", "Basic ", "bearer", "")) + rng.choice(odd.TEXTS)
    )
    sometimes(0.1, "x-request-id", rng.choice(odd.TEXTS))
    sometimes(0.05, rng.choice(("Accept", "Cookie", "Accept-Language", "X-Odd")), rng.choice(odd.TEXTS))
    sometimes(0.03, "Cookie", "a=" + "b" * rng.choice((9_000, 40_000)))
    sometimes(0.03, rng.choice(("Origin", "Authorization", "x-switchboard-caller")), odd.bits(rng, 30))
    sometimes(0.02, "Expect", rng.choice(("100-continue", "x")))
    sometimes(0.02, "Content-Encoding", rng.choice(("gzip", "br", "x")))
    return found


def _length(rng: random.Random, body: bytes) -> list[tuple[str, str | bytes]]:
    kind = rng.random()
    if kind < 0.93:
        return [("Content-Length", str(len(body)))]
    if kind < 0.95:
        return [("Transfer-Encoding", "chunked")]
    if kind < 0.97:
        return [("Content-Length", rng.choice(("-1", "x", "1e3", "0", "99999999999999999999", "5")))]
    return []


def _line(name: str, value: str | bytes) -> bytes:
    sent = value if isinstance(value, bytes) else value.encode(errors="surrogatepass")
    # A line feed would begin another header, which is another request than this one.
    return name.encode() + b": " + sent.replace(b"\r", b"").replace(b"\n", b"")
