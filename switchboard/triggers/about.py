"""Registers the routes that anybody may ask: config and health."""

from typing import Literal

import azure.functions as func
import msgspec

from switchboard import __version__
from switchboard.callers import assistants_for, identify
from switchboard.errors import SignInRequired
from switchboard.late import LateServices
from switchboard.limits.left import Left
from switchboard.triggers.config import PageConfig, page_config
from switchboard.triggers.description import Content, Open, Reply
from switchboard.triggers.examples import CONFIG
from switchboard.triggers.http import Answer, json_answer
from switchboard.triggers.routes import Routes


class Health(msgspec.Struct, frozen=True):
    """This is the answer of GET /api/health."""

    status: Literal["ok"]
    """Always `ok`: a gateway that is not does not answer."""
    version: str
    """The version of the gateway."""


GET_CONFIG = Open(
    name="get_config",
    method="GET",
    path="config",
    tag="About the gateway",
    summary="Read what a page must know about the gateway",
    replies=(Reply(200, "The configuration.", Content("application/json", PageConfig, CONFIG)),),
)
GET_HEALTH = Open(
    name="get_health",
    method="GET",
    path="health",
    tag="About the gateway",
    summary="Ask whether the gateway is up",
    description="This request uses neither the Realtime service nor the storage.",
    replies=(Reply(200, "It is up.", Content("application/json", Health, Health("ok", __version__))),),
)
OPERATIONS = (GET_CONFIG, GET_HEALTH)


def about_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with the handlers of OPERATIONS. Neither of them needs the service or storage."""
    routes = Routes(services.settings)

    if not services.settings.direct_gateway:
        # No page of ours is served there.
        @routes.open(GET_CONFIG)
        async def get_config(req: func.HttpRequest) -> Answer:
            try:
                caller = identify(req.headers, services.settings)
            except SignInRequired:
                caller = None
            left = Left()
            if services.built:
                # A page that is loaded anew after a change of a file shows it, also when nobody has called since.
                services.assistants.refresh_soon(services.built.threads.storage)
                left = await services.built.admissions.left()
            offered = assistants_for(caller, services.assistants)
            return json_answer(200, page_config(services.settings, left, offered))

    @routes.open(GET_HEALTH)
    async def get_health(_req: func.HttpRequest) -> Answer:
        return json_answer(200, Health("ok", __version__))

    return routes.blueprint
