"""Describes routes as plain values: what each takes, what it answers, and how it refuses.

No function can be registered without such a description (`routes`), and the OpenAPI document is made from these
descriptions alone (`openapi`). The schema of a body comes from the struct that the handler decodes or encodes.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from switchboard.errors import (
    BodyInvalid,
    BodyTooLarge,
    BudgetSpent,
    CallNotFound,
    CrossSiteRequest,
    DailySecondsSpent,
    DeploymentNotFound,
    DeploymentNotRealtime,
    GatewayFull,
    NotYourCall,
    OfferInvalid,
    OfferMissing,
    OfferTooLarge,
    OverrideInvalid,
    SessionRejected,
    SignallingDisabled,
    SignInRequired,
    StorageUnavailable,
    SwitchboardError,
    TokenInvalid,
    TooManyCalls,
    UnsupportedMediaType,
    UpstreamFailed,
    UpstreamForbidden,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnauthorized,
)
from switchboard.realtime.service import CALL_ID_PATTERN

Errors = tuple[type[SwitchboardError], ...]

# An empty text names no call.
EarlierCall = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": f"^({CALL_ID_PATTERN})?$"})]

# More than one route raises each of these groups of errors.
BAD_JSON: Errors = (BodyInvalid, BodyTooLarge, UnsupportedMediaType)
BAD_OFFER: Errors = (OfferMissing, OfferInvalid, OfferTooLarge, UnsupportedMediaType, BodyInvalid, OverrideInvalid)
NO_SUCH_CALL: Errors = (CallNotFound, NotYourCall, StorageUnavailable)
NO_NEW_CALL: Errors = (
    SignallingDisabled,
    TooManyCalls,
    GatewayFull,
    DailySecondsSpent,
    BudgetSpent,
    StorageUnavailable,
)
UPSTREAM: Errors = (
    UpstreamUnauthorized,
    UpstreamForbidden,
    DeploymentNotFound,
    DeploymentNotRealtime,
    UpstreamThrottled,
    UpstreamFailed,
    UpstreamTimeout,
)
UPSTREAM_SESSION: Errors = (*UPSTREAM, SessionRejected)


class Content(msgspec.Struct, frozen=True):
    """Describes a body in one media type."""

    media_type: str
    """The media type, such as `application/json`."""
    kind: Any
    """The type of the body, as msgspec understands it. For a form it is the struct that names the form's fields."""
    example: Any
    """A value of that type."""


class Header(msgspec.Struct, frozen=True):
    """Describes a header of an answer."""

    description: str
    """What the header means."""
    example: str
    """A value that it may have."""
    pattern: str
    """A regular expression that every value matches."""


class Reply(msgspec.Struct, frozen=True):
    """Describes the answer to a successful request."""

    status: int
    """The HTTP status."""
    description: str
    """What the answer means."""
    content: Content | None = None
    """The body; None if there is none."""
    headers: Mapping[str, Header] = {}
    """The headers that only this answer has, by name."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Describes one method of one route. The subclass says who may send such a request."""

    name: str
    """The name of the function in Azure and in the document. Dashboards and alerts use it."""
    method: str
    """The HTTP method."""
    path: str
    """The route below /api, such as `calls/{call_id}`."""
    tag: str
    """The heading under which the document lists the route."""
    summary: str
    """What the request does, in a few words."""
    description: str = ""
    """What else a caller must know; empty if there is nothing."""
    query: type[msgspec.Struct] | None = None
    """The struct whose fields are the query parameters, which are all optional; None if there are none."""
    bodies: tuple[Content, ...] = ()
    """The body in each of the media types that the route reads."""
    body_required: bool = True
    """Whether a request must have a body."""
    also: tuple[Any, ...] = ()
    """Structs that the bodies refer to by name, because the handler reads them in a second step."""
    replies: tuple[Reply, ...]
    """The answers to successful requests."""
    errors: Errors = ()
    """The errors that the handler may raise, in addition to those in `always`."""
    for_openai: bool = False
    """Whether problems also have the `error` that OpenAI's clients read."""

    always: ClassVar[Errors] = (SwitchboardError,)
    """The errors that the boundary itself may answer with."""
    security: ClassVar[tuple[str, ...] | None] = None
    """The security schemes of which a request may use one; None if anybody may send the request."""


class Open(Operation, frozen=True, kw_only=True):
    """Describes a request that anybody may send."""


class Guarded(Operation, frozen=True, kw_only=True):
    """Describes a request of a known caller, from the gateway's own site or from an allowed origin."""

    always: ClassVar[Errors] = (*Operation.always, CrossSiteRequest, SignInRequired)
    security: ClassVar[tuple[str, ...] | None] = ("visitor", "signed_in")


class WithToken(Operation, frozen=True, kw_only=True):
    """Describes a request with one of the gateway's ephemeral tokens. Without one it is treated as `Guarded`."""

    always: ClassVar[Errors] = (*Guarded.always, TokenInvalid, StorageUnavailable)
    security: ClassVar[tuple[str, ...] | None] = ("token", "visitor", "signed_in")
