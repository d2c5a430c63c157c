"""Reads requests within limits, and builds answers as plain values. This module knows no web framework."""

import re
from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Annotated, Any, TypeVar

import msgspec
from multipart import MultipartError, MultipartParser, parse_options_header

from switchboard.errors import (
    BodyInvalid,
    BodyTooLarge,
    EventNotAllowed,
    EventRefused,
    FieldNotAllowed,
    OfferMissing,
    OfferTooLarge,
    SwitchboardError,
    UnsupportedMediaType,
)
from switchboard.realtime.client_events import ALLOWED, AnyClientEvent
from switchboard.sdp import MAX_OFFER_BYTES, check_offer

T = TypeVar("T")

MAX_JSON_BYTES = 16 * 1024
# This is room for the headers and boundaries of the parts, in addition to the offer.
_MULTIPART_OVERHEAD = 8 * 1024
# Only the JSON schema of a tool needs more than a dozen levels. Deep JSON is costly for whatever reads or formats it.
MAX_JSON_DEPTH = 32
# This matches a JSON string, closed or not, or a bracket outside strings. It never backtracks.
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{\]}]', re.DOTALL)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Answer(msgspec.Struct, frozen=True):
    """Holds an answer to a request."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str] = {}
    """The headers, by name."""
    body: bytes = b""
    """The body, exactly as it is sent."""


SdpOffer = Annotated[str, msgspec.Meta(description="An SDP offer for audio (RFC 8866) of at most 64 KB.")]


class OfferForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This form contains an SDP offer. Each route says which other fields the form may have."""

    sdp: SdpOffer
    """The SDP offer for audio (RFC 8866), of at most 64 KB."""


class ErrorFields(msgspec.Struct, frozen=True):
    """Describes an error in the form of the Realtime service, which OpenAI's clients read."""

    message: str | None
    """What went wrong, and what to do about it."""
    type: str | None
    """The kind of error, for example `invalid_request_error`."""
    code: str | None
    """The stable code of the error."""
    param: str | None
    """The parameter that the error is about."""


class Problem(msgspec.Struct, frozen=True):
    """Describes an error by the problem details of RFC 9457, with a stable code and a hint."""

    type: str
    """A URN that names the kind of problem; it ends with the code."""
    title: str
    """What the kind of problem means."""
    status: int
    """The HTTP status of the answer."""
    detail: str
    """What went wrong this time."""
    code: str
    """The stable code of the problem, on which programs may rely."""
    hint: str
    """What to do about it."""
    request_id: str
    """The id by which the log knows the request."""
    error: ErrorFields | msgspec.UnsetType = msgspec.UNSET
    """The service's own error about a client event, or the same problem in the form that OpenAI's clients read."""


def json_answer(status: int, value: Any, **headers: str) -> Answer:
    """Return an answer with a JSON body, which no cache may keep."""
    return Answer(
        status, {"Content-Type": "application/json", "Cache-Control": "no-store", **headers}, msgspec.json.encode(value)
    )


def sdp_answer(location: str, sdp: bytes) -> Answer:
    """Return the 201 answer with the service's SDP answer. `location` is the path of the new call."""
    return Answer(201, {"Content-Type": "application/sdp", "Cache-Control": "no-store", "Location": location}, sdp)


def problem_answer(error: SwitchboardError, request_id: str, *, for_openai: bool = False) -> Answer:
    """Return an error as application/problem+json. With `for_openai` it has an `error` that OpenAI's clients read."""
    problem = Problem(
        type=f"urn:switchboard:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        hint=error.hint,
        request_id=request_id,
        error=_error_fields(error, for_openai=for_openai),
    )
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Answer(error.status, headers, msgspec.json.encode(problem))


def read_offer(content_type: str, body: bytes, form: type[OfferForm]) -> tuple[bytes, dict[str, str]]:
    """Return the SDP offer of a request, and the other fields of `form` that came with it.

    The body is either the offer itself (`application/sdp`) or a form (`multipart/form-data`) with the field `sdp`.
    Raises OfferMissing, OfferInvalid or OfferTooLarge if the offer is at fault, FieldNotAllowed if the form has another
    field, BodyInvalid if the form cannot be read, and UnsupportedMediaType if the body is neither.
    """
    kind, options = parse_options_header(content_type)
    if kind == "application/sdp":
        return check_offer(body), {}
    if kind == "multipart/form-data":
        fields = _form(body, options.get("boundary", ""), form.__struct_fields__)
        return check_offer(fields.pop("sdp", b"")), {
            name: value.decode(errors="replace") for name, value in fields.items()
        }
    if not body:
        raise OfferMissing
    raise _not_read_here(kind)


