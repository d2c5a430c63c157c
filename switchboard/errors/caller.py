"""This module defines the errors that are the fault of the request."""

from collections.abc import Mapping
from typing import Any

from switchboard.errors.base import SwitchboardError


class CallerError(SwitchboardError):
    """This error means that the request is at fault. Only its subclasses are raised."""

    status = 400


class OfferMissing(CallerError):
    """This error means that the request contains no SDP offer."""

    code = "offer_missing"
    title = "The request contains no SDP offer"
    default_hint = "Send the offer as an application/sdp body, or in the field sdp of a multipart/form-data body."


class OfferInvalid(CallerError):
    """This error means that the text sent as the offer is not a usable SDP offer for an audio call."""

    code = "offer_invalid"
    title = "The text is not an SDP offer for an audio call"
    default_hint = "Send pc.localDescription.sdp unchanged, from a connection that has an audio transceiver."


class OfferTooLarge(CallerError):
    """This error means that the SDP offer is longer than 64 KB."""

    status = 413
    code = "offer_too_large"
    title = "The SDP offer is too large"
    default_hint = "The gateway accepts 64 KB. A browser's offer usually has 2 to 10 KB."


class UnsupportedMediaType(CallerError):
    """This error means that the route does not read bodies of this Content-Type."""

    status = 415
    code = "unsupported_media_type"
    title = "The route does not read bodies of this media type"
    default_hint = "Use application/sdp or multipart/form-data for an offer, and application/json for everything else."


class BodyInvalid(CallerError):
    """This error means that the body is not in the form that the route reads."""

    code = "body_invalid"
    title = "The gateway cannot read the body of the request"
    default_hint = "The page docs/routes.md shows what each route reads."


class BodyTooLarge(CallerError):
    """This error means that the body is larger than the route accepts."""

    status = 413
    code = "body_too_large"
    title = "The body of the request is too large"
    default_hint = "Send a smaller body: the detail names the limit."


class FieldNotAllowed(CallerError):
    """This error means that the caller sent a field that only the server may set."""

    code = "field_not_allowed"
    title = "Only the server may set this field"
    default_hint = "A page may choose the voice and the language, and nothing else."


class OverrideInvalid(CallerError):
    """This error means that the caller chose a voice or a language that does not exist."""

    code = "override_invalid"
    title = "The chosen voice or language does not exist"
    default_hint = "GET /api/config lists the voices. A language is an ISO 639 code such as en."


class AssistantNotFound(CallerError):
    """This error means that there is no assistant of this name, or that it is not for this caller."""

    status = 404
    code = "assistant_not_found"
    title = "There is no such assistant"
    default_hint = "GET /api/config lists the assistants that you may call. Some may be there only after you sign in."


class SignInRequired(CallerError):
    """This error means that REQUIRE_SIGN_IN is on and that nobody is signed in."""

    status = 401
    code = "sign_in_required"
    title = "You must sign in first"
    default_hint = "Open /.auth/login/aad to sign in, then try again."


class TokenInvalid(CallerError):
    """This error means that the bearer token is not one of the gateway's own, or has expired."""

    status = 401
    code = "token_invalid"
    title = "The gateway does not know the ephemeral token, or it has expired"
    default_hint = (
        "Get a new one with POST /api/v1/realtime/client_secrets. A client secret of the Realtime service does not "
        "work here."
    )


class NotYourCall(CallerError):
    """This error means that the call belongs to another caller."""

    status = 403
    code = "not_your_call"
    title = "This call belongs to another caller"
    default_hint = "Callers can see and hang up only their own calls. Operators can do so for all calls."


class CrossSiteRequest(CallerError):
    """This error means that a browser sent the request from a page of another site."""

    status = 403
    code = "cross_site_request"
    title = "The gateway refuses requests from pages of other sites"
    default_hint = "If the page may call this gateway, add its origin to the setting ALLOWED_ORIGINS."


