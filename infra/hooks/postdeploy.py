"""After a deployment: does the site answer, does the gateway behind it, and is the back door shut?

It mints no client secret and makes no call, unless SMOKE_TEST_CALL is on: then it makes one call and hangs it up.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message

# A first deployment's link and a cold start together.
WAIT_SECONDS = 180.0
PAUSE_SECONDS = 3.0
CALLER = "smoke-test-of-a-deployment"
# The least that is an offer for audio and a data channel. No media ever flows: the call is hung up at once.
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=msid-semantic: WMS *",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:smok",
        "a=ice-pwd:smoketestsmoketestsmoke1",
        "a=fingerprint:sha-256 " + ":".join(["5A"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:smok",
        "a=ice-pwd:smoketestsmoketestsmoke1",
        "a=fingerprint:sha-256 " + ":".join(["5A"] * 32),
        "a=setup:actpass",
        "a=mid:1",
        "a=sctp-port:5000",
        "",
    ]
)


@dataclass(frozen=True)
class Reply:
    """What came back; status 0 where nothing did."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def says(self, name: str) -> object:
        """A member of a JSON body, or None."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return None
        return document.get(name) if isinstance(document, dict) else None


def ask(
    url: str, method: str = "GET", body: bytes | None = None, kind: str = "", more: Mapping[str, str] | None = None
) -> Reply:
    """Send one request, with `more` headers, without following redirects to a sign-in page."""
    headers = {"x-switchboard-caller": CALLER, **({"Content-Type": kind} if kind else {}), **(more or {})}
    request = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310 (from the outputs)
    try:
        with _NO_REDIRECTS.open(request, timeout=50) as response:
            return Reply(response.status, _lowered(response.headers), response.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, _lowered(error.headers), error.read())
    except OSError as error:
        return Reply(0, {}, str(error).encode())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_NO_REDIRECTS = urllib.request.build_opener(_NoRedirect)


def _lowered(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@dataclass(frozen=True)
class Check:
    """One question to the deployment: what it is about, how to ask, and what a good answer is."""

    about: str
    url: str
    good: Callable[[Reply], bool]
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] | None = None


# The principal that the platform puts on a request of somebody signed in, made up: nobody may get anywhere with it.
FORGED = json.dumps({"auth_typ": "aad", "claims": [{"typ": "oid", "val": "forged"}]}).encode()


def direct_checks(env: Mapping[str, str]) -> list[Check]:
    """Questions to the gateway that clients reach directly; none where there is no such gateway."""
    direct = env.get("SERVICE_DIRECT_URI", "").rstrip("/")
    if not direct:
        return []
    forged = {"x-ms-client-principal": base64.b64encode(FORGED).decode()}
    return [
        Check("the direct gateway answers", f"{direct}/api/health", lambda reply: reply.status == 200),
        Check(
            "the direct gateway has the routes of OpenAI's clients only",
            f"{direct}/api/config",
            lambda reply: reply.status in (401, 403, 404),
        ),
        Check(
            "the direct gateway gives no token to who has no Entra token",
            f"{direct}/api/v1/realtime/client_secrets",
            lambda reply: reply.status in (401, 403),
            "POST",
            b"",
            forged,
        ),
        Check(
            "the direct gateway takes no call without a token of its own",
            f"{direct}/api/v1/realtime/calls",
            _no_such_token,
            "POST",
            OFFER.encode(),
            {**forged, "Content-Type": "application/sdp"},
        ),
        Check(
            "the platform lets the gateway's own tokens pass, and the gateway knows them",
            f"{direct}/api/v1/realtime/calls/rtc_smoketest/hangup",
            _no_such_token,
            "POST",
            b"",
            {"Authorization": "Bearer ek_no-token-that-was-ever-given"},
        ),
    ]


def _no_such_token(reply: Reply) -> bool:
    """Return whether the gateway refused the token itself. The platform's own 401 has no code."""
    return reply.status == 401 and reply.says("code") == "token_invalid"


def checks(env: Mapping[str, str]) -> list[Check]:
    """The questions that cost nothing."""
    site = env["SERVICE_WEB_URI"].rstrip("/")
    gateway = env["SERVICE_API_URI"].rstrip("/")
    sign_in = env.get("GATEWAY_REQUIRE_SIGN_IN", "").lower() == "true"
    found = [
        Check(
            "the page is there, with its security headers",
            f"{site}/",
            lambda reply: reply.status == 200 and "content-security-policy" in reply.headers,
        ),
        Check("the gateway answers behind it", f"{site}/api/health", lambda reply: reply.status == 200),
        Check(
            "the gateway has this environment's settings",
            f"{site}/api/config",
            lambda reply: reply.status == 200 and reply.says("sign_in_required") is sign_in,
        ),
        Check(
            "the list of calls is the operators' only",
            f"{site}/api/calls",
            lambda reply: reply.status in (302, 401, 403),
        ),
        Check(
            "the gateway refuses who does not come through the site",
            f"{gateway}/api/health",
            lambda reply: reply.status in (401, 403),
        ),
    ]
    if sign_in:
        found.append(
            Check(
                "nobody gets a client secret without signing in",
                f"{site}/api/token",
                lambda reply: reply.status in (302, 401, 403),
            )
        )
    return [*found, *direct_checks(env)]


def passes(check: Check, *, seconds: float, pause: float) -> bool:
    """Ask until the answer is good or time is up."""
    deadline = time.monotonic() + seconds
    while not check.good(reply := ask(check.url, check.method, check.body, more=check.headers)):
        if time.monotonic() >= deadline:
            print(f"  FAILED  {check.about}: {check.url} answered {reply.status} {reply.says('code') or ''}".rstrip())
            return False
        time.sleep(pause)
    print(f"  ok      {check.about}")
    return True


def makes_a_call(env: Mapping[str, str]) -> bool:
    """Make one call through the gateway and hang it up. Costs next to nothing, but not nothing."""
    site = env["SERVICE_WEB_URI"].rstrip("/")
    reply = ask(f"{site}/api/connect", "POST", OFFER.encode(), "application/sdp")
    where = reply.headers.get("location", "")
    if reply.status != 201 or not where:
        print(f"  FAILED  a call: {reply.status} {reply.says('code') or ''} {reply.says('hint') or ''}".rstrip())
        return False
    ended = ask(f"{site}{where}", "DELETE")
    print(f"  {'ok    ' if ended.status == 204 else 'FAILED'}  a call was made and hung up ({ended.status})")
    return ended.status == 204


def smoke(env: Mapping[str, str], *, seconds: float = WAIT_SECONDS, pause: float = PAUSE_SECONDS) -> bool:
    """All checks; every failure is printed, not only the first."""
    print(f"Smoke test of {env['SERVICE_WEB_URI']}", flush=True)
    results = [passes(check, seconds=seconds, pause=pause) for check in checks(env)]
    if all(results) and env.get("SMOKE_TEST_CALL", "").lower() in ("true", "on"):
        results.append(makes_a_call(env))
    return all(results)


if __name__ == "__main__":
    sys.exit(0 if smoke(os.environ) else 1)
