"""This module remembers the requests that the imitated service has received, so that tests can look at them.

It never keeps a credential, and keeps no body except the one that asks for a client secret.
"""

import json
from collections import deque
from typing import Any

from aiohttp import web

from local.realtime.service import credentials

_KEPT = 2000


class SeenRequests:
    """This class keeps the latest requests."""

    def __init__(self) -> None:
        self._requests: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Return the requests as the control plane shows them, oldest first."""
        return list(self._requests)

    def clear(self) -> None:
        """Forget all requests."""
        self._requests.clear()

    async def note(self, request: web.Request) -> None:
        """Remember a request."""
        body = await request.read()
        seen: dict[str, Any] = {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "content_type": request.headers.get("Content-Type"),
            "authorization": credentials.kind(request),
            "size": len(body),
        }
        if request.path.endswith(("/client_secrets", "/sessions")):
            seen["json"] = _parsed(body)
        self._requests.append(seen)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
