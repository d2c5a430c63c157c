"""What anybody may ask: config and health."""

import azure.functions as func

from switchboard import __version__
from switchboard.services import Services
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.config import page_config
from switchboard.triggers.http import json_answer


def about_blueprint(services: Services) -> func.Blueprint:
    """GET /api/config and GET /api/health. Neither asks anything of the service or the storage."""
    blueprint, boundary = func.Blueprint(), Boundary(services.settings)

    @blueprint.route("config", methods=["GET"])
    def get_config(req: func.HttpRequest) -> func.HttpResponse:
        return boundary.open(req, lambda: json_answer(200, page_config(services.settings)))

    @blueprint.route("health", methods=["GET"])
    def get_health(req: func.HttpRequest) -> func.HttpResponse:
        return boundary.open(req, lambda: json_answer(200, {"status": "ok", "version": __version__}))

    return blueprint
