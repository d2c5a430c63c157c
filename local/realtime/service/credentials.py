"""This module checks who is asking (the resource's key, an Entra token or a client secret), and issues Entra tokens.

The tokens are signed with a key that all emulators share, so that one identity endpoint can serve several emulators,
and a restart does not invalidate what an SDK has cached. They protect nothing, and need not: the emulator is for
127.0.0.1.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any

from aiohttp import web

from local.realtime.errors import ServiceError, needs_ephemeral_token, unauthorized_key, unauthorized_token
from local.realtime.service.http import json_answer

TOKEN_SECONDS = 3600
GOOD_RESOURCES = frozenset({"https://ai.azure.com", "https://cognitiveservices.azure.com"})
_SIGNING_KEY = b"local.realtime: not a secret"


def kind(request: web.Request) -> str:
    """Return which kind of credential a request has: `api-key`, `entra`, `client_secret` or `none`."""
    if "api-key" in request.headers:
        return "api-key"
    token = bearer(request)
    if token is None:
        return "none"
    return "client_secret" if token.startswith("ek_") else "entra"


def bearer(request: web.Request) -> str | None:
    """Return the bearer token of a request, or None when it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def require_resource_access(request: web.Request, api_key: str) -> None:
    """Admit a request that has the resource's key or an Entra token for it.

    Raises:
        ServiceError: The request has neither, or one that is wrong (401).
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
    """Return the client secret that a request carries.

    Raises:
        ServiceError: The request has no client secret, or has an `api-key` besides (401).
    """
    token = bearer(request)
    if token is None or not token.startswith("ek_") or "api-key" in request.headers:
        raise needs_ephemeral_token()
    return token


async def managed_identity(request: web.Request) -> web.Response:
    """Answer `GET /msi/token?resource=…` as App Service's managed-identity endpoint answers azure-identity."""
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
    """Return a token in the form of a JWT for an audience; `expires` is in Unix seconds."""
    head = _encode(b'{"alg":"HS256","typ":"JWT"}')
    claims = _encode(json.dumps({"aud": audience, "exp": expires, "iss": "local.realtime"}).encode())
    return f"{head}.{claims}.{_signature(f'{head}.{claims}')}"


def good_token(token: str) -> bool:
    """Return whether a token was issued by an emulator, is meant for this service, and has not expired."""
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
