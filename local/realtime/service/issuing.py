"""This module does what both protocols have in common when they issue a client secret."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from local.realtime.errors import invalid
from local.realtime.service import credentials
from local.realtime.service.admission import GARBAGE, admit
from local.realtime.service.client_secrets import ClientSecret
from local.realtime.service.emulator import EMULATOR
from local.realtime.service.faults import Fault
from local.realtime.service.http import json_answer


async def admit_issuer(request: web.Request) -> Fault | None:
    """Admit a request for a client secret, and check its credentials. Return a fault that `issue` has to apply.

    Raises:
        ServiceError: A fault refuses the request, or its credentials do not give access to the resource.
    """
    emulator = request.app[EMULATOR]
    fault = await admit(request, "client_secrets")
    credentials.require_resource_access(request, emulator.options.api_key)
    return fault


async def issue(request: web.Request, fault: Fault | None, create: Callable[[Any], ClientSecret]) -> web.Response:
    """Answer an admitted request with the client secret that `create` makes from its JSON body.

    Raises:
        ServiceError: The body is not JSON, or `create` refuses it.
    """
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise invalid("invalid_json", "The request body is not valid JSON.") from error
    if fault is not None and fault.name == "ignores_expiry" and isinstance(body, dict):
        body.pop("expires_after", None)
    secret = create(body)
    if fault is not None and fault.name == "garbage":
        return web.Response(text=GARBAGE)
    return json_answer(secret.body)
