"""Registers the routes that OpenAI's clients know. They work with the gateway when their base URL is …/api/v1.

The paths, bodies and statuses are those of openai-python (resources/realtime) and openai-agents-js
(OpenAIRealtimeWebRTC).
"""

from typing import Annotated, Any, Literal

import azure.functions as func
import msgspec

from switchboard.callers import Caller, choose_assistant
from switchboard.client_session import (
    AudioChoice,
    ClientSession,
    IssuedSession,
    OutputChoice,
    read_session,
    read_whole_session,
    visible_session,
)
from switchboard.errors import (
    AssistantNotFound,
    BodyTooLarge,
    CallIdNotFound,
    CallNotFound,
    FieldNotAllowed,
    NotYourCall,
    OpenAIClientsOff,
    OverrideInvalid,
    SignallingDisabled,
    StorageUnavailable,
    TooManyTokens,
)
from switchboard.late import LateServices
from switchboard.realtime.service import CALL_ID_PATTERN
from switchboard.session import AssistantChoice, Choice
from switchboard.triggers.description import (
    BAD_JSON,
    BAD_OFFER,
    NO_NEW_CALL,
    UPSTREAM,
    UPSTREAM_SESSION,
    Content,
    Guarded,
    Header,
    Reply,
    WithToken,
)
from switchboard.triggers.examples import ANSWER, CALL_ID, OFFER
from switchboard.triggers.http import (
    MAX_JSON_BYTES,
    Answer,
    OfferForm,
    SdpOffer,
    json_answer,
    read_json,
    read_offer,
    sdp_answer,
)
from switchboard.triggers.routes import Routes

TAG = "For OpenAI's clients"
_HERE = "/api/v1/realtime/calls"
# An application's session may hold long instructions and the schemas of many tools.
MAX_WHOLE_SESSION_BYTES = 64 * 1024


class ExpiresAfter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Says how long the token shall live."""

    seconds: Annotated[int, msgspec.Meta(ge=10, le=7200)]
    """The lifetime in seconds. The gateway may shorten it."""
    anchor: Literal["created_at"] = "created_at"
    """The moment from which the seconds count: when the token is created."""


# The session is read in two steps, so that the error can name a field that a client may not set.
Session = Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/ClientSession"})]


class TokenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This is the body of POST /api/v1/realtime/client_secrets."""

    session: Session | None = None
    """What the client chooses for its calls; if it is missing, the gateway's configuration."""
    expires_after: ExpiresAfter | None = None
    """How long the token shall live; if it is missing, as long as the gateway allows."""


class IssuedToken(msgspec.Struct, frozen=True):
    """This is the answer of POST /api/v1/realtime/client_secrets."""

    value: str
    """The token itself. It begins with `ek_` and is valid only at this gateway."""
    expires_at: int
    """When the token expires, in Unix seconds."""
    session: IssuedSession
    """What the client may see of the session that its calls will have."""


