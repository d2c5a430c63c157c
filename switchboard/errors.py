"""Every error that Switchboard raises on purpose.

    SwitchboardError                   never raised itself
    ├── CallerError                    the request is at fault; sending it again changes nothing
    │   ├── OfferMissing               400 offer_missing
    │   ├── OfferInvalid               400 offer_invalid
    │   ├── OfferTooLarge              413 offer_too_large
    │   ├── UnsupportedMediaType       415 unsupported_media_type
    │   ├── BodyInvalid                400 body_invalid
    │   ├── BodyTooLarge               413 body_too_large
    │   ├── FieldNotAllowed            400 field_not_allowed
    │   ├── OverrideInvalid            400 override_invalid
    │   ├── SignInRequired             401 sign_in_required
    │   ├── NotYourCall                403 not_your_call
    │   ├── CrossSiteRequest           403 cross_site_request
    │   ├── SignallingDisabled         403 signalling_disabled
    │   ├── CallNotFound               404 call_not_found
    │   └── TooManyCalls               429 too_many_calls, Retry-After
    ├── UpstreamError                  the Realtime service is at fault, or our standing with it
    │   ├── UpstreamUnauthorized       502 upstream_unauthorized
    │   ├── UpstreamForbidden          502 upstream_forbidden
    │   ├── DeploymentNotFound         502 deployment_not_found
    │   ├── DeploymentNotRealtime      502 deployment_not_realtime
    │   ├── SessionRejected            502 session_rejected
    │   ├── UpstreamThrottled          503 upstream_throttled, Retry-After
    │   ├── UpstreamFailed             502 upstream_failed
    │   └── UpstreamTimeout            504 upstream_timeout
    ├── StorageUnavailable             503 storage_unavailable
    └── SettingsError                  at start only; names every fault at once

The codes are part of the interface: pages and scripts switch on them. Text from upstream never goes into one of these:
it is logged, redacted, where it was read.
"""

from collections.abc import Sequence
from typing import ClassVar


class SwitchboardError(Exception):
    """The root. `detail` says what happened this time; the class says the rest.

    `status` is the HTTP status a boundary should answer, `retry_after` whole seconds or None.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong in the gateway"
    default_hint: ClassVar[str] = "Try again; when it stays, give the request id to whoever runs this gateway."
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, hint: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.hint = self.default_hint if hint is None else hint
        self.retry_after = retry_after
        # The foreign origin whose page may read this error; the boundary sets it.
        self.allowed_origin: str | None = None


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
    default_hint = "See the routes in the README for what this one reads."


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


class TooManyCalls(CallerError):
    """All of the caller's places are taken."""

    status = 429
    code = "too_many_calls"
    title = "You are already in as many calls as you may be"
    default_hint = "Hang up another call, or wait: Retry-After says when a place is free at the latest."
    retryable = True


class UpstreamError(SwitchboardError):
    """The Realtime service did not do its part."""

    status = 502
    code = "upstream_failed"
    title = "The realtime service failed"


class UpstreamUnauthorized(UpstreamError):
    """Upstream 401, or no token could be had at all."""

    code = "upstream_unauthorized"
    title = "The realtime service does not accept the gateway's credential"


class UpstreamForbidden(UpstreamError):
    """Upstream 403."""

    code = "upstream_forbidden"
    title = "The realtime service forbids this"
    default_hint = (
        "Is the resource in a region with realtime models (East US 2, Sweden Central), and does its network let "
        "the gateway in?"
    )


class DeploymentNotFound(UpstreamError):
    """The resource has no deployment of this name."""

    code = "deployment_not_found"
    title = "The resource has no such deployment"
    default_hint = "REALTIME_DEPLOYMENT must be the deployment's exact name, upper and lower case included."


class DeploymentNotRealtime(UpstreamError):
    """The deployment exists, its model is not a realtime model."""

    code = "deployment_not_realtime"
    title = "The deployment's model is not a realtime model"
    default_hint = "Deploy a realtime model, such as gpt-realtime, and name that deployment in REALTIME_DEPLOYMENT."


class SessionRejected(UpstreamError):
    """Upstream 400 for the session configuration."""

    code = "session_rejected"
    title = "The realtime service refuses the session configuration"
    default_hint = "Look at SESSION_CONFIG, SESSION_VOICE and SESSION_TRANSCRIPTION_DEPLOYMENT; the log has the reason."


class UpstreamThrottled(UpstreamError):
    """Upstream 429."""

    status = 503
    code = "upstream_throttled"
    title = "The realtime service is over its quota"
    default_hint = "Wait as Retry-After says. Realtime models have a quota of their own, apart from other models'."
    retryable = True


class UpstreamFailed(UpstreamError):
    """Upstream 5xx, a reset connection, or an answer that cannot be used."""

    default_hint = "Try again in a moment; the log has what the service said."
    retryable = True


class UpstreamTimeout(UpstreamError):
    """Upstream did not answer in time."""

    status = 504
    code = "upstream_timeout"
    title = "The realtime service did not answer in time"
    default_hint = "Try again in a moment."
    retryable = True


class StorageUnavailable(SwitchboardError):
    """Blob or Queue storage did not do its part."""

    status = 503
    code = "storage_unavailable"
    title = "The gateway's storage does not answer"
    default_hint = "Try again in a moment. No call is left running that could not be recorded."
    retryable = True


class SettingsError(SwitchboardError):
    """The settings cannot work. `faults` has one sentence each, all of them."""

    code = "settings_invalid"
    title = "The settings cannot work"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(["Settings cannot work:", *(f"  - {fault}" for fault in faults)]))
