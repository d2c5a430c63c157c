"""Errors that are the Realtime service's, or of our standing with it."""

from switchboard.errors.base import SwitchboardError


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


class SteeringTimeout(UpstreamError):
    """The service said nothing to a client event in time; it may have had its effect."""

    status = 504
    code = "steering_timeout"
    title = "The realtime service did not answer the event in time"
    default_hint = "Look at the call before you send it again: it may have had its effect."
