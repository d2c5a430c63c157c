"""This module defines the errors of the Realtime service, and of the gateway's access to it."""

from switchboard.errors.base import SwitchboardError


class UpstreamError(SwitchboardError):
    """This error means that the Realtime service failed or refused the gateway. Only its subclasses are raised."""

    status = 502
    code = "upstream_failed"
    title = "The Realtime service failed"


class UpstreamUnauthorized(UpstreamError):
    """This error means that the service answered 401, or that the gateway could not get an Entra token."""

    code = "upstream_unauthorized"
    title = "The Realtime service does not accept the gateway's credential"


class UpstreamForbidden(UpstreamError):
    """This error means that the service answered 403."""

    code = "upstream_forbidden"
    title = "The Realtime service does not allow this request"
    default_hint = (
        "Check that the resource is in a region that has realtime models (East US 2, Sweden Central), and that its "
        "network rules let the gateway in."
    )


class DeploymentNotFound(UpstreamError):
    """This error means that the resource has no deployment with the name in REALTIME_DEPLOYMENT."""

    code = "deployment_not_found"
    title = "The resource has no deployment with this name"
    default_hint = "Set REALTIME_DEPLOYMENT to the exact name of the deployment. Upper and lower case matter."


class DeploymentNotRealtime(UpstreamError):
    """This error means that the deployment exists, but that its model is not a realtime model."""

    code = "deployment_not_realtime"
    title = "The deployment's model is not a realtime model"
    default_hint = "Deploy a realtime model, such as gpt-realtime, and name that deployment in REALTIME_DEPLOYMENT."


class SessionRejected(UpstreamError):
    """This error means that the session configuration is not possible: the service or the gateway refused it."""

    code = "session_rejected"
    title = "The Realtime service refuses the session configuration"
    default_hint = (
        "Check SESSION_CONFIG, SESSION_VOICE and SESSION_TRANSCRIPTION_DEPLOYMENT. The gateway's log has the reason."
    )


class UpstreamThrottled(UpstreamError):
    """This error means that the service answered 429."""

    status = 503
    code = "upstream_throttled"
    title = "The quota of the Realtime service is used up"
    default_hint = (
        "Wait for the seconds in Retry-After. Realtime models have a quota of their own, separate from other models."
    )
    retryable = True


class UpstreamFailed(UpstreamError):
    """This error means that the service answered 5xx, closed the connection, or sent an unusable answer."""

    default_hint = "Try again in a moment. The gateway's log has what the service said."
    retryable = True


class UpstreamUnreachable(UpstreamFailed):
    """This error means that no connection to the service could be made, so that the service received nothing."""

    title = "The gateway could not connect to the Realtime service"


class SidebandFailed(UpstreamError):
    """This error means that the sideband could not be opened, although the call may be up.

    `handshake_status` is the HTTP status of the handshake, or 0 if the network failed.
    """

    code = "sideband_failed"
    title = "The gateway could not open the sideband of the call"
    default_hint = "Try again in a moment. Nothing was sent into the call, and the call itself may be up."
    retryable = True

    def __init__(self, handshake_status: int = 0) -> None:
        self.handshake_status = handshake_status
        reason = f"ended with the status {handshake_status}" if handshake_status else "failed"
        super().__init__(f"The handshake of the sideband {reason}.")


class UpstreamTimeout(UpstreamError):
    """This error means that the service did not answer in time."""

    status = 504
    code = "upstream_timeout"
    title = "The Realtime service did not answer in time"
    default_hint = "Try again in a moment."
    retryable = True


class SteeringTimeout(UpstreamError):
    """This error means that the service did not answer a client event in time. It may still have taken effect."""

    status = 504
    code = "steering_timeout"
    title = "The Realtime service did not answer the client event in time"
    default_hint = "Look at the call before you send the event again, because it may have taken effect."