class SignallingDisabled(CallerError):
    """This error means that the setting SIGNALLING does not allow this way of signalling."""

    status = 403
    code = "signalling_disabled"
    title = "This way of signalling is switched off"
    default_hint = "GET /api/config tells which way is on. The setting SIGNALLING decides it."


class OpenAIClientsOff(CallerError):
    """This error means that the gateway does not serve OpenAI's clients."""

    status = 403
    code = "openai_clients_off"
    title = "The routes of OpenAI's clients are switched off"
    default_hint = (
        "Set OPENAI_CLIENTS to filtered or full. The page docs/openai-clients.md says what each of them costs."
    )


class RouteNotFound(CallerError):
    """This error means that the API has this route, or might have it, but not at this gateway."""

    status = 404
    code = "route_not_found"
    title = "This gateway does not have this route"
    default_hint = (
        "It has POST /api/v1/realtime/client_secrets, POST /api/v1/realtime/calls and POST "
        "/api/v1/realtime/calls/{call_id}/hangup, and no other part of the API."
    )


class CallNotFound(CallerError):
    """This error means that no call with this id was made through this gateway."""

    status = 404
    code = "call_not_found"
    title = "This gateway knows no call with this id"
    default_hint = "Use the call id from the Location header of the answer to POST /api/connect."


class ContinuingUnavailable(CallerError):
    """This error means that the call cannot be continued. The detail says why."""

    status = 409
    code = "continuing_unavailable"
    title = "The call cannot be continued"
    default_hint = "Begin a new call, without `continues`. The model will not remember what was said before."


class CallIdNotFound(CallNotFound):
    """This error means the same as CallNotFound. OpenAI's clients know it by the code of the Realtime service."""

    code = "call_id_not_found"
    default_hint = "Use the call id from the Location header of the answer to POST /api/v1/realtime/calls."


class CallNotArchived(CallerError):
    """This error means that the request needs the call's final record, which is not written yet."""

    status = 409
    code = "call_not_archived"
    title = "The record of the call is not complete yet"
    default_hint = "Hang the call up if it is live, and try again some seconds after its end."
    retryable = True


class CallHasEnded(CallerError):
    """This error means that the request needs a live call, and that this call has ended."""

    status = 409
    code = "call_ended"
    title = "The call has ended"
    default_hint = "GET /api/calls/{call_id} returns its summary."


class OperatorsOnly(CallerError):
    """This error means that the route is for operators, and that the caller is not one."""

    status = 403
    code = "operators_only"
    title = "Only operators may do this"
    default_hint = "Sign in as a user who has the role that OPERATOR_ROLE names. REQUIRE_SIGN_IN must be on."


class SteeringUnavailable(CallerError):
    """This error means that the call has no sideband through which an operator could steer it."""

    status = 409
    code = "steering_unavailable"
    title = "An operator cannot steer this call"
    default_hint = "Calls of the preview protocol have no sideband. Calls with REALTIME_PROTOCOL=ga have one."


class EventNotAllowed(CallerError):
    """This error means that an operator may not send this client event, or that its fields are wrong."""

    code = "event_not_allowed"
    title = "An operator may not send this client event"
    default_hint = "The page docs/routes.md lists the client events that an operator may send."


class QueryInvalid(CallerError):
    """This error means that a parameter in the query is not in the form that the route reads."""

    code = "query_invalid"
    title = "The gateway cannot read the query of the request"
    default_hint = "The page docs/routes.md shows the parameters that each route takes."


class EventRefused(CallerError):
    """This error means that the Realtime service answered a client event with an `error` event.

    `error` holds the `type`, `code`, `message` and `param` of that event.
    """

    status = 422
    code = "event_refused"
    title = "The Realtime service refused the client event"
    default_hint = "The member `error` holds what the service said about it."

    def __init__(self, error: Mapping[str, Any]) -> None:
        fields = {name: error.get(name) for name in ("type", "code", "message", "param")}
        self.error = {name: value if isinstance(value, str) else None for name, value in fields.items()}
        super().__init__()
