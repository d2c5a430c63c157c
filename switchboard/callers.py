"""Finds out who is calling, and whether they may touch a call.

Static Web Apps adds the header `x-ms-client-principal` to the requests that it passes to its linked backend. The header
is base64 of a JSON object with identityProvider, userId, userDetails and userRoles. Only a backend that nobody else can
reach may trust it. Where sign-in is not required, anyone could forge the header, so it is ignored.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from switchboard.errors import CrossSiteRequest, NotYourCall, SignInRequired
from switchboard.settings import Settings

ANONYMOUS = "anonymous"
# This header distinguishes anonymous visitors: the page makes up a random text once for each tab.
CALLER_HEADER = "x-switchboard-caller"
_CALLER_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")


class Caller(msgspec.Struct, frozen=True):
    """Says who sends a request."""

    id: str
    """The id in records: `<identity provider>:<user id>` of the sign-in, or `anonymous`, usually with a hash."""
    name: str = ""
    """The name that the sign-in gives; empty for an anonymous caller."""
    operator: bool = False
    """Whether the caller may see and steer the calls of others."""


class _Principal(msgspec.Struct, rename="camel"):
    user_id: str
    identity_provider: str = ""
    user_details: str = ""
    user_roles: list[str] = []


def identify(headers: Mapping[str, str], settings: Settings) -> Caller:
    """Return who sends a request. Raises SignInRequired if sign-in is required and nobody is signed in."""
    if not settings.require_sign_in:
        return Caller(_anonymous(headers.get(CALLER_HEADER, "")))
    try:
        encoded = base64.b64decode(headers.get("x-ms-client-principal", ""), validate=True)
        principal = msgspec.json.decode(encoded, type=_Principal)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise SignInRequired from error
    if not principal.user_id or "authenticated" not in principal.user_roles:
        raise SignInRequired
    return Caller(
        id=f"{principal.identity_provider}:{principal.user_id}",
        name=principal.user_details,
        operator=settings.operator_role in principal.user_roles,
    )


def check_may_touch(caller: Caller, owner_id: str) -> None:
    """Check that the call is the caller's own or that the caller is an operator. Raises NotYourCall otherwise."""
    if caller.id != owner_id and not caller.operator:
        raise NotYourCall


def check_same_site(headers: Mapping[str, str], settings: Settings) -> str | None:
    """Refuse a request that a browser sends from a page of another site, unless that site's origin is allowed.

    Return the origin if it is an allowed one of another site, else None. Raises CrossSiteRequest. The check is needed
    because sign-in uses a cookie: without it, a page of another site could start calls in the visitor's name. A page
    cannot forge `Sec-Fetch-Site` (Fetch Metadata), so it decides; if it is missing, `Origin` is compared with the host.
    """
    origin = headers.get("origin", "").rstrip("/")
    if origin and origin in settings.allowed_origins:
        return origin
    site = headers.get("sec-fetch-site", "")
    if site in ("same-origin", "none"):
        return None
    if site or (origin and _host_of(origin) not in _own_hosts(headers)):
        raise CrossSiteRequest
    return None


def _own_hosts(headers: Mapping[str, str]) -> set[str]:
    """Return the host names that this request was sent to. Behind Static Web Apps, `host` is not the page's."""
    original = _host_of(headers.get("x-ms-original-url", ""))
    return {headers.get("host", ""), headers.get("x-forwarded-host", ""), original} - {""}


def _host_of(url: str) -> str:
    """Return the host name and port in a URL that anybody may have made up, or an empty text if there is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _anonymous(key: str) -> str:
    """Return the id of an anonymous caller.

    The key works like a password of the visitor, so records keep only its hash.
    """
    if not _CALLER_KEY.fullmatch(key):
        return ANONYMOUS
    return f"{ANONYMOUS}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
