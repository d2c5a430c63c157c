"""Token and connect: the two ways to a call."""

import azure.functions as func
import msgspec

from switchboard.callers import Caller
from switchboard.services import Services
from switchboard.session import read_choice
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.http import Answer, json_answer, read_offer, sdp_answer


class Token(msgspec.Struct, frozen=True):
    """The answer of GET /api/token; `expires_at` in Unix seconds.

    With `call_id` the page registers the call under that id: the preview protocol's Location header names none.
    """

    token: str
    expires_at: int
    endpoint: str
    deployment: str
    calls_url: str
    protocol: str
    call_id: str | msgspec.UnsetType = msgspec.UNSET


def signalling_blueprint(services: Services) -> func.Blueprint:
    """GET /api/token and POST /api/connect."""
    blueprint, boundary = func.Blueprint(), Boundary(services.settings)

    @blueprint.route("token", methods=["GET", "OPTIONS"])
    def get_token(req: func.HttpRequest) -> func.HttpResponse:
        def work(caller: Caller) -> Answer:
            choice = read_choice(req.params, services.settings)
            given = services.calls.token(caller, choice)
            token = Token(
                token=given.secret.value.reveal(),
                expires_at=given.secret.expires_at,
                endpoint=given.secret.endpoint,
                deployment=services.settings.realtime_deployment,
                calls_url=given.calls_url,
                protocol=services.settings.realtime_protocol,
                call_id=given.call_id or msgspec.UNSET,
            )
            return json_answer(200, token)

        return boundary.guarded(req, work)

    @blueprint.route("connect", methods=["POST", "OPTIONS"])
    def connect(req: func.HttpRequest) -> func.HttpResponse:
        def work(caller: Caller) -> Answer:
            offer, fields = read_offer(req.headers.get("content-type", ""), req.get_body())
            choice = read_choice({**req.params, **fields}, services.settings)
            created = services.calls.connect(caller, offer, choice)
            return sdp_answer(f"/api/calls/{created.call_id}", created.answer)

        return boundary.guarded(req, work)

    return blueprint
