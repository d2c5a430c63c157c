"""This module writes JSON answers, and the refusals of the service as HTTP answers."""

import json
from typing import Any

from aiohttp import web

from local.realtime.errors import ServiceError


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON answer with the plain `Content-Type: application/json` that Azure was recorded to send."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


def refusal_answer(refusal: ServiceError) -> web.Response:
    """Return the HTTP answer for a refusal."""
    return json_answer({"error": refusal.error}, refusal.status, refusal.headers)
