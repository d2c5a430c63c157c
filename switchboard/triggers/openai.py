"""The routes that OpenAI's clients know, so that they work by changing a base URL to …/api/v1.

Paths, bodies and statuses: openai-python (resources/realtime) and openai-agents-js (OpenAIRealtimeWebRTC).
"""

from typing import Annotated, Any, Literal

import azure.functions as func
import msgspec

from switchboard.callers import Caller
from switchboard.services import Services
from switchboard.session import Choice, read_session, visible_session
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.http import Answer, json_answer, read_json, read_offer, sdp_answer


class ExpiresAfter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the token shall be good, in seconds; the gateway may make it less."""

    seconds: Annotated[int, msgspec.Meta(ge=10, le=7200)]
    anchor: Literal["created_at"] = "created_at"


class TokenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/v1/realtime/client_secrets."""

    session: dict[str, Any] | None = None
    expires_after: ExpiresAfter | None = None


def openai_blueprint(services: Services) -> func.Blueprint:
    """POST /api/v1/realtime/client_secrets, /api/v1/realtime/calls and /api/v1/realtime/calls/{call_id}/hangup."""
    settings, tokens, calls = services.settings, services.tokens, services.calls
    blueprint, boundary = func.Blueprint(), Boundary(settings, for_openai=True)

    @blueprint.route("v1/realtime/client_secrets", methods=["POST", "OPTIONS"])
    def create_client_secret(req: func.HttpRequest) -> func.HttpResponse:
        def work(caller: Caller) -> Answer:
            body = _token_request(req)
            choice = read_session(body.session or {}, settings)
            token = tokens.issue(caller, choice, body.expires_after.seconds if body.expires_after else None)
            # Clients want the session to have an id. It has none yet: this one names the token.
            session = {"id": f"sess_{token.name[:32]}", **visible_session(settings, choice)}
            return json_answer(200, {"value": token.value.reveal(), "expires_at": token.expires_at, "session": session})

        return boundary.guarded(req, work)

    @blueprint.route("v1/realtime/calls", methods=["POST", "OPTIONS"])
    def create_call(req: func.HttpRequest) -> func.HttpResponse:
        def work() -> Answer:
            grant = tokens.identify(req.headers)
            offer, fields = read_offer(req.headers.get("content-type", ""), req.get_body(), {"session"})
            chosen = Choice()
            if "session" in fields:
                session = read_json("application/json", fields["session"].encode(), dict[str, Any])
                chosen = read_session(session, settings)
            choice = Choice(chosen.voice or grant.choice.voice, chosen.language or grant.choice.language)
            created = calls.connect(grant.caller, offer, choice)
            # Clients take the last segment of Location for the call's id.
            return sdp_answer(f"/api/v1/realtime/calls/{created.call_id}", created.answer)

        return boundary.same_site(req, work)

    @blueprint.route("v1/realtime/calls/{call_id}/hangup", methods=["POST", "OPTIONS"])
    def hang_up_call_of_client(req: func.HttpRequest) -> func.HttpResponse:
        def work() -> Answer:
            # A call may outlast its token, and must not outlast its caller's wish to end it.
            grant = tokens.identify(req.headers, late=True)
            calls.hang_up(grant.caller, req.route_params["call_id"])
            return Answer(200)

        return boundary.same_site(req, work)

    return blueprint


def _token_request(req: func.HttpRequest) -> TokenRequest:
    if not req.get_body():
        return TokenRequest()
    return read_json(req.headers.get("content-type", ""), req.get_body(), TokenRequest)
