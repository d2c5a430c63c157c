"""Who is calling: the principal that the platform names, or nobody; and may they touch this call?

Static Web Apps puts `x-ms-client-principal` (base64 of JSON: identityProvider, userId, userDetails, userRoles) on what
it passes to its linked backend, and only a backend that nobody else can reach may believe it. Where sign-in is not
required the header may be anyone's invention and is not looked at.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from switchboard.errors import CrossSiteRequest, NotYourCall, SignInRequired
from switchboard.settings import Settings

ANONYMOUS = "anonymous"
# What tells one anonymous visitor from another: a random text that the page makes once per tab.
CALLER_HEADER = "x-switchboard-caller"
_CALLER_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")


class Caller(msgspec.Struct, frozen=True):
    """`id` names the caller in records; `name` is what people call them, empty for anonymous ones."""

    id: str
    name: str = ""
    operator: bool = False


class _Principal(msgspec.Struct, rename="camel"):
    user_id: str
    identity_provider: str = ""
    user_details: str = ""
    user_roles: list[str] = []


def identify(headers: Mapping[str, str], settings: Settings) -> Caller:
    """The caller of a request. Raises SignInRequired when somebody must be signed in and nobody is."""
    if not settings.require_sign_in:
        return Caller(_anonymous(headers.get(CALLER_HEADER, "")))
    try:
        encoded = base64.b64decode(headers.get("x-ms-client-principal", ""), validate=True)
        principal = msgspec.json.decode(encoded, type=_Principal)
    except (binascii.Error, msgspec.MsgspecError, UnicodeError) as error:
        raise SignInRequired from error
    if not principal.user_id or "authenticated" not in principal.user_roles:
        raise SignInRequired
    return Caller(
        id=f"{principal.identity_provider}:{principal.user_id}",
        name=principal.user_details,
        operator=settings.operator_role in principal.user_roles,
    )


def check_may_touch(caller: Caller, owner_id: str) -> None:
    """Raises NotYourCall unless the call is the caller's own, or the caller an operator."""
    if caller.id != owner_id and not caller.operator:
        raise NotYourCall


def check_same_site(headers: Mapping[str, str], settings: Settings) -> str | None:
    """Refuse what a browser sends from a page of another site; returns the allowed foreign origin, or None.

    Sign-in is by cookie, so a foreign page could otherwise spend the visitor's calls. Sec-Fetch-Site is the browser's
    own word (Fetch Metadata) and counts first; where it is missing, Origin is held against the host that was called.
    """
    origin = headers.get("origin", "").rstrip("/")
    if origin and origin in settings.allowed_origins:
        return origin
    site = headers.get("sec-fetch-site", "")
    if site in ("same-origin", "none"):
        return None
    if site or (origin and urlsplit(origin).netloc not in _own_hosts(headers)):
        raise CrossSiteRequest
    return None


def _own_hosts(headers: Mapping[str, str]) -> set[str]:
    """The host names under which this request reached the gateway: behind Static Web Apps, `host` is another one."""
    original = urlsplit(headers.get("x-ms-original-url", "")).netloc
    return {headers.get("host", ""), headers.get("x-forwarded-host", ""), original} - {""}


def _anonymous(key: str) -> str:
    """The key itself is the visitor's, like a password: records keep only its hash."""
    if not _CALLER_KEY.fullmatch(key):
        return ANONYMOUS
    return f"{ANONYMOUS}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
