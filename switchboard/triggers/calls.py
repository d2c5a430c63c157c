"""Calls that exist: register, look, hang up, report."""

from typing import Any

import azure.functions as func
import msgspec

from switchboard.callers import Caller
from switchboard.services import Services
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.http import Answer, json_answer, read_client_event, read_json


class Registration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/calls; `endpoint` as it came with the token, where the gateway has several."""

    call_id: str
    endpoint: str | None = None


def calls_blueprint(services: Services) -> func.Blueprint:
    """POST /api/calls, GET and DELETE /api/calls/{call_id}, POST /api/calls/{call_id}/report."""
    blueprint, boundary = func.Blueprint(), Boundary(services.settings)

    @blueprint.route("calls", methods=["POST", "OPTIONS"])
    def register_call(req: func.HttpRequest) -> func.HttpResponse:
        def work(caller: Caller) -> Answer:
            body = read_json(req.headers.get("content-type", ""), req.get_body(), Registration)
            services.calls.register(caller, body.call_id, body.endpoint)
            return json_answer(202, {"call_id": body.call_id}, Location=f"/api/calls/{body.call_id}")

        return boundary.guarded(req, work)

    @blueprint.route("calls/{call_id}", methods=["GET", "OPTIONS"])
    def get_call(req: func.HttpRequest) -> func.HttpResponse:
        return boundary.guarded(
            req, lambda caller: json_answer(200, services.calls.look(caller, req.route_params["call_id"]))
        )

    @blueprint.route("calls/{call_id}", methods=["DELETE"])
    def hang_up_call(req: func.HttpRequest) -> func.HttpResponse:
        def work(caller: Caller) -> Answer:
            services.calls.hang_up(caller, req.route_params["call_id"])
            return Answer(204)

        return boundary.guarded(req, work)

    @blueprint.route("calls/{call_id}/report", methods=["POST", "OPTIONS"])
    def report_call(req: func.HttpRequest) -> func.HttpResponse:
        def work(caller: Caller) -> Answer:
            figures = read_json(req.headers.get("content-type", ""), req.get_body(), dict[str, Any])
            services.calls.report(caller, req.route_params["call_id"], figures)
            return json_answer(202, {"call_id": req.route_params["call_id"]})

        return boundary.guarded(req, work)

    @blueprint.route("calls/{call_id}/events", methods=["POST", "OPTIONS"])
    def steer_call(req: func.HttpRequest) -> func.HttpResponse:
        def work(caller: Caller) -> Answer:
            event = read_client_event(req.headers.get("content-type", ""), req.get_body())
            return json_answer(200, services.calls.steer(caller, req.route_params["call_id"], event))

        return boundary.guarded(req, work)

    return blueprint
