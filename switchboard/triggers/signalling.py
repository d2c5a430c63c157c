"""Registers the two ways to start a call: the page takes a client secret, or the gateway relays the SDP offer."""

from collections.abc import Mapping

import azure.functions as func
import msgspec

from switchboard.callers import Caller, choose_assistant
from switchboard.errors import (
    AssistantNotFound,
    CallNotFound,
    ContinuingUnavailable,
    FieldNotAllowed,
    NotYourCall,
    OverrideInvalid,
    TooManyTokens,
)
from switchboard.late import LateServices
from switchboard.realtime.service import CALL_ID_PATTERN
from switchboard.session import Choice, ChosenName, LanguageCode, deployment, read_choice
from switchboard.settings import RealtimeProtocol
from switchboard.triggers.description import (
    BAD_JSON,
    BAD_OFFER,
    NO_NEW_CALL,
    UPSTREAM_SESSION,
    Content,
    EarlierCall,
    Guarded,
    Header,
    Reply,
)
from switchboard.triggers.examples import ANSWER, CALL_ID, ENDPOINT, OFFER
from switchboard.triggers.http import Answer, OfferForm, SdpOffer, json_answer, read_json, read_offer, sdp_answer
from switchboard.triggers.routes import Routes


class ClientSecretFields(msgspec.Struct, frozen=True):
    """Holds a client secret in the form that the preview protocol gave it."""

    value: str
    """The client secret itself."""
    expires_at: int
    """When the client secret expires, in Unix seconds."""


class SessionRequest(Choice, frozen=True, forbid_unknown_fields=True):
    """This is the body of POST /api/token: what a page of Microsoft's how-to sends to make a session."""

    model: str | None = None
    """The name of the deployed model, which may only be the gateway's."""


class Token(msgspec.Struct, frozen=True):
    """This is the answer of GET and POST /api/token: a client secret of the Realtime service, and how to use it."""

    token: str
    """The client secret itself."""
    expires_at: int
    """When the client secret expires, in Unix seconds."""
    endpoint: str
    """The endpoint that the client secret is valid at. The page sends it back with POST /api/calls."""
    deployment: str
    """Azure's name for the deployed model."""
    calls_url: str
    """The URL that takes the SDP offer, with the client secret as bearer token."""
    protocol: RealtimeProtocol
    """The protocol of the Realtime API: `ga` or `preview`."""
    id: str
    """The id that the service gave the session; empty if it named none. Pages of Microsoft's how-to read it."""
    client_secret: ClientSecretFields
    """The client secret once more, where pages of Microsoft's how-to read it."""
    call_id: str | msgspec.UnsetType = msgspec.UNSET
    """The id to register the call with. It is missing if the service itself names the call in its `Location` header."""


class ConnectForm(OfferForm, frozen=True, forbid_unknown_fields=True):
    """This is the form of POST /api/connect: an SDP offer, and what the page chooses for the session."""

    voice: str | msgspec.UnsetType = msgspec.UNSET
    """One of the voices that GET /api/config lists."""
    language: LanguageCode | msgspec.UnsetType = msgspec.UNSET
    """The ISO 639 code of the language that the caller speaks, such as `en`."""
    assistant: ChosenName | msgspec.UnsetType = msgspec.UNSET
    """The name of the assistant that answers, one of those that GET /api/config lists."""


_TOKEN = Reply(
    200,
    "A client secret.",
    Content(
        "application/json",
        Token,
        Token(
            token="ek_9d1f0c7b",  # noqa: S106  an invented one
            expires_at=1795219260,
            endpoint=ENDPOINT,
            deployment="gpt-realtime",
            calls_url=f"{ENDPOINT}/openai/v1/realtime/calls",
            protocol="ga",
            id="sess_5f2b",
            client_secret=ClientSecretFields("ek_9d1f0c7b", 1795219260),
        ),
    ),
)
CONTINUING = (CallNotFound, NotYourCall, ContinuingUnavailable)


class NewCall(Choice, frozen=True):
    """Says what a page chooses for its call, and which call it continues."""

    continues: EarlierCall | msgspec.UnsetType = msgspec.UNSET
    """The id of the caller's earlier call that the new one continues: the model remembers what was said in it."""


