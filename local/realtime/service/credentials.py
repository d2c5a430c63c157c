"""Who is asking: the resource's key, an Entra token, a client secret; and where the emulator's Entra tokens come from.

The tokens are signed with a key that every emulator shares, so that one identity endpoint can serve several emulators,
and a restart does not invalidate what an SDK has cached. They protect nothing: this is a stand-in on 127.0.0.1.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any

from aiohttp import web

from local.realtime.errors import ServiceError, json_answer, needs_ephemeral_token, unauthorized_key, unauthorized_token

TOKEN_SECONDS = 3600
GOOD_RESOURCES = frozenset({"https://ai.azure.com", "https://cognitiveservices.azure.com"})
_SIGNING_KEY = b"local.realtime: not a secret"


def kind(request: web.Request) -> str:
    """How a request says who it is: `api-key`, `entra`, `client_secret` or `none`."""
    if "api-key" in request.headers:
        return "api-key"
    token = bearer(request)
    if token is None:
        return "none"
    return "client_secret" if token.startswith("ek_") else "entra"


def bearer(request: web.Request) -> str | None:
    """The bearer token of a request, if it has one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def require_resource_access(request: web.Request, api_key: str) -> None:
    """Let only the resource's key or an Entra token for it pass.

    Raises:
        ServiceError: 401.
    """
    given = request.headers.get("api-key")
    if given is not None:
        if not hmac.compare_digest(given.encode(), api_key.encode()):
            raise unauthorized_key()
        return
    token = bearer(request)
    if token is None:
        raise unauthorized_key()
    if not good_token(token):
        raise unauthorized_token()


def client_secret(request: web.Request) -> str:
    """The client secret a request carries.

    Raises:
        ServiceError: 401 for any other kind of credential, also beside one.
    """
    token = bearer(request)
    if token is None or not token.startswith("ek_") or "api-key" in request.headers:
        raise needs_ephemeral_token()
    return token


async def managed_identity(request: web.Request) -> web.Response:
    """`GET /msi/token?resource=…`: App Service's managed-identity endpoint, as azure-identity asks it."""
    if "X-IDENTITY-HEADER" not in request.headers:
        raise ServiceError(401, {"code": "Unauthorized", "message": "The X-IDENTITY-HEADER header is missing."})
    resource = request.query.get("resource", "").rstrip("/")
    if not resource:
        raise ServiceError(400, {"code": "BadRequest", "message": "The resource parameter is missing."})
    expires = int(time.time()) + TOKEN_SECONDS
    return json_answer(
        {
            "access_token": issue_token(resource, expires),
            "expires_on": str(expires),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": request.query.get("client_id", "00000000-0000-0000-0000-000000000000"),
        }
    )


def issue_token(audience: str, expires: int) -> str:
    """A token in the form of a JWT; `expires` in Unix seconds."""
    head = _encode(b'{"alg":"HS256","typ":"JWT"}')
    claims = _encode(json.dumps({"aud": audience, "exp": expires, "iss": "local.realtime"}).encode())
    return f"{head}.{claims}.{_signature(f'{head}.{claims}')}"


def good_token(token: str) -> bool:
    """Whether an emulator issued the token, for this service, and it has not expired."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed).encode()):
        return False
    claims = _claims(signed)
    return claims.get("aud") in GOOD_RESOURCES and claims.get("exp", 0) > time.time()


def _claims(signed: str) -> dict[str, Any]:
    payload = signed.partition(".")[2]
    try:
        decoded = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _signature(signed: str) -> str:
    return _encode(hmac.digest(_SIGNING_KEY, signed.encode(), hashlib.sha256))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