def read_json(content_type: str, body: bytes, kind: type[T], most: int = MAX_JSON_BYTES) -> T:
    """Return a JSON body of at most `most` bytes and 32 nested levels, decoded as `kind`.

    Raises BodyTooLarge if it is longer, UnsupportedMediaType if it is not declared as JSON, and BodyInvalid, which says
    what is wrong, if it is nested deeper or cannot be decoded.
    """
    if len(body) > most:
        raise BodyTooLarge(f"The body has {len(body)} bytes; {most} are accepted.")
    media, _ = parse_options_header(content_type)
    if media != "application/json":
        raise _not_read_here(media)
    if _deeper(body, MAX_JSON_DEPTH):
        raise BodyInvalid(
            f"The JSON is nested more than {MAX_JSON_DEPTH} levels deep.",
            hint=f"Send objects and arrays that are nested {MAX_JSON_DEPTH} levels deep at most.",
        )
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BodyInvalid(str(error) if isinstance(error, msgspec.MsgspecError) else "This is not JSON.") from error


def read_client_event(content_type: str, body: bytes) -> AnyClientEvent:
    """Return the client event in a body.

    Raises EventNotAllowed if an operator may not send this event or one of its fields, BodyTooLarge if the body is
    longer than 16 KB, and UnsupportedMediaType if it is not declared as JSON.
    """
    try:
        event: AnyClientEvent = read_json(content_type, body, AnyClientEvent)  # type: ignore[arg-type]
    except BodyInvalid as error:
        raise EventNotAllowed(error.detail, hint=f"An operator may send {', '.join(ALLOWED)}.") from error
    return event


def safe_request_id(text: str) -> str:
    """Return the request id if it is safe in a log line and in a header, and an empty text otherwise."""
    return text if _REQUEST_ID.fullmatch(text) else ""


def _not_read_here(media_type: str) -> UnsupportedMediaType:
    """Return the error that names a media type. Anybody may have made it up, so it is cut short and escaped."""
    return UnsupportedMediaType(
        f"{ascii(media_type[:80])[1:-1] if media_type else 'No Content-Type'} is not read here."
    )


def _deeper(text: bytes, most: int) -> bool:
    """Return whether objects and arrays are nested more than `most` levels deep. The text need not be valid JSON."""
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        bracket = token.group()
        if bracket in (b"[", b"{"):
            depth += 1
            if depth > most:
                return True
        elif bracket in (b"]", b"}"):
            depth -= 1
    return False


def _error_fields(error: SwitchboardError, *, for_openai: bool) -> ErrorFields | msgspec.UnsetType:
    """Return the service's error about a refused event, or the error in its form for OpenAI's clients, or nothing."""
    if isinstance(error, EventRefused):
        return ErrorFields(**error.error)
    if not for_openai:
        return msgspec.UNSET
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    # These clients show only the message, so it must contain the hint.
    return ErrorFields(f"{error.detail.rstrip('.')}. {error.hint}", kind, error.code, None)


def _form(body: bytes, boundary: str, allowed: Collection[str]) -> dict[str, bytes]:
    if not boundary:
        raise BodyInvalid("The Content-Type names no boundary.")
    if len(body) > MAX_OFFER_BYTES + _MULTIPART_OVERHEAD:
        raise OfferTooLarge(f"The form has {len(body)} bytes; an offer of {MAX_OFFER_BYTES} is accepted.")
    fields: dict[str, bytes] = {}
    try:
        # The body is in memory already: no part of it goes to a temporary file.
        parser = MultipartParser(BytesIO(body), boundary, len(body), strict=True, spool_limit=len(body))
        for part in parser:
            name = part.name or ""
            if name not in allowed:
                raise FieldNotAllowed(
                    f"The form has a field {name[:40]!r}, which is none of {', '.join(sorted(allowed))}."
                )
            if name in fields:
                raise BodyInvalid(f"The form has the field {name} twice.")
            fields[name] = part.raw
    except MultipartError as error:
        raise BodyInvalid("The multipart body cannot be read.") from error
    return fields
