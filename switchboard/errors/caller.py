"""Errors that are the request's fault."""

from collections.abc import Mapping
from typing import Any

from switchboard.errors.base import SwitchboardError


class CallerError(SwitchboardError):
    """The request is at fault."""

    status = 400


class OfferMissing(CallerError):
    """There is no SDP offer in the request."""

    code = "offer_missing"
    title = "The request carries no SDP offer"
    default_hint = "Send the offer as an application/sdp body, or as the field sdp of a multipart/form-data body."


class OfferInvalid(CallerError):
    """What was sent is not a plausible SDP offer for audio."""

    code = "offer_invalid"
    title = "This is not an SDP offer for an audio call"
    default_hint = "Send pc.localDescription.sdp as it is, of a connection with an audio transceiver."


class OfferTooLarge(CallerError):
    """The SDP offer is longer than anyone's is."""

    status = 413
    code = "offer_too_large"
    title = "The SDP offer is too large"
    default_hint = "An offer of a browser has 2 to 10 KB; 64 KB are accepted."


class UnsupportedMediaType(CallerError):
    """The Content-Type is none that the route reads."""

    status = 415
    code = "unsupported_media_type"
    title = "The route does not read this media type"
    default_hint = "Use application/sdp or multipart/form-data for an offer, application/json elsewhere."


class BodyInvalid(CallerError):
    """The body is not what the route reads."""

    code = "body_invalid"
    title = "The body of the request cannot be read"
    default_hint = "See docs/routes.md for what this route reads."


class BodyTooLarge(CallerError):
    """The body is over the route's limit."""

    status = 413
    code = "body_too_large"
    title = "The body of the request is too large"
    default_hint = "Send less."


class FieldNotAllowed(CallerError):
    """The caller sent a field that only the server decides."""

    code = "field_not_allowed"
    title = "The session is configured by the server"
    default_hint = "A page may choose voice and language, and nothing else."


class OverrideInvalid(CallerError):
    """A choice the caller may make has a value that is none of its values."""

    code = "override_invalid"
    title = "This choice does not exist"
    default_hint = "GET /api/config lists the voices; languages are ISO 639-1 codes such as en."


class SignInRequired(CallerError):
    """REQUIRE_SIGN_IN is set and nobody is signed in."""

    status = 401
    code = "sign_in_required"
    title = "Sign in first"
    default_hint = "Open /.auth/login/aad, then try again."


class TokenInvalid(CallerError):
    """The bearer looks like one of the gateway's tokens, and is none or not any more."""

    status = 401
    code = "token_invalid"
    title = "The ephemeral token is unknown or has expired"
    default_hint = (
        "Take a new one: POST /api/v1/realtime/client_secrets. A token of the service's own is not good here."
    )


class NotYourCall(CallerError):
    """The call is another caller's."""

    status = 403
    code = "not_your_call"
    title = "This call belongs to somebody else"
    default_hint = "A caller sees and hangs up only their own calls; operators see all."


class CrossSiteRequest(CallerError):
    """A browser sent this from a page of another site."""

    status = 403
    code = "cross_site_request"
    title = "Requests from other sites are refused"
    default_hint = "Name the page's origin in ALLOWED_ORIGINS if it may call this gateway."


class SignallingDisabled(CallerError):
    """SIGNALLING does not include this way."""

    status = 403
    code = "signalling_disabled"
    title = "This way of signalling is switched off"
    default_hint = "GET /api/config says which way is on; the setting is SIGNALLING."


class CallNotFound(CallerError):
    """No such call was made through this gateway."""

    status = 404
    code = "call_not_found"
    title = "There is no such call"
    default_hint = "Use the call id from the Location header of POST /api/connect."


class CallHasEnded(CallerError):
    """What was asked needs a call that is up."""

    status = 409
    code = "call_ended"
    title = "The call has ended"
    default_hint = "GET /api/calls/{call_id} has its summary."


class OperatorsOnly(CallerError):
    """The route is for those who have the operator's role."""

    status = 403
    code = "operators_only"
    title = "Only operators may do this"
    default_hint = "Sign in as somebody who has the role that OPERATOR_ROLE names (REQUIRE_SIGN_IN must be on)."


class SteeringUnavailable(CallerError):
    """The call has no sideband."""

    status = 409
    code = "steering_unavailable"
    title = "This call cannot be steered"
    default_hint = "Calls of the preview protocol have no sideband: REALTIME_PROTOCOL=ga has."


class EventNotAllowed(CallerError):
    """A client event that is none of those an operator may send, or not in its form."""

    code = "event_not_allowed"
    title = "This client event may not be sent"


class EventRefused(CallerError):
    """The service answered a client event with its `error` event; `error` has that event's own fields."""

    status = 422
    code = "event_refused"
    title = "The realtime service refused the event"
    default_hint = "`error` has what the service said about it."

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.error = {name: error.get(name) for name in ("type", "code", "message", "param")}
        super().__init__()


class TooManyCalls(CallerError):
    """All of the caller's places are taken."""

    status = 429
    code = "too_many_calls"
    title = "You are already in as many calls as you may be"
    default_hint = "Hang up another call, or wait: Retry-After says when a place is free at the latest."
    retryable = True
