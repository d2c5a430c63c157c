"""What a route takes and what it answers, as plain values.

No function can be registered without such a description (`routes`), and the OpenAPI document is made of nothing else
(`openapi`): the form of a body comes from the struct that the handler decodes or encodes.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from switchboard.errors import (
    BodyInvalid,
    BodyTooLarge,
    CallNotFound,
    CrossSiteRequest,
    DeploymentNotFound,
    DeploymentNotRealtime,
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

Errors = tuple[type[SwitchboardError], ...]

# What goes wrong in more than one route.
BAD_JSON: Errors = (BodyInvalid, BodyTooLarge, UnsupportedMediaType)
BAD_OFFER: Errors = (OfferMissing, OfferInvalid, OfferTooLarge, UnsupportedMediaType, BodyInvalid, OverrideInvalid)
NO_SUCH_CALL: Errors = (CallNotFound, NotYourCall, StorageUnavailable)
NO_NEW_CALL: Errors = (SignallingDisabled, TooManyCalls, StorageUnavailable)
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
    """A body in one media type."""

    media_type: str
    kind: Any
    """The type of the body, as msgspec understands it; for a form the struct that names its fields."""
    example: Any
    """A value of that type."""


class Header(msgspec.Struct, frozen=True):
    """A header of an answer."""

    description: str
    example: str
    pattern: str
    """A regular expression that every value matches."""


class Reply(msgspec.Struct, frozen=True):
    """An answer to a request that went well."""

    status: int
    description: str
    content: Content | None = None
    headers: Mapping[str, Header] = {}


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one route. Its class says who may send such a request."""

    name: str
    """The name of the function, in Azure and in the document; dashboards and alerts know it."""
    method: str
    path: str
    """The route below /api, such as `calls/{call_id}`."""
    tag: str
    """The heading under which the document lists the route."""
    summary: str
    description: str = ""
    query: type[msgspec.Struct] | None = None
    """The struct whose fields are the query parameters, all of them optional."""
    bodies: tuple[Content, ...] = ()
    """The forms in which the body may come."""
    body_required: bool = True
    also: tuple[Any, ...] = ()
    """Structs that the bodies refer to by name, because the handler reads them in a second step."""
    replies: tuple[Reply, ...]
    errors: Errors = ()
    """What the handler may raise, beside what `always` names."""
    for_openai: bool = False
    """Whether errors also carry the `error` that OpenAI's clients read."""

    always: ClassVar[Errors] = (SwitchboardError,)
    """What the boundary itself may answer to such a request."""
    security: ClassVar[tuple[str, ...] | None] = None
    """The security schemes of which a request may use one, or none where the gateway does not require sign-in."""


class Open(Operation, frozen=True, kw_only=True):
    """A request that anybody may send."""


class Guarded(Operation, frozen=True, kw_only=True):
    """A request of a known caller, from the gateway's own pages or from an allowed origin."""

    always: ClassVar[Errors] = (*Operation.always, CrossSiteRequest, SignInRequired)
    security: ClassVar[tuple[str, ...] | None] = ("visitor", "signed_in")


class WithToken(Operation, frozen=True, kw_only=True):
    """A request with one of the gateway's ephemeral tokens, or else as `Guarded`."""

    always: ClassVar[Errors] = (*Guarded.always, TokenInvalid, StorageUnavailable)
    security: ClassVar[tuple[str, ...] | None] = ("token", "visitor", "signed_in")
