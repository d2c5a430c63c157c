"""Answers requests for routes of OpenAI's API that the gateway does not have, with a problem that says what to do.

Without these functions, the Functions host would answer with an empty 404. The host does not look for the most specific
route, so no path here may match a request that another function answers: the catch-all route has only methods that no
other route below v1/ has.
"""

import re
from urllib.parse import urlsplit

import azure.functions as func

from switchboard.errors import RouteNotFound
from switchboard.late import LateServices
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.http import Answer

_TELEPHONE = (
    "Only calls that come by telephone (SIP) are accepted, rejected or referred. This gateway has none: a browser's "
    "call begins with POST /api/v1/realtime/calls and ends with POST /api/v1/realtime/calls/{call_id}/hangup."
)
_WEBSOCKET = (
    "This gateway has no WebSocket: audio goes between the browser and the service over WebRTC. Use a client's WebRTC "
    "transport, which sends its SDP offer to POST /api/v1/realtime/calls."
)
_OLD = "The beta API made sessions here. Take a token with POST /api/v1/realtime/client_secrets instead."

# The path below /api and the methods of each function.
ABSENT: dict[str, tuple[str, tuple[str, ...]]] = {
    "accept_call_of_client": ("v1/realtime/calls/{call_id}/accept", ("POST",)),
    "reject_call_of_client": ("v1/realtime/calls/{call_id}/reject", ("POST",)),
    "refer_call_of_client": ("v1/realtime/calls/{call_id}/refer", ("POST",)),
    "create_session_of_client": ("v1/realtime/sessions", ("POST",)),
    "create_transcription_of_client": ("v1/realtime/transcription_sessions", ("POST",)),
    "chat_of_client": ("v1/chat/completions", ("POST",)),
    "other_post_of_client": ("v1/{resource}", ("POST",)),
    # Preflights of the other routes may arrive here too; every function answers them in the same way.
    "other_request_of_client": ("v1/{*rest}", ("GET", "PUT", "PATCH", "DELETE", "OPTIONS")),
}
_HINTS = (
    (re.compile(r"/realtime/calls/[^/]*/(accept|reject|refer)/?"), _TELEPHONE),
    (re.compile(r"/realtime/?"), _WEBSOCKET),
    (re.compile(r"/realtime/(transcription_)?sessions/?"), _OLD),
)


def unknown_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with a handler for each entry of ABSENT."""
    blueprint, boundary = func.Blueprint(), Boundary(services.settings, for_openai=True)

    def refuse(req: func.HttpRequest) -> Answer:
        raise RouteNotFound(hint=hint_about(urlsplit(req.url).path))

    for name, (path, methods) in ABSENT.items():

        async def handle(req: func.HttpRequest) -> func.HttpResponse:
            return boundary.same_site(req, lambda: refuse(req))

        # The platform names a function after its Python function.
        handle.__name__ = name
        blueprint.route(path, methods=list(methods))(handle)
    return blueprint


def hint_about(path: str) -> str:
    """Return what somebody should do who has sent a request to this path, such as `/api/v1/realtime`."""
    route = path.partition("/v1")[2]
    return next((hint for pattern, hint in _HINTS if pattern.fullmatch(route)), RouteNotFound.default_hint)
