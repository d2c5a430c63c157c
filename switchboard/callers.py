"""Finds out who is calling, and whether they may touch a call.

Static Web Apps adds the header `x-ms-client-principal` to the requests that it passes to its linked backend. The header
is base64 of a JSON object with identityProvider, userId, userDetails and userRoles. Only a backend that nobody else can
reach may trust it. Where sign-in is not required, anyone could forge the header, so it is ignored.

App Service Authentication, which protects the direct gateway, uses another form of the header (auth_typ, claims). The
setting DIRECT_GATEWAY decides which form is read; the header itself never does.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from switchboard.assistants.assistant import DEFAULT, Assistant
from switchboard.assistants.shelf import Assistants
from switchboard.errors import AssistantNotFound, CrossSiteRequest, NotYourCall, SignInRequired
from switchboard.settings import Settings

P = TypeVar("P")

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
    roles: tuple[str, ...] = ()
    """The roles that the sign-in gives the caller."""

    @property
    def signed_in(self) -> bool:
        """Return whether the caller has signed in, as a person or as an application."""
        return self.id != ANONYMOUS and not self.id.startswith(f"{ANONYMOUS}:")


class _Principal(msgspec.Struct, rename="camel"):
    user_id: str
    identity_provider: str = ""
    user_details: str = ""
    user_roles: list[str] = []


class _Claim(msgspec.Struct, frozen=True):
    typ: str
    val: str


class _AppServicePrincipal(msgspec.Struct, frozen=True):
    auth_typ: str
    claims: list[_Claim]


# These claims say who the token is for: the object id of a person or an application, or else the token's `sub`.
_SUBJECT_CLAIMS = (
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    "oid",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
    "sub",
)
_ROLE_CLAIMS = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")


def identify(headers: Mapping[str, str], settings: Settings) -> Caller:
    """Return who sends a request. Raises SignInRequired if sign-in is required and nobody is signed in."""
    if settings.direct_gateway:
        return _of_app_service(headers)
    if not settings.require_sign_in:
        return Caller(_anonymous(headers.get(CALLER_HEADER, "")))
    principal = _principal(headers, _Principal)
    if not principal.user_id or "authenticated" not in principal.user_roles:
        raise SignInRequired
    return Caller(
        id=f"{principal.identity_provider}:{principal.user_id}",
        name=principal.user_details,
        operator=settings.operator_role in principal.user_roles,
        roles=tuple(principal.user_roles),
    )


def _principal(headers: Mapping[str, str], kind: type[P]) -> P:
    try:
        encoded = base64.b64decode(headers.get("x-ms-client-principal", ""), validate=True)
        return msgspec.json.decode(encoded, type=kind)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise SignInRequired from error


def _of_app_service(headers: Mapping[str, str]) -> Caller:
    """Return the caller behind App Service Authentication: a customer's server, with the visitor that it names.

    The Entra token identifies the server. The server may name a visitor in CALLER_HEADER; places are counted for each.
    """
    principal = _principal(headers, _AppServicePrincipal)
    claims = {claim.typ: claim.val for claim in principal.claims if claim.val}
    subject = next((claims[typ] for typ in _SUBJECT_CLAIMS if typ in claims), "")
    if not subject:
        raise SignInRequired
    key = headers.get(CALLER_HEADER, "")
    visitor = f":{_hidden(key)}" if _CALLER_KEY.fullmatch(key) else ""
    roles = tuple(claim.val for claim in principal.claims if claim.typ in _ROLE_CLAIMS)
    return Caller(id=f"{principal.auth_typ}:{subject}{visitor}", roles=roles)


def choose_assistant(caller: Caller, name: str, assistants: Assistants) -> Assistant:
    """Return the assistant of this name, as its file is now, or the default one for an empty name.

    Blocks on the file system. Raises AssistantNotFound if there is none, or if this caller may not call it. The two
    look the same, so that nobody can try out the names of assistants that are meant for others.
    """
    assistants.refresh()
    found = assistants.get(name or DEFAULT)
    if found is None or not _may_call(caller, found):
        raise AssistantNotFound
    return found


def assistants_for(caller: Caller | None, assistants: Assistants) -> list[Assistant]:
    """Return the assistants that this caller may call; without a caller, those that anyone may call. Does no I/O."""
    return [assistant for assistant in assistants.all() if _may_call(caller or Caller(ANONYMOUS), assistant)]


def _may_call(caller: Caller, assistant: Assistant) -> bool:
    return assistant.open_to(caller.roles, signed_in=caller.signed_in)


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
    return f"{ANONYMOUS}:{_hidden(key)}"


def _hidden(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
