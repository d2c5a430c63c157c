"""This package defines every error that Switchboard raises on purpose.

    SwitchboardError                   the root, never raised itself
    ├── CallerError                    the request is at fault: sending it again unchanged does not help
    │   ├── OfferMissing               400 offer_missing
    │   ├── OfferInvalid               400 offer_invalid
    │   ├── OfferTooLarge              413 offer_too_large
    │   ├── UnsupportedMediaType       415 unsupported_media_type
    │   ├── BodyInvalid                400 body_invalid
    │   ├── BodyTooLarge               413 body_too_large
    │   ├── FieldNotAllowed            400 field_not_allowed
    │   ├── OverrideInvalid            400 override_invalid
    │   ├── AssistantNotFound          404 assistant_not_found
    │   ├── SignInRequired             401 sign_in_required
    │   ├── TokenInvalid               401 token_invalid
    │   ├── NotYourCall                403 not_your_call
    │   ├── CrossSiteRequest           403 cross_site_request
    │   ├── SignallingDisabled         403 signalling_disabled
    │   ├── OpenAIClientsOff           403 openai_clients_off
    │   ├── RouteNotFound              404 route_not_found
    │   ├── CallNotFound               404 call_not_found
    │   │   └── CallIdNotFound         404 call_id_not_found, for OpenAI's clients
    │   ├── CallNotArchived            409 call_not_archived
    │   ├── ContinuingUnavailable      409 continuing_unavailable
    │   ├── CallHasEnded               409 call_ended
    │   ├── SteeringUnavailable        409 steering_unavailable
    │   ├── OperatorsOnly              403 operators_only
    │   ├── EventNotAllowed            400 event_not_allowed
    │   ├── QueryInvalid               400 query_invalid
    │   ├── EventRefused               422 event_refused, with the service's error
    │   └── LimitReached               the request is in order, but a limit is reached; always with Retry-After
    │       ├── TooManyCalls           429 too_many_calls
    │       ├── GatewayFull            429 gateway_full
    │       ├── TooManyTokens          429 too_many_tokens
    │       ├── DailySecondsSpent      429 daily_seconds_spent
    │       └── BudgetSpent            429 budget_spent
    ├── UpstreamError                  the Realtime service failed, or it refuses the gateway
    │   ├── UpstreamUnauthorized       502 upstream_unauthorized
    │   ├── UpstreamForbidden          502 upstream_forbidden
    │   ├── DeploymentNotFound         502 deployment_not_found
    │   ├── DeploymentNotRealtime      502 deployment_not_realtime
    │   ├── SessionRejected            502 session_rejected
    │   ├── UpstreamThrottled          503 upstream_throttled, Retry-After
    │   ├── UpstreamFailed             502 upstream_failed
    │   │   └── UpstreamUnreachable    502 upstream_failed, and the service received nothing
    │   ├── SidebandFailed             502 sideband_failed
    │   ├── UpstreamTimeout            504 upstream_timeout
    │   └── SteeringTimeout            504 steering_timeout
    ├── StorageUnavailable             503 storage_unavailable
    └── SettingsError                  raised at start only; names every fault at once

The codes are part of the public interface, because pages and scripts act on them. An error never carries text that the
Realtime service sent: that text is redacted and logged where it was read. The one exception is EventRefused, which
gives an operator the fields of the service's own error.
"""

from switchboard.errors.base import SettingsError, StorageUnavailable, SwitchboardError
from switchboard.errors.caller import (
    AssistantNotFound,
    BodyInvalid,
    BodyTooLarge,
    CallerError,
    CallHasEnded,
    CallIdNotFound,
    CallNotArchived,
    CallNotFound,
    ContinuingUnavailable,
    CrossSiteRequest,
    EventNotAllowed,
    EventRefused,
    FieldNotAllowed,
    NotYourCall,
    OfferInvalid,
    OfferMissing,
    OfferTooLarge,
    OpenAIClientsOff,
    OperatorsOnly,
    OverrideInvalid,
    QueryInvalid,
    RouteNotFound,
    SignallingDisabled,
    SignInRequired,
    SteeringUnavailable,
    TokenInvalid,
    UnsupportedMediaType,
)
from switchboard.errors.limits import (
    BudgetSpent,
    DailySecondsSpent,
    GatewayFull,
    LimitReached,
    TooManyCalls,
    TooManyTokens,
)
from switchboard.errors.upstream import (
    DeploymentNotFound,
    DeploymentNotRealtime,
    SessionRejected,
    SidebandFailed,
    SteeringTimeout,
    UpstreamError,
    UpstreamFailed,
    UpstreamForbidden,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnreachable,
)

__all__ = [
    "AssistantNotFound",
    "BodyInvalid",
    "BodyTooLarge",
    "BudgetSpent",
    "CallHasEnded",
    "CallIdNotFound",
    "CallNotArchived",
    "CallNotFound",
    "CallerError",
    "ContinuingUnavailable",
    "CrossSiteRequest",
    "DailySecondsSpent",
    "DeploymentNotFound",
    "DeploymentNotRealtime",
    "EventNotAllowed",
    "EventRefused",
    "FieldNotAllowed",
    "GatewayFull",
    "LimitReached",
    "NotYourCall",
    "OfferInvalid",
    "OfferMissing",
    "OfferTooLarge",
    "OpenAIClientsOff",
    "OperatorsOnly",
    "OverrideInvalid",
    "QueryInvalid",
    "RouteNotFound",
    "SessionRejected",
    "SettingsError",
    "SidebandFailed",
    "SignInRequired",
    "SignallingDisabled",
    "SteeringTimeout",
    "SteeringUnavailable",
    "StorageUnavailable",
    "SwitchboardError",
    "TokenInvalid",
    "TooManyCalls",
    "TooManyTokens",
    "UnsupportedMediaType",
    "UpstreamError",
    "UpstreamFailed",
    "UpstreamForbidden",
    "UpstreamThrottled",
    "UpstreamTimeout",
    "UpstreamUnauthorized",
    "UpstreamUnreachable",
]