class ClientForm(OfferForm, frozen=True, forbid_unknown_fields=True):
    """This is the form of POST /api/v1/realtime/calls: an SDP offer, and what the client chooses for the session."""

    session: (
        Annotated[
            str,
            msgspec.Meta(
                extra_json_schema={
                    "contentMediaType": "application/json",
                    "contentSchema": {"$ref": "#/components/schemas/ClientSession"},
                }
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    """A `session` object as JSON, of at most 16 KB."""


CREATE_CLIENT_SECRET = Guarded(
    name="create_client_secret",
    method="POST",
    path="v1/realtime/client_secrets",
    tag=TAG,
    summary="Take an ephemeral token of the gateway's own",
    query=AssistantChoice,
    bodies=(
        Content(
            "application/json",
            TokenRequest,
            {
                "session": {"type": "realtime", "audio": {"output": {"voice": "cedar"}}},
                "expires_after": {"anchor": "created_at", "seconds": 60},
            },
        ),
    ),
    body_required=False,
    also=(ClientSession,),
    replies=(
        Reply(
            200,
            "A token.",
            Content(
                "application/json",
                IssuedToken,
                IssuedToken(
                    "ek_3c8e5a90",
                    1795219260,
                    IssuedSession(
                        "sess_5f2b",
                        "realtime",
                        "realtime.session",
                        "gpt-realtime",
                        AudioChoice(output=OutputChoice("cedar")),
                    ),
                ),
            ),
        ),
    ),
    errors=(
        *BAD_JSON,
        AssistantNotFound,
        FieldNotAllowed,
        OverrideInvalid,
        OpenAIClientsOff,
        SignallingDisabled,
        TooManyTokens,
        StorageUnavailable,
    ),
    for_openai=True,
)
CREATE_CALL = WithToken(
    name="create_call",
    method="POST",
    path="v1/realtime/calls",
    tag=TAG,
    summary="Trade an SDP offer for the SDP answer of a call",
    description=(
        "The body is the offer itself, or a form in which a `session` stands beside it. The assistant is the one that "
        "the token was taken for; only a request without a token may choose one."
    ),
    query=AssistantChoice,
    bodies=(
        Content("application/sdp", SdpOffer, OFFER),
        Content("multipart/form-data", ClientForm, ClientForm(OFFER, '{"audio": {"output": {"voice": "cedar"}}}')),
    ),
    also=(ClientSession,),
    replies=(
        Reply(
            201,
            "The call is set up: the SDP answer of the realtime service.",
            Content("application/sdp", str, ANSWER),
            {
                "Location": Header(
                    "The call; its last segment is the call's id.", f"{_HERE}/{CALL_ID}", f"^{_HERE}/{CALL_ID_PATTERN}$"
                )
            },
        ),
    ),
    errors=(
        *(*BAD_OFFER, AssistantNotFound, BodyTooLarge, FieldNotAllowed, OpenAIClientsOff),
        *(*NO_NEW_CALL, *UPSTREAM_SESSION),
    ),
    for_openai=True,
)
HANG_UP_CALL_OF_CLIENT = WithToken(
    name="hang_up_call_of_client",
    method="POST",
    path="v1/realtime/calls/{call_id}/hangup",
    tag=TAG,
    summary="Hang a call up",
    description="A token that has expired still hangs up the calls of whoever took it. Safe to call more than once.",
    replies=(Reply(200, "The call is hung up."),),
    errors=(CallIdNotFound, NotYourCall, StorageUnavailable, *UPSTREAM),
    for_openai=True,
)
OPERATIONS = (CREATE_CLIENT_SECRET, CREATE_CALL, HANG_UP_CALL_OF_CLIENT)


def openai_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with the handlers of OPERATIONS."""
    settings = services.settings
    routes = Routes(settings, lambda: services.now().telemetry)

    @routes.guarded(CREATE_CLIENT_SECRET)
    def create_client_secret(req: func.HttpRequest, caller: Caller) -> Answer:
        tokens = services.now().tokens
        tokens.check_on()
        body, whole = _token_request(req, direct=settings.direct_gateway), None
        assistant = choose_assistant(caller, req.params.get("assistant", ""), services.assistants)
        if settings.direct_gateway:
            # The platform lets only applications take a token here, and it has checked who this one is.
            choice, whole = read_whole_session(body.session or {}, settings, assistant)
        else:
            choice = read_session(body.session or {}, settings, assistant)
        seconds = body.expires_after.seconds if body.expires_after else None
        token = tokens.issue(caller, choice, seconds, whole)
        # Clients expect the session to have an id. It has none before the call, so this id names the token.
        session = visible_session(f"sess_{token.name[:32]}", settings, choice, assistant)
        return json_answer(200, IssuedToken(token.value.reveal(), token.expires_at, session))

    @routes.with_token(CREATE_CALL)
    def create_call(req: func.HttpRequest) -> Answer:
        tokens = services.now().tokens
        grant = tokens.identify(req.headers)
        tokens.check_on()
        offer, fields = read_offer(req.headers.get("content-type", ""), req.get_body(), ClientForm)
        assistant = grant.assistant(req.params.get("assistant", ""), services.assistants)
        chosen = Choice()
        if "session" in fields:
            session = read_json("application/json", fields["session"].encode(), dict[str, Any])
            chosen = read_session(session, settings, assistant, grant.session)
        choice = Choice(chosen.voice or grant.choice.voice, chosen.language or grant.choice.language, assistant.name)
        created = services.now().connecting.connect(
            grant.caller, offer, choice, session=grant.session, filtered=settings.openai_clients == "filtered"
        )
        # Clients read the call's id from the last segment of Location.
        return sdp_answer(f"{_HERE}/{created.call_id}", created.answer)

    @routes.with_token(HANG_UP_CALL_OF_CLIENT)
    def hang_up_call_of_client(req: func.HttpRequest) -> Answer:
        # A call may last longer than its token, and its caller must still be able to end it.
        grant = services.now().tokens.identify(req.headers, late=True)
        try:
            services.now().calls.hang_up(grant.caller, req.route_params["call_id"])
        except CallNotFound as error:
            raise CallIdNotFound from error
        return Answer(200)

    return routes.blueprint


def _token_request(req: func.HttpRequest, *, direct: bool) -> TokenRequest:
    if not req.get_body():
        return TokenRequest()
    most = MAX_WHOLE_SESSION_BYTES if direct else MAX_JSON_BYTES
    return read_json(req.headers.get("content-type", ""), req.get_body(), TokenRequest, most)
