"""Registers the routes of existing calls: register one, look at it, hang it up, report on it, and steer it."""

from typing import Annotated, Any

import azure.functions as func
import msgspec

from switchboard.assistants.assistant import DEFAULT, AssistantName
from switchboard.callers import Caller, choose_assistant
from switchboard.errors import (
    AssistantNotFound,
    BodyInvalid,
    BodyTooLarge,
    CallHasEnded,
    CallNotFound,
    ContinuingUnavailable,
    EventNotAllowed,
    EventRefused,
    OperatorsOnly,
    SidebandFailed,
    SteeringTimeout,
    SteeringUnavailable,
    StorageUnavailable,
    UnsupportedMediaType,
    UpstreamUnauthorized,
)
from switchboard.late import LateServices
from switchboard.observing.status import BriefStatus, CallStatus
from switchboard.realtime.client_events import AnyClientEvent, ResponseCreate
from switchboard.realtime.service import CALL_ID_PATTERN
from switchboard.triggers.description import (
    BAD_JSON,
    NO_NEW_CALL,
    NO_SUCH_CALL,
    UPSTREAM,
    Content,
    EarlierCall,
    Guarded,
    Header,
    Reply,
)
from switchboard.triggers.examples import BRIEF_STATUS, CALL_ID, ENDPOINT, LIVE_CALL
from switchboard.triggers.http import Answer, json_answer, read_client_event, read_json
from switchboard.triggers.routes import Routes

TAG = "Calls"
CallId = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": f"^{CALL_ID_PATTERN}$"})]


class Registration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This is the body of POST /api/calls."""

    call_id: CallId
    """The last segment of the service's `Location` header, or the id that came with the client secret."""
    endpoint: str | None = None
    """The endpoint that came with the client secret. It may be missing if the gateway has only one."""
    assistant: AssistantName = DEFAULT
    """The name of the assistant that the client secret was taken for."""
    continues: EarlierCall | msgspec.UnsetType = msgspec.UNSET
    """The id of the caller's earlier call that this one continues: the model remembers what was said in it."""


class Accepted(msgspec.Struct, frozen=True):
    """This is the answer to a request whose work is done after it."""

    call_id: str
    """The id of the call."""


Figures = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="The browser's own figures. The gateway cannot check them; they become part of the record."
    ),
]
ServerEvent = Annotated[
    dict[str, Any], msgspec.Meta(description="The server event that answers the client event, as the service sent it.")
]
ACCEPTED = Content("application/json", Accepted, Accepted(CALL_ID))

REGISTER_CALL = Guarded(
    name="register_call",
    method="POST",
    path="calls",
    tag=TAG,
    summary="Have a call observed that the page set up with a client secret",
    description=(
        "Safe to call more than once. Where the caller has no place left, the call is hung up. With `continues`, the "
        "call takes up an earlier one of the same caller, which is hung up if it is still up."
    ),
    bodies=(Content("application/json", Registration, Registration(CALL_ID, ENDPOINT)),),
    replies=(
        Reply(
            202,
            "The call is observed from now on.",
            ACCEPTED,
            {"Location": Header("The call.", f"/api/calls/{CALL_ID}", f"^/api/calls/{CALL_ID_PATTERN}$")},
        ),
    ),
    errors=(
        *(*BAD_JSON, AssistantNotFound, ContinuingUnavailable),
        *(*NO_NEW_CALL, *NO_SUCH_CALL, *UPSTREAM, SidebandFailed),
    ),
)
GET_CALL = Guarded(
    name="get_call",
    method="GET",
    path="calls/{call_id}",
    tag=TAG,
    summary="Look at a call, or at its summary after its end",
    description="For the call's own caller and for operators.",
    replies=(Reply(200, "How the call stands.", Content("application/json", CallStatus, LIVE_CALL)),),
    errors=NO_SUCH_CALL,
)
GET_CALL_STATUS = Guarded(
    name="get_call_status",
    method="GET",
    path="calls/{call_id}/status",
    tag=TAG,
    summary="Ask how a call stands, without what was said",
    description=(
        "For the call's own caller and for operators. The answer is as quick for a long call as for a short one, so "
        "that a page may ask again and again. With the `ETag` of the last answer in `If-None-Match`, the answer is 304 "
        "as long as nothing has happened: then the limits are those of the last answer, less the time that has passed."
    ),
    replies=(
        Reply(200, "How the call stands.", Content("application/json", BriefStatus, BRIEF_STATUS)),
        Reply(304, "Nothing has happened since the answer with this `ETag`."),
    ),
    errors=NO_SUCH_CALL,
)
HANG_UP_CALL = Guarded(
    name="hang_up_call",
    method="DELETE",
    path="calls/{call_id}",
    tag=TAG,
    summary="Hang a call up",
    description="For the call's own caller and for operators. Safe to call more than once.",
    replies=(Reply(204, "The call is hung up."),),
    errors=(*NO_SUCH_CALL, *UPSTREAM),
)
REPORT_CALL = Guarded(
    name="report_call",
    method="POST",
    path="calls/{call_id}/report",
    tag=TAG,
    summary="Add the browser's own figures to the record of a call",
    description="At most 16 KB of JSON. After the end of the call its summary is written anew.",
    bodies=(Content("application/json", Figures, {"rtt_ms": 21, "packets_lost": 0}),),
    replies=(Reply(202, "The figures are in the record.", ACCEPTED),),
    errors=(*BAD_JSON, *NO_SUCH_CALL),
)
STEER_CALL = Guarded(
    name="steer_call",
    method="POST",
    path="calls/{call_id}/events",
    tag=TAG,
    summary="Send a client event into a call",
    description="For operators. The record of the call says who sent what kind of event.",
    bodies=(Content("application/json", AnyClientEvent, ResponseCreate(response={"instructions": "Say goodbye."})),),
    replies=(
        Reply(
            200,
            "The service has answered the event.",
            Content(
                "application/json",
                ServerEvent,
                {"type": "response.created", "event_id": "event_1", "response": {"id": "resp_1"}},
            ),
        ),
    ),
    errors=(
        *(OperatorsOnly, EventNotAllowed, BodyTooLarge, UnsupportedMediaType, CallNotFound, CallHasEnded),
        *(SteeringUnavailable, EventRefused, SidebandFailed, SteeringTimeout, UpstreamUnauthorized),
        StorageUnavailable,
    ),
)
OPERATIONS = (REGISTER_CALL, GET_CALL, GET_CALL_STATUS, HANG_UP_CALL, REPORT_CALL, STEER_CALL)


