"""Odd values for everything that a request is made of. Sans-I/O: the same random numbers give the same values."""

import base64
import json
import random
from collections.abc import Callable

from tests.examples import OFFER

URLS = (
    *("http://[", "http://ℂ℀", "https://]x", "null", "file:///etc/passwd", "http://127.0.0.1:99999999", "//", "*"),
    *("https://a@b:c@d", "http://[::1%25x]", "https://pages.example.com", "https://pages.example.com.evil.test", ""),
    *(
        "http://xn--",
        "HTTPS://PAGES.EXAMPLE.COM",
        "https://pages.example.com\t",
        "chrome-extension://x",
        "http://\ufdd0",
    ),
)
TEXTS = (
    *(
        "",
        " ",
        "a",
        "é",
        "日本",
        "\u202e",
        "\ud7ff",
        "a" * 200,
        "a" * 7000,
        "../../etc/passwd",
        "%00",
        "%2e%2e%2f",
        "%",
    ),
    *("'; DROP TABLE calls;--", "${jndi:ldap://x}", "{{7*7}}", "<script>alert(1)</script>", "-1", "0", "1e999", "NaN"),
    *("true", "null", "undefined", "rtc_", "ek_", "=?utf-8?q?x?=", "a;b=c", 'a"b', "a,b", "\x7f", "0x41", "1_000"),
)
PATHS = (
    "%00",
    "rtc_1%00",
    "%2e%2e",
    "..",
    "rtc_%C3%A9",
    "%ff%fe",
    "r" * 4000,
    "rtc_1/..",
    "%2F%2F",
    "rtc_1;x=y",
    "*",
    "a b",
)
MEDIA_TYPES = (
    *("application/json", "application/sdp", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain"),
    *(
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "text/ÿ",
        ";",
        "application/",
        "*/*",
        "",
    ),
    *("multipart/form-data; boundary=", "multipart/form-data; boundary=" + "b" * 300, "application/problem+json"),
)
NUMBERS = (
    "1e999",
    "-0",
    "NaN",
    "Infinity",
    "-1",
    "1.5",
    "9" * 400,
    "0.1e-400",
    "18446744073709551616",
    "1e5",
    "00",
    "0x1",
)


def bits(rng: random.Random, most: int) -> bytes:
    """Return up to `most` bytes of no meaning."""
    return rng.randbytes(rng.randrange(most))


def json_text(rng: random.Random, depth: int = 0) -> str:
    """Return JSON of any form, or nearly JSON."""
    kind = rng.randrange(14 if depth < 4 else 7)
    if kind < 3:
        return json.dumps(rng.choice(TEXTS), ensure_ascii=rng.random() < 0.5)
    if kind == 3:
        return rng.choice(NUMBERS)
    if kind == 4:
        return rng.choice(("true", "false", "null", "nul", '"\\ud800"', '"\\x"', '"\t"', "'a'", '"unended'))
    if kind == 5:
        return str(rng.randrange(-(10**6), 10**6))
    if kind == 6:
        return nested(rng)
    parts = [json_text(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind < 10:
        return "[" + ",".join(parts) + "]"
    names = ("type", "call_id", "session", "figures", "response", "item", "model", "endpoint", "voice", "x", "", "id")
    return "{" + ",".join(f"{json.dumps(rng.choice(names))}:{part}" for part in parts) + "}"


def nested(rng: random.Random) -> str:
    """Return something nested as deep as parsers break at, or one level less."""
    depth = rng.choice((5, 31, 32, 33, 100, 999, 1001, 8150, 30_000))
    opening, closing = rng.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    ends = closing * depth if rng.random() < 0.8 else ""
    return opening * depth + "1" + ends


def known_json(rng: random.Random) -> str:
    """Return a body that a route knows, with an odd value in one place."""
    odd = json_text(rng, 2)
    call_id = json.dumps(rng.choice(("rtc_1", "rtc_" + "0" * 32, *TEXTS)))
    shapes: tuple[Callable[[], str], ...] = (
        lambda: f'{{"call_id":{call_id},"endpoint":{odd}}}',
        lambda: f'{{"call_id":{odd}}}',
        lambda: f'{{"figures":{odd}}}',
        lambda: odd,
        lambda: f'{{"type":"response.create","response":{odd}}}',
        lambda: f'{{"type":"session.update","session":{{"type":"realtime","instructions":{odd}}}}}',
        lambda: f'{{"type":"conversation.item.create","item":{{"type":"message","role":"user","content":{odd}}}}}',
        lambda: f'{{"type":{odd}}}',
        lambda: f'{{"session":{{"type":"realtime","model":{odd},"audio":{{"output":{{"voice":{odd}}}}}}}}}',
        lambda: f'{{"session":{odd},"expires_after":{{"anchor":"created_at","seconds":{rng.choice(NUMBERS)}}}}}',
    )
    return rng.choice(shapes)()


def offer(rng: random.Random) -> bytes:
    """Return an SDP offer, mostly spoilt."""
    kind = rng.randrange(9)
    lines = OFFER.split(b"\r\n")
    if kind == 0:
        return OFFER
    if kind == 1:
        return OFFER[: rng.randrange(len(OFFER))]
    if kind == 2:
        return OFFER.replace(b"\r\n", rng.choice((b"\n", b"\r", b"\x00", b"\r\n\r\n")))
    if kind == 3:
        lines.insert(rng.randrange(len(lines)), b"a=" + bits(rng, 200))
        return b"\r\n".join(lines)
    if kind == 4:
        return b"\r\n".join(rng.sample(lines, len(lines)))
    if kind == 5:
        return OFFER + b"a=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n" * rng.choice((1, 100, 1500, 3000))
    if kind == 6:
        return b"v=0\r\n" * rng.choice((1, 10_000)) + b"m=audio 9\r\n"
    if kind == 7:
        at = rng.randrange(len(OFFER))
        return OFFER[:at] + bits(rng, 8) + OFFER[at + 4 :]
    return bits(rng, 3000)


def form(rng: random.Random) -> tuple[str, bytes]:
    """Return a multipart body, mostly spoilt, and its media type."""
    boundary = rng.choice(("x", "----WebKitFormBoundary7MA4", "b" * 70, 'a"b', "é"))
    parts = []
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 60, 2000))):
        name = rng.choice(("sdp", "session", "sdp", "voice", *TEXTS[:8])).replace("\n", "")
        value = offer(rng) if name == "sdp" else json_text(rng).encode(errors="replace")
        header = f'Content-Disposition: form-data; name="{name}"'.encode(errors="replace")
        extra = rng.choice((b"", b"\r\nContent-Type: application/sdp", b'; filename="../x"', b"\r\nX: " + b"y" * 9000))
        parts.append(b"--%s\r\n%s%s\r\n\r\n%s\r\n" % (boundary.encode(), header, extra, value[:20_000]))
        if len(parts) > 3 and sum(map(len, parts)) > 400_000:
            break
    body = b"".join(parts) + b"--%s--\r\n" % boundary.encode()
    if rng.random() < 0.3:
        body = body[: rng.randrange(len(body))]
    return f"multipart/form-data; boundary={boundary}", body


def principal(rng: random.Random) -> str:
    """Return a header x-ms-client-principal, from one that is right to what nobody can read."""
    kind = rng.randrange(8)
    roles = rng.choice((["authenticated", "operator"], ["authenticated"], [], "operator", [5], None))
    found = {"userId": rng.choice(("u1", "", "é", "\u0000", 5, None)), "userRoles": roles, "identityProvider": "aad"}
    if kind < 4:
        found["userId"], found["userRoles"] = "u1", ["anonymous", "authenticated", "operator"]
    text = json.dumps(found) if kind < 6 else json_text(rng)
    encoded = base64.b64encode(text.encode(errors="replace")).decode()
    return encoded[:20_000] if kind < 7 else rng.choice(TEXTS)