GET_TOKEN = Guarded(
    name="get_token",
    method="GET",
    path="token",
    tag="Begin a call",
    summary="Take a client secret with which the page sets a call up itself",
    description=(
        "With `SIGNALLING=token` or `both`. The page then registers the call with POST /api/calls. With `continues`, "
        "an earlier call of the same caller is hung up if it is still up, so that the new one can have its place."
    ),
    query=NewCall,
    replies=(_TOKEN,),
    errors=(AssistantNotFound, OverrideInvalid, TooManyTokens, *CONTINUING, *NO_NEW_CALL, *UPSTREAM_SESSION),
)
POST_TOKEN = Guarded(
    name="post_token",
    method="POST",
    path="token",
    tag="Begin a call",
    summary="Take a client secret as the page of Microsoft's how-to does",
    description="The same as GET /api/token, for pages that send what they choose in a JSON body.",
    bodies=(Content("application/json", SessionRequest, SessionRequest(voice="verse", model="gpt-realtime")),),
    body_required=False,
    replies=(_TOKEN,),
    errors=(
        *(*BAD_JSON, AssistantNotFound, FieldNotAllowed, OverrideInvalid, TooManyTokens),
        *(*NO_NEW_CALL, *UPSTREAM_SESSION),
    ),
)
CONNECT = Guarded(
    name="connect",
    method="POST",
    path="connect",
    tag="Begin a call",
    summary="Trade an SDP offer for the SDP answer of a call",
    description=(
        "With `SIGNALLING=proxy` or `both`. The body is the offer itself, with choices in the query, or a form in "
        "which they stand beside it. With `continues`, the new call takes up an earlier one of the same caller, which "
        "is hung up if it is still up."
    ),
    query=NewCall,
    bodies=(
        Content("application/sdp", SdpOffer, OFFER),
        Content("multipart/form-data", ConnectForm, ConnectForm(OFFER, "cedar", "en")),
    ),
    replies=(
        Reply(
            201,
            "The call is set up: the SDP answer of the realtime service.",
            Content("application/sdp", str, ANSWER),
            {"Location": Header("The call.", f"/api/calls/{CALL_ID}", f"^/api/calls/{CALL_ID_PATTERN}$")},
        ),
    ),
    errors=(
        *(*BAD_OFFER, AssistantNotFound, FieldNotAllowed, *CONTINUING),
        *(*NO_NEW_CALL, *UPSTREAM_SESSION),
    ),
)
OPERATIONS = (CONNECT, GET_TOKEN, POST_TOKEN)


def signalling_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with the handlers of OPERATIONS."""
    routes, settings = Routes(services.settings, lambda: services.now().telemetry), services.settings

    @routes.guarded(GET_TOKEN)
    def get_token(req: func.HttpRequest, caller: Caller) -> Answer:
        if continues := req.params.get("continues", ""):
            services.now().continuing.make_way(caller, continues)
        return json_answer(200, _token(services, caller, req.params))

    @routes.guarded(POST_TOKEN)
    def post_token(req: func.HttpRequest, caller: Caller) -> Answer:
        body = SessionRequest()
        if req.get_body():
            body = read_json(req.headers.get("content-type", ""), req.get_body(), SessionRequest)
        chosen = {"voice": body.voice or "", "language": body.language or "", "assistant": body.assistant}
        return json_answer(200, _token(services, caller, chosen, body.model))

    @routes.guarded(CONNECT)
    def connect(req: func.HttpRequest, caller: Caller) -> Answer:
        offer, fields = read_offer(req.headers.get("content-type", ""), req.get_body(), ConnectForm)
        chosen = {**req.params, **fields}
        assistant = choose_assistant(caller, chosen.get("assistant", ""), services.assistants)
        choice = read_choice(chosen, settings, assistant)
        continues = req.params.get("continues", "")
        most = services.now().continuing.make_way(caller, continues) if continues else None
        created = services.now().connecting.connect(caller, offer, choice, continues=continues, most=most)
        if continues:
            services.now().continuing.note(continues, created.call_id)
        return sdp_answer(f"/api/calls/{created.call_id}", created.answer)

    return routes.blueprint


def _token(services: LateServices, caller: Caller, chosen: Mapping[str, str], model: str | None = None) -> Token:
    settings = services.settings
    assistant = choose_assistant(caller, chosen.get("assistant", ""), services.assistants)
    if model and model != deployment(settings, assistant):
        raise FieldNotAllowed("The server decides the model.", hint="Leave `model` out.")
    given = services.now().connecting.token(caller, read_choice(chosen, settings, assistant))
    value, expires_at = given.secret.value.reveal(), given.secret.expires_at
    return Token(
        token=value,
        expires_at=expires_at,
        endpoint=given.secret.endpoint,
        deployment=deployment(settings, assistant),
        calls_url=given.calls_url,
        protocol=settings.realtime_protocol,
        id=given.secret.session_id,
        client_secret=ClientSecretFields(value, expires_at),
        call_id=given.call_id or msgspec.UNSET,
    )