def calls_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with the handlers of OPERATIONS."""
    routes = Routes(services.settings, lambda: services.now().telemetry)

    @routes.guarded(REGISTER_CALL)
    def register_call(req: func.HttpRequest, caller: Caller) -> Answer:
        body = read_json(req.headers.get("content-type", ""), req.get_body(), Registration)
        assistant = choose_assistant(caller, body.assistant, services.assistants)
        now, continues, most = services.now(), "", None
        if isinstance(body.continues, str):
            continues = body.continues
            if continues == body.call_id:
                raise BodyInvalid("A call cannot continue itself.", hint="Leave `continues` out.")
            most = now.continuing.make_way(caller, continues)
        call = now.connecting.register(caller, body.call_id, body.endpoint, assistant, continues=continues, most=most)
        if call.continues:
            now.continuing.note(call.continues, call.call_id)
        return json_answer(202, Accepted(body.call_id), Location=f"/api/calls/{body.call_id}")

    @routes.guarded(GET_CALL)
    def get_call(req: func.HttpRequest, caller: Caller) -> Answer:
        return json_answer(200, services.now().calls.look(caller, req.route_params["call_id"]))

    @routes.guarded(GET_CALL_STATUS)
    def get_call_status(req: func.HttpRequest, caller: Caller) -> Answer:
        status, version = services.now().calls.look_briefly(caller, req.route_params["call_id"])
        return _versioned(status, version, req.headers.get("if-none-match", ""))

    @routes.guarded(HANG_UP_CALL)
    def hang_up_call(req: func.HttpRequest, caller: Caller) -> Answer:
        services.now().calls.hang_up(caller, req.route_params["call_id"])
        return Answer(204)

    @routes.guarded(REPORT_CALL)
    def report_call(req: func.HttpRequest, caller: Caller) -> Answer:
        figures = read_json(req.headers.get("content-type", ""), req.get_body(), dict[str, Any])
        services.now().calls.report(caller, req.route_params["call_id"], figures)
        return json_answer(202, Accepted(req.route_params["call_id"]))

    @routes.guarded(STEER_CALL)
    def steer_call(req: func.HttpRequest, caller: Caller) -> Answer:
        event = read_client_event(req.headers.get("content-type", ""), req.get_body())
        return json_answer(200, services.now().calls.steer(caller, req.route_params["call_id"], event))

    return routes.blueprint


def _versioned(status: BriefStatus, version: str, known: str) -> Answer:
    """Return an answer with its version, or one that says that the `known` version is still true."""
    if not version:
        return json_answer(200, status)
    # The seconds that are left differ in every answer, so two answers of one version are only about the same.
    tag = f'W/"{version}"'
    if known == tag:
        return Answer(304, {"ETag": tag, "Cache-Control": "no-store"})
    return json_answer(200, status, ETag=tag)
